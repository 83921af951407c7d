"""A ref -> what the networks will see of its file: read, decode, normalize."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from errno import ENOMEM
from typing import Final, NamedTuple, Protocol, TypeAlias

from batch_predict.decode import decode
from batch_predict.decode.memory import SHORTAGE, is_shortage
from batch_predict.errors import causes, describe, in_one_line
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.opencv import cv2
from batch_predict.options import Options
from batch_predict.records import (
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


class PrepareStep(Protocol):
    """Refs -> what the networks will see of their files. Every engine runs such a step.

    It is picklable, and it gives the same answer in every process.
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

    def capped(self, pixels: int) -> "PrepareStep":
        """This step, but it gives `Postponed` for a picture of more than `pixels`.

        The step itself has to tell, because the size of a picture is known only once the header
        of its file is read; and it has to tell before it decodes, because the decoded pixels are
        what takes the memory.
        """
        ...


@dataclass(frozen=True)
class Prepare:
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
        for picture in self._pictures(refs):
            yield self.normalize(picture) if isinstance(picture, Picture) else picture

    def capped(self, pixels: int) -> "Prepare":
        """See `PrepareStep`."""
        return replace(self, cap=pixels)

    def picture(self, ref: ImageRef) -> Picture | None:
        """`ref`'s file as it is; None where it can't be read."""
        (picture,) = self._pictures((ref,))
        return picture if isinstance(picture, Picture) else None

    def of_content(self, ref: ImageRef, content: bytes) -> PreparedItem:
        """What became of a picture whose file's content is in memory."""
        picture = decode(ref, content, self.max_pixels, self._limit)
        if self._is_postponed(picture):
            return Postponed(ref)
        return self.normalize(picture) if isinstance(picture, Picture) else picture

    def normalize(self, picture: Picture) -> Prepared | Reduced | Failure:
        """See `normalize.pipeline`; a failure where there is too little memory for that."""
        return normalized(picture, self.preprocess, self.polarity)

    @property
    def _limit(self) -> int:
        return self.max_pixels if self.cap is None else min(self.cap, self.max_pixels)

    def _is_postponed(self, picture: Picture | Failure) -> bool:
        return self._limit < self.max_pixels and _is_too_large(picture)

    def _pictures(self, refs: Sequence[ImageRef]) -> Iterator[Picture | Failure | Postponed]:
        for picture in self._within(self._limit, refs):
            if self._is_postponed(picture):
                yield Postponed(picture.ref)
            else:
                yield picture

    def _within(self, limit: int, refs: Sequence[ImageRef]) -> Iterator[Picture | Failure]:
        refusals = [_refusal(ref, limit) for ref in refs]
        wanted = [ref for ref, refused in zip(refs, refusals, strict=True) if not refused]
        contents = open_storage(self.in_dir).read_each(wanted)
        for ref, refused in zip(refs, refusals, strict=True):
            yield refused or _decode(ref, next(contents), self.max_pixels, limit)


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


def _refusal(ref: ImageRef, max_pixels: int) -> Failure | None:
    """Why `ref`'s file is not even read."""
    if ref.size is not None and ref.size > max(FILE_SIZE, BYTES_PER_PIXEL * max_pixels):
        return Failure(ref, Reason(Code.TOO_LARGE, f"a file of {ref.size} bytes"))
    return None


def _named(failure: Failure) -> Failure:
    """`failure`, of a file that is not empty, with what its name says where its bytes say less."""
    words = unread_words(failure.ref.path)
    if words is None or failure.reason.code not in _OF_UNREAD:
        return failure
    return failure._replace(reason=Reason(Code.UNSUPPORTED, words))


def _decode(ref: ImageRef, content: Content, max_pixels: int, cap: int) -> Picture | Failure:
    if isinstance(content, bytes):
        picture = decode(ref, content, max_pixels, cap)
        return _named(picture) if isinstance(picture, Failure) and content else picture
    if ref.path.endswith("/"):  # reading it fails as listing it did
        reason = Reason(Code.UNREADABLE, "the folder can't be listed")
    elif content.errno == ENOMEM:
        reason = SHORTAGE
    elif isinstance(content, FileNotFoundError):
        reason = Reason(Code.VANISHED, "the file was gone when its turn came")
    elif isinstance(content, ChangedError):
        reason = Reason(Code.UNREADABLE, "the file changed after it was listed")
    else:
        reason = Reason(Code.UNREADABLE, "the file can't be read")
    return Failure(ref, reason, in_one_line([describe(content), *causes(content)]))
