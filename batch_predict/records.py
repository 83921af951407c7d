"""The types that flow between the stages. Identity travels with the data; a failure is a value."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

SIDE: Final = 28  # pixels, both sides of what the model sees
CLASSES: Final = 10  # the digits 0 to 9
PIXEL_MAX: Final = 255  # uint8 -> [0, 1]
DECIMALS: Final = 6  # of a confidence in the CSV


class Status(StrEnum):
    """What became of a picture."""

    OK = "ok"
    REVIEW = "review"  # predicted, but a person should look
    BLANK = "blank"  # nothing written there
    FAILED = "failed"


class Code(StrEnum):
    """Every reason there is, in the order in which a row lists them."""

    # The picture could not be read: failed.
    VANISHED = "vanished"
    UNREADABLE = "unreadable"
    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED = "unsupported"
    TOO_LARGE = "too_large"
    CORRUPT = "corrupt"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out_of_memory"
    DECODER_CRASHED = "decoder_crashed"
    # It was read, but a person should look: review. (`truncated` with rows missing is failed.)
    TRUNCATED = "truncated"
    SEVERAL_MARKS = "several_marks"
    NO_CLEAR_MARK = "no_clear_mark"
    LOW_CONFIDENCE = "low_confidence"
    # Worth saying, no more: ok.
    SEVERAL_FRAMES = "several_frames"


REVIEW_CODES: Final = frozenset(
    {Code.TRUNCATED, Code.SEVERAL_MARKS, Code.NO_CLEAR_MARK, Code.LOW_CONFIDENCE}
)
#: transient failures: the next run tries the file again
TRANSIENT_CODES: Final = frozenset(
    {Code.VANISHED, Code.UNREADABLE, Code.TIMEOUT, Code.OUT_OF_MEMORY, Code.DECODER_CRASHED}
)
_ORDER: Final = {code: rank for rank, code in enumerate(Code)}
_BETWEEN_REASONS: Final = "; "  # in text; no reason's words hold it


class Reason(NamedTuple):
    """A code and a few words of our own: never a library's message, a path or an address."""

    code: Code
    words: str

    def __str__(self) -> str:
        return f"{self.code}: {self.words}"


def join_reasons(reasons: Iterable[Reason]) -> str:
    """The `reason` cell of a row: the reasons in the order of `Code`, joined by `; `."""
    reasons = tuple(reasons)
    if not reasons:  # most rows
        return ""
    return _BETWEEN_REASONS.join(map(str, sorted(reasons, key=lambda r: _ORDER[r.code])))


def parse_reasons(text: str) -> tuple[Reason, ...]:
    """The inverse of `join_reasons`, for what reads a file that holds its text.

    Raises:
        ValueError: a code in it is not known.
    """
    if not text:
        return ()
    pairs = (one.partition(": ") for one in text.split(_BETWEEN_REASONS))
    return tuple(Reason(Code(code), words) for code, _, words in pairs)


class ImageRef(NamedTuple):
    """One picture file. What the walk found has all fields; what came in another way, its path."""

    path: str  # relative to in_dir, as the CSV writes it (see `tables.csv_paths`)
    size: int | None = None  # bytes; None where the storage did not say
    version: str | None = None  # of the content, as the storage tells it: another one, another file
    truth: int | None = None  # 0 to 9, or None where no ground truth was found


class Picture(NamedTuple):
    """A decoded file: upright 8-bit pixels."""

    ref: ImageRef
    pixels: NDArray[np.uint8]  # (h, w) grey or (h, w, 3) RGB
    reasons: tuple[Reason, ...] = ()


class Failure(NamedTuple):
    """A file that gave no picture, or a folder that can't be listed."""

    ref: ImageRef
    reason: Reason
    cause: str = ""  # what a library or the system said, in one line; for the log alone


class Notes(NamedTuple):
    """What the normalizer decided, small enough to keep."""

    polarity: str = "light-on-dark"  # or "dark-on-light": the ink on its ground
    box: tuple[int, int, int, int] | None = None  # of the ink: left, top, right, bottom pixels
    dropped: tuple[str, ...] = ()  # what was taken away: "lines", "edge", "neighbour", ...
    passthrough: bool = False  # in MNIST's form before noise, if any, came over it: left alone


class Prepared(NamedTuple):
    """What the model will see."""

    ref: ImageRef
    pixels: NDArray[np.uint8]  # (28, 28), ink is light on a zero ground
    reasons: tuple[Reason, ...] = ()
    notes: Notes = Notes()


class Batch(NamedTuple):
    """Prepared pictures, stacked: `pixels[i]` and `reasons[i]` are those of `refs[i]`."""

    refs: list[ImageRef]
    pixels: NDArray[np.uint8]  # (n, 28, 28)
    reasons: list[tuple[Reason, ...]]

    @classmethod
    def of(cls, prepared: Sequence[Prepared]) -> "Batch":
        """Stack what was prepared."""
        pixels = np.array([each.pixels for each in prepared], np.uint8).reshape(-1, SIDE, SIDE)
        return cls([each.ref for each in prepared], pixels, [each.reasons for each in prepared])

    @classmethod
    def concatenate(cls, batches: Sequence["Batch"]) -> "Batch":
        """The pictures of `batches`, in their order; of no batch at all, none."""
        refs = [ref for batch in batches for ref in batch.refs]
        pixels = np.concatenate([cls.of([]).pixels, *(batch.pixels for batch in batches)])
        return cls(refs, pixels, [reasons for batch in batches for reasons in batch.reasons])

    def split(self, size: int) -> tuple["Batch", "Batch"]:
        """The first `size` pictures, and the others."""
        first = Batch(self.refs[:size], self.pixels[:size], self.reasons[:size])
        return first, Batch(self.refs[size:], self.pixels[size:], self.reasons[size:])


class Blank(NamedTuple):
    """A picture with nothing written on it."""

    ref: ImageRef
    reasons: tuple[Reason, ...] = ()


class Pair(NamedTuple):
    """A picture as it was found and as the model saw it, for a person to look at."""

    original: NDArray[np.uint8]  # (h, w) or (h, w, 3)
    prepared: NDArray[np.uint8] | None  # (28, 28); None for a blank one


class Row(NamedTuple):
    """What one line of the CSV is made of."""

    ref: ImageRef
    label: int | None
    confidence: float | None  # probability of `label`
    status: Status
    reasons: tuple[Reason, ...] = ()  # text in files alone: see `join_reasons`
    probabilities: tuple[float, ...] | None = None  # ten, digit by digit
    ink: float | None = None  # mean of the prepared pixels / 255, for the run's profile
    cause: str = ""  # see `Failure`; no table has it, for it differs between machines

    @property
    def is_transient(self) -> bool:
        """Whether it failed for something that may be gone when the next run tries again."""
        failed = self.status is Status.FAILED
        return failed and any(reason.code in TRANSIENT_CODES for reason in self.reasons)
