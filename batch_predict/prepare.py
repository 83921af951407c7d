"""A ref -> what the networks will see of its file: read, decode, normalize."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from errno import ENOMEM
from hashlib import sha256
from itertools import compress
from typing import Final, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from batch_predict.decode import decode
from batch_predict.decode.memory import SHORTAGE, is_shortage
from batch_predict.decode.scanlines import Scanlines, pixels_of, scanlines
from batch_predict.errors import causes, describe, in_one_line
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize, pass_as_they_are
from batch_predict.opencv import cv2
from batch_predict.options import Options
from batch_predict.records import (
    SIDE,
    Code,
    Failure,
    ImageRef,
    Picture,
    Prepared,
    Reason,
    Reduced,
)
from batch_predict.storage import ChangedError, Content, MemberError, Source, open_input
from batch_predict.storage.picture_names import unread_words

# A file that is larger than any picture of the allowed size is not even read.
BYTES_PER_PIXEL: Final = 8  # RGBA of 16 bits, not compressed
FILE_SIZE: Final = 64 << 20  # bytes, always allowed: metadata has no pixels
# What becomes of a file of a kind that is not read: its bytes are taken for those of another.
_OF_UNREAD: Final = frozenset({Code.NOT_AN_IMAGE, Code.CORRUPT, Code.TRUNCATED})


class Postponed(NamedTuple):
    """A picture that a capped step has not decoded, because it has more pixels than the cap.

    It is no failure: the picture may well be one that the run accepts. The step without a cap
    decides that.
    """

    ref: ImageRef


#: what becomes of a file in a worker; `Reduced` goes on to the ink map
PreparedItem: TypeAlias = Prepared | Reduced | Failure | Postponed


class Plain(NamedTuple):
    """A file that is finished together with others."""

    content_sha256: bytes  # see `ImageRef`
    scanlines: Scanlines


class Together(NamedTuple):
    """What became of files that were finished together, by the places of their refs."""

    places: list[int]  # of those whose pixels the classifier will see as they are
    pixels: NDArray[np.uint8]  # (n, 28, 28), theirs
    hashes: list[bytes]  # (n,) `content_sha256` of theirs, see `ImageRef`
    others: dict[int, PreparedItem]


class PrepareStep(Protocol):
    """Refs -> what the networks will see of their files. Every engine runs such a step.

    It is picklable, and it gives the same answer in every process. What takes less time for many
    pictures together is done in two parts: `begin` and `finish`. A step need not have them.
    """

    @property
    def survives_fork(self) -> bool:
        """Whether a fork of this process can run the step; if not, only a new process can."""
        ...

    def each(self, refs: Sequence[ImageRef]) -> Iterator[PreparedItem]:
        """What became of the files of `refs`, in order; a failure is a value.

        The ref of what was read has its `content_sha256`. Only a capped step gives `Postponed`.
        """
        ...

    def begin(self, refs: Sequence[ImageRef]) -> Iterator[PreparedItem | Plain]:
        """As `each`, but plain files as `finish` takes them together."""
        return self.each(refs)

    def finish(self, refs: Sequence[ImageRef], files: Mapping[int, Plain]) -> Together:
        """What becomes of the plain `files` that `begin` gave, by their places in `refs`.

        Raises:
            MemoryError: there is too little of it for so many together.
        """
        return Together([], np.empty((0, SIDE, SIDE), np.uint8), [], {})

    def capped(self, pixels: int) -> "PrepareStep":
        """This step, but it gives `Postponed` for a picture of more than `pixels`.

        The step itself has to tell, because the size of a picture is known only once the header
        of its file is read; and it has to tell before it decodes, because the decoded pixels are
        what takes the memory.
        """
        ...


@dataclass(frozen=True)
class Prepare(PrepareStep):
    """See `PrepareStep`: the files of a folder or bucket, or what an archive holds."""

    in_dir: str
    max_pixels: int  # of a picture: a larger one is a failure
    preprocess: Preprocess
    polarity: Polarity
    cap: int | None = None  # pixels of a picture: a larger one is postponed; None: none is
    archives: bool = False  # whether those in a folder are opened

    @classmethod
    def of(cls, options: Options) -> "Prepare":
        """As the run that `options` describe does it."""
        return cls(
            options.in_dir,
            options.max_pixels,
            options.preprocess,
            options.polarity,
            archives=options.archives,
        )

    @property
    def survives_fork(self) -> bool:
        """See `PrepareStep`."""
        return self.source.survives_fork

    @property
    def source(self) -> Source:
        """Where the files lie; raises as `open_input`."""
        return open_input(self.in_dir, archives=self.archives)

    def each(self, refs: Sequence[ImageRef]) -> Iterator[PreparedItem]:
        """See `PrepareStep`; the files are read together."""
        return (self.of_content(ref, content) for ref, content in self._contents(refs))

    def begin(self, refs: Sequence[ImageRef]) -> Iterator[PreparedItem | Plain]:
        """See `PrepareStep`."""
        takes_plain = self._limit >= SIDE * SIDE
        for ref, content in self._contents(refs):
            lines = scanlines(content) if takes_plain and isinstance(content, bytes) else None
            if lines and isinstance(content, bytes):
                yield Plain(sha256(content).digest(), lines)
            else:
                yield self.of_content(ref, content)

    def finish(self, refs: Sequence[ImageRef], files: Mapping[int, Plain]) -> Together:
        """See `PrepareStep`."""
        places = np.fromiter(files, np.intp)
        pixels = pixels_of([file.scanlines for file in files.values()])
        passes = pass_as_they_are(pixels, self.preprocess)
        passing = places[passes].tolist()
        others = zip(places[~passes].tolist(), pixels[~passes], strict=True)
        return Together(
            passing,
            pixels[passes],
            [files[place].content_sha256 for place in passing],
            {
                place: self.normalize(
                    Picture(_read(refs[place], files[place].content_sha256), picture)
                )
                for place, picture in others
            },
        )

    def capped(self, pixels: int) -> "Prepare":
        """See `PrepareStep`."""
        return replace(self, cap=pixels)

    def picture(self, ref: ImageRef) -> Picture | None:
        """`ref`'s file as it is; None where it can't be read."""
        ((_, content),) = self._contents((ref,))
        return self.decoded(ref, content)

    def decoded(self, ref: ImageRef, content: Content | Failure) -> Picture | None:
        """The picture whose file's content is in memory; None where it is none."""
        picture = self._picture(ref, content)
        return picture if isinstance(picture, Picture) else None

    def of_content(self, ref: ImageRef, content: Content | Failure) -> PreparedItem:
        """What became of a picture whose file's content is in memory, or why it is not."""
        if isinstance(content, bytes):
            ref = _read(ref, sha256(content).digest())
        picture = self._picture(ref, content)
        if self._limit < self.max_pixels and _is_too_large(picture):
            return Postponed(ref)
        return self.normalize(picture) if isinstance(picture, Picture) else picture

    def normalize(self, picture: Picture) -> Prepared | Reduced | Failure:
        """See `normalize.pipeline`; a failure where there is too little memory for that."""
        return normalized(picture, self.preprocess, self.polarity)

    @property
    def _limit(self) -> int:
        return self.max_pixels if self.cap is None else min(self.cap, self.max_pixels)

    def _contents(self, refs: Sequence[ImageRef]) -> Iterator[tuple[ImageRef, Content | Failure]]:
        """What the files of `refs` hold; failures of those that are not even read."""
        most = max(FILE_SIZE, BYTES_PER_PIXEL * self._limit)
        fits = [ref.fault is None and (ref.size is None or ref.size <= most) for ref in refs]
        contents = self.source.read_each(list(compress(refs, fits)))
        for ref, is_read in zip(refs, fits, strict=True):
            content = next(contents) if is_read else _unfit(ref)
            if isinstance(content, bytes) and len(content) > most:  # the listing had no size of it
                content = Failure(ref, _too_long(len(content)))
            yield ref, content

    def _picture(self, ref: ImageRef, content: Content | Failure) -> Picture | Failure:
        if isinstance(content, Failure):
            return content
        if isinstance(content, OSError):
            return _unread(ref, content)
        picture = decode(ref, content, self.max_pixels, self._limit)
        return _named(picture) if isinstance(picture, Failure) and content else picture


