"""A ref -> what the networks will see of its file: read, decode, normalize."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from errno import ENOMEM
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
from batch_predict.storage import ChangedError, Content, open_storage, survives_fork
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


class Together(NamedTuple):
    """What became of files that were finished together, by the places of their refs."""

    places: list[int]  # of those whose pixels the classifier will see as they are
    pixels: NDArray[np.uint8]  # (n, 28, 28), theirs
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

        Only a capped step gives `Postponed`.
        """
        ...

    def begin(self, refs: Sequence[ImageRef]) -> Iterator[PreparedItem | Scanlines]:
        """As `each`, but of plain files the scanlines, which `finish` takes together."""
        return self.each(refs)

    def finish(self, refs: Sequence[ImageRef], files: Mapping[int, Scanlines]) -> Together:
        """What becomes of the `files`, by their places in `refs`, that `begin` gave scanlines of.

        Raises:
            MemoryError: there is too little of it for so many together.
        """
        return Together([], np.empty((0, SIDE, SIDE), np.uint8), {})

    def capped(self, pixels: int) -> "PrepareStep":
        """This step, but it gives `Postponed` for a picture of more than `pixels`.

        The step itself has to tell, because the size of a picture is known only once the header
        of its file is read; and it has to tell before it decodes, because the decoded pixels are
        what takes the memory.
        """
        ...


@dataclass(frozen=True)
class Prepare(PrepareStep):
    """See `PrepareStep`: the files of a folder or bucket."""

    in_dir: str
    max_pixels: int  # of a picture: a larger one is a failure
    preprocess: Preprocess
    polarity: Polarity
    cap: int | None = None  # pixels of a picture: a larger one is postponed; None: none is

    @classmethod
    def of(cls, options: Options) -> "Prepare":
        """As the run that `options` describe does it."""
        return cls(options.in_dir, options.max_pixels, options.preprocess, options.polarity)

    @property
    def survives_fork(self) -> bool:
        """See `PrepareStep`."""
        return survives_fork(self.in_dir)

    def each(self, refs: Sequence[ImageRef]) -> Iterator[PreparedItem]:
        """See `PrepareStep`; the files are read together."""
        return (self.of_content(ref, content) for ref, content in self._contents(refs))

    def begin(self, refs: Sequence[ImageRef]) -> Iterator[PreparedItem | Scanlines]:
        """See `PrepareStep`."""
        takes_plain = self._limit >= SIDE * SIDE
        for ref, content in self._contents(refs):
            plain = scanlines(content) if takes_plain and isinstance(content, bytes) else None
            yield plain or self.of_content(ref, content)

    def finish(self, refs: Sequence[ImageRef], files: Mapping[int, Scanlines]) -> Together:
        """See `PrepareStep`."""
        places = np.fromiter(files, np.intp)
        pixels = pixels_of(list(files.values()))
        passes = pass_as_they_are(pixels, self.preprocess)
        others = zip(places[~passes].tolist(), pixels[~passes], strict=True)
        return Together(
            places[passes].tolist(),
            pixels[passes],
            {place: self.normalize(Picture(refs[place], picture)) for place, picture in others},
        )

    def capped(self, pixels: int) -> "Prepare":
        """See `PrepareStep`."""
        return replace(self, cap=pixels)

    def picture(self, ref: ImageRef) -> Picture | None:
        """`ref`'s file as it is; None where it can't be read."""
        ((_, content),) = self._contents((ref,))
        picture = self._picture(ref, content)
        return picture if isinstance(picture, Picture) else None

    def of_content(self, ref: ImageRef, content: Content | Failure) -> PreparedItem:
        """What became of a picture whose file's content is in memory, or why it is not."""
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
        fits = [ref.size is None or ref.size <= most for ref in refs]
        contents = open_storage(self.in_dir).read_each(list(compress(refs, fits)))
        for ref, is_read in zip(refs, fits, strict=True):
            yield ref, next(contents) if is_read else _too_large(ref)

    def _picture(self, ref: ImageRef, content: Content | Failure) -> Picture | Failure:
        if isinstance(content, Failure):
            return content
        if isinstance(content, OSError):
            return _unread(ref, content)
        picture = decode(ref, content, self.max_pixels, self._limit)
        return _named(picture) if isinstance(picture, Failure) and content else picture


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


def _too_large(ref: ImageRef) -> Failure:
    return Failure(ref, Reason(Code.TOO_LARGE, f"a file of {ref.size} bytes"))


def _named(failure: Failure) -> Failure:
    """`failure`, of a file that is not empty, with what its name says where its bytes say less."""
    words = unread_words(failure.ref.path)
    if words is None or failure.reason.code not in _OF_UNREAD:
        return failure
    return failure._replace(reason=Reason(Code.UNSUPPORTED, words))


def _unread(ref: ImageRef, error: OSError) -> Failure:
    if ref.path.endswith("/"):  # reading it fails as listing it did
        reason = Reason(Code.UNREADABLE, "the folder can't be listed")
    elif error.errno == ENOMEM:
        reason = SHORTAGE
    elif isinstance(error, FileNotFoundError):
        reason = Reason(Code.VANISHED, "the file was gone when its turn came")
    elif isinstance(error, ChangedError):
        reason = Reason(Code.UNREADABLE, "the file changed after it was listed")
    else:
        reason = Reason(Code.UNREADABLE, "the file can't be read")
    return Failure(ref, reason, in_one_line([describe(error), *causes(error)]))
