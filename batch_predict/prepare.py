"""A ref -> what the model will see of its file: read, decode, normalize."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

from batch_predict.decode import decode
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.options import Options
from batch_predict.records import Blank, Code, Failure, ImageRef, Pair, Picture, Prepared, Reason
from batch_predict.storage import Content, open_storage

# A file that is larger than any picture of the allowed size is not even read.
BYTES_PER_PIXEL: Final = 8  # RGBA of 16 bits, not compressed
FILE_SIZE: Final = 64 << 20  # bytes, always allowed: metadata has no pixels

#: pure and picklable: a ref -> what became of its file
PrepareStep: TypeAlias = Callable[[ImageRef], Prepared | Blank | Failure]

SIDE_BY_SIDE: Final = 4_000_000  # pixels: a larger picture is decoded while no other large one is


@dataclass(frozen=True)
class Prepare:
    """The pure, picklable step that every engine runs; a failure is a value."""

    in_dir: str
    max_pixels: int
    preprocess: Preprocess
    polarity: Polarity

    @classmethod
    def of(cls, options: Options) -> "Prepare":
        """As the run that `options` describe does it."""
        return cls(options.in_dir, options.max_pixels, options.preprocess, options.polarity)

    def __call__(self, ref: ImageRef) -> Prepared | Blank | Failure:
        """What became of `ref`'s file."""
        return next(self.each((ref,)))

    def each(self, refs: Sequence[ImageRef]) -> Iterator[Prepared | Blank | Failure]:
        """What became of the files of `refs`, in order; they are read together."""
        for picture in self._pictures(refs):
            if isinstance(picture, Failure):
                yield picture
            else:
                yield self._normalize(picture)

    def pair(self, ref: ImageRef) -> Pair | None:
        """`ref`'s file as it is and as the model sees it; None where it can't be read."""
        picture = next(self._pictures((ref,)))
        if isinstance(picture, Failure):
            return None
        prepared = self._normalize(picture)
        return Pair(picture.pixels, prepared.pixels if isinstance(prepared, Prepared) else None)

    def _normalize(self, picture: Picture) -> Prepared | Blank:
        return normalize(picture, self.preprocess, self.polarity)

    def _pictures(self, refs: Sequence[ImageRef]) -> Iterator[Picture | Failure]:
        refusals = [self._refusal(ref) for ref in refs]
        wanted = [ref.path for ref, refused in zip(refs, refusals, strict=True) if not refused]
        contents = open_storage(self.in_dir).read_each(wanted)
        for ref, refused in zip(refs, refusals, strict=True):
            yield refused or self._decode(ref, next(contents))

    def _refusal(self, ref: ImageRef) -> Failure | None:
        """Why `ref`'s file is not even read."""
        if ref.path.endswith("/"):
            return Failure(ref, Reason(Code.UNREADABLE, "the folder can't be listed"))
        if ref.size is not None and ref.size > max(FILE_SIZE, BYTES_PER_PIXEL * self.max_pixels):
            return Failure(ref, Reason(Code.TOO_LARGE, f"a file of {ref.size} bytes"))
        return None

    def _decode(self, ref: ImageRef, content: Content) -> Picture | Failure:
        if isinstance(content, bytes):
            return decode(ref, content, self.max_pixels)
        if isinstance(content, FileNotFoundError):
            return Failure(ref, Reason(Code.VANISHED, "the file was gone when its turn came"))
        return Failure(ref, Reason(Code.UNREADABLE, "the file can't be read"))


def each(prepare: PrepareStep, refs: Sequence[ImageRef]) -> Iterator[Prepared | Blank | Failure]:
    """`prepare` of each of `refs` in order; their files are read together where it can do so."""
    return prepare.each(refs) if isinstance(prepare, Prepare) else map(prepare, refs)


def side_by_side(prepare: PrepareStep) -> PrepareStep:
    """`prepare` for several processes at a time: what they can't all afford is too large."""
    if not isinstance(prepare, Prepare):
        return prepare
    return replace(prepare, max_pixels=min(prepare.max_pixels, SIDE_BY_SIDE))