def _read(ref: ImageRef, content: bytes) -> ImageRef:
    return ref._replace(content_sha256=content)


def normalized(
    picture: Picture, preprocess: Preprocess, polarity: Polarity
) -> Prepared | Reduced | Failure:
    """See `normalize`; a failure where there is too little memory for that."""
    try:
        return normalize(picture, preprocess, polarity)
    except (MemoryError, cv2.error) as error:
        if not is_shortage(error):
            raise
        return Failure(picture.ref, SHORTAGE, describe(error))


def _is_too_large(picture: Picture | Failure) -> bool:
    return isinstance(picture, Failure) and picture.reason.code is Code.TOO_LARGE


def _unfit(ref: ImageRef) -> Failure:
    """Of a file that is not to be read."""
    return Failure(ref, ref.fault or _too_long(ref.size or 0))


def _too_long(size: int) -> Reason:
    return Reason(Code.TOO_LARGE, f"a file of {size} bytes")


def _named(failure: Failure) -> Failure:
    """`failure`, of a file that is not empty, with what its name says where its bytes say less."""
    words = unread_words(failure.ref.path)
    if words is None or failure.reason.code not in _OF_UNREAD:
        return failure
    return failure._replace(reason=Reason(Code.UNSUPPORTED, words))


def _unread(ref: ImageRef, error: OSError) -> Failure:
    if ref.path.endswith("/"):  # reading it fails as listing it did
        reason = Reason(Code.UNREADABLE, "the folder can't be listed")
    elif isinstance(error, MemberError):
        reason = error.reason
    elif error.errno == ENOMEM:
        reason = SHORTAGE
    elif isinstance(error, FileNotFoundError):
        reason = Reason(Code.VANISHED, "the file was gone when its turn came")
    elif isinstance(error, ChangedError):
        reason = Reason(Code.UNREADABLE, "the file changed after it was listed")
    else:
        reason = Reason(Code.UNREADABLE, "the file can't be read")
    return Failure(ref, reason, in_one_line([describe(error), *causes(error)]))
