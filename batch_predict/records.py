"""The types that flow between the stages. Identity travels with the data; a failure is a value."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import starmap
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

SIDE: Final = 28  # pixels, both sides of what the model sees
CLASSES: Final = 10  # the digits 0 to 9
# What the ink network takes a whole picture for: a digit, or one of these two.
EMPTY: Final = CLASSES  # nothing is written
OTHER: Final = CLASSES + 1  # something is, and no digit that counts
INK_CLASSES: Final = CLASSES + 2
PIXEL_MAX: Final = 255  # uint8 -> [0, 1]
DECIMALS: Final = 6  # of a confidence in the CSV


class Status(StrEnum):
    """What became of a picture."""

    OK = "ok"
    REVIEW = "review"  # predicted, but a person should look
    DECIDED = "decided"  # a person looked, and said what it is
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
    CUT_BY_FRAME = "cut_by_frame"
    NO_CLEAR_MARK = "no_clear_mark"
    NO_DIGIT = "no_digit"
    LOW_CONFIDENCE = "low_confidence"
    # Worth saying, no more: ok.
    SEVERAL_FRAMES = "several_frames"
    # What a person decided, where it is no digit: decided.
    DECIDED_NO_DIGIT = "decided_no_digit"
    DECIDED_BLANK = "decided_blank"
    DECIDED_IGNORED = "decided_ignored"


REVIEW_CODES: Final = frozenset(
    {
        Code.TRUNCATED,
        Code.SEVERAL_MARKS,
        Code.CUT_BY_FRAME,
        Code.NO_CLEAR_MARK,
        Code.NO_DIGIT,
        Code.LOW_CONFIDENCE,
    }
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


def needs_person(reasons: Sequence[Reason]) -> bool:
    """Whether a person should look at a picture for one of `reasons`."""
    if not reasons:  # most pictures
        return False
    return any(reason.code in REVIEW_CODES for reason in reasons)


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
    # Of the file's bytes, 32 bytes, once they were read; None: nothing was.
    content_sha256: bytes | None = None
    # Where it is in its archive, as that counts: a byte, a row; None: it is a file of its own.
    place: int | None = None
    # What the listing knows to be wrong already: the picture fails without being read.
    fault: Reason | None = None


#: fields of `ImageRef`, each of many refs
RefColumns: TypeAlias = tuple[tuple[Any, ...], ...]


def in_columns(refs: Iterable[ImageRef]) -> RefColumns:
    """`refs` as a process sends them to another: a pickle of columns takes a tenth of the time."""
    return tuple(zip(*refs, strict=True))


def from_columns(columns: RefColumns) -> list[ImageRef]:
    """The inverse of `in_columns`."""
    return list(starmap(ImageRef, zip(*columns, strict=True)))


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


class Reduced(NamedTuple):
    """A picture that the ink network is to mark, no larger than the square it is seen on."""

    ref: ImageRef
    pixels: NDArray[np.uint8]  # (h, w) grey or (h, w, 3) RGB
    reasons: tuple[Reason, ...] = ()


class Seen(NamedTuple):
    """A picture as the ink network saw it, and what it made of it."""

    picture: NDArray[np.uint8]  # (h, w) grey or (h, w, 3) RGB, as `Reduced` has it
    maps: NDArray[np.uint8]  # (h', w', 3), of the picture's part of its square
    classes: NDArray[np.float32]  # (12,) probabilities: ten digits, EMPTY, OTHER

    @property
    def nbytes(self) -> int:
        """Of picture and maps."""
        return self.picture.nbytes + self.maps.nbytes


class Prepared(NamedTuple):
    """What the classifier will see first."""

    ref: ImageRef
    pixels: NDArray[np.uint8]  # (28, 28), ink is light on a zero ground
    reasons: tuple[Reason, ...] = ()
    seen: Seen | None = None  # None: the picture did not need the ink network


class Batch(NamedTuple):
    """Prepared pictures, stacked: those at index i belong together."""

    refs: list[ImageRef]
    pixels: NDArray[np.uint8]  # (n, 28, 28)
    seen: list[Seen | None]
    reasons: list[tuple[Reason, ...]]

    @classmethod
    def of(cls, prepared: Sequence[Prepared]) -> "Batch":
        """Stack what was prepared."""
        pixels = np.array([each.pixels for each in prepared], np.uint8).reshape(-1, SIDE, SIDE)
        seen = [each.seen for each in prepared]
        reasons = [each.reasons for each in prepared]
        return cls([each.ref for each in prepared], pixels, seen, reasons)

    @classmethod
    def concatenate(cls, batches: Sequence["Batch"]) -> "Batch":
        """The pictures of `batches`, in their order; of no batch at all, none."""
        batches = [cls.of([]), *batches]
        return cls(
            [ref for batch in batches for ref in batch.refs],
            np.concatenate([batch.pixels for batch in batches]),
            [seen for batch in batches for seen in batch.seen],
            [reasons for batch in batches for reasons in batch.reasons],
        )

    def split(self, size: int) -> tuple["Batch", "Batch"]:
        """The first `size` pictures, and the others."""
        return self._part(slice(size)), self._part(slice(size, None))

    def at(self, places: NDArray[np.intp]) -> "Batch":
        """The pictures at `places`."""
        refs, seen, reasons = (
            [column[place] for place in places] for column in (self.refs, self.seen, self.reasons)
        )
        return Batch(refs, self.pixels[places], seen, reasons)

    def _part(self, part: slice) -> "Batch":
        return Batch(self.refs[part], self.pixels[part], self.seen[part], self.reasons[part])


class Blank(NamedTuple):
    """A picture with nothing written on it."""

    ref: ImageRef
    reasons: tuple[Reason, ...] = ()


class ReadAs(NamedTuple):
    """A reading of a picture in doubt, and what the judges took it for."""

    kind: str  # a few words of our own: how the reading was made
    pixels: NDArray[np.uint8]  # (28, 28)
    label: int  # 0 to 9, the likeliest
    confidence: float  # probability of `label`, 0 to 1
    no_digit: float  # probability that there is no digit, 0 to 1


class Views(NamedTuple):
    """A picture as it was found and as the networks saw it, for a person to look at."""

    original: NDArray[np.uint8]  # (h, w) or (h, w, 3)
    maps: NDArray[np.uint8] | None  # (h, w, 3): ink, other writing, print; None: no need of them
    prepared: NDArray[np.uint8] | None  # (28, 28); None for a blank one
    readings: tuple[ReadAs, ...] = ()  # all that were judged; none of a plain picture


class Row(NamedTuple):
    """What one line of the CSV is made of."""

    ref: ImageRef
    label: int | None
    confidence: float | None  # probability of `label`
    status: Status
    reasons: tuple[Reason, ...] = ()  # text in files alone: see `join_reasons`
    probabilities: tuple[float, ...] | None = None  # ten, digit by digit; they sum to 1
    # probability that there is no digit: as far as there is none, the ten are even
    no_digit: float | None = None
    ink: float | None = None  # mean of the prepared pixels / 255, for the run's profile
    cause: str = ""  # see `Failure`; no table has it, for it differs between machines
    pixel_hash: int | None = None  # of the prepared pixels, see `pixel_hash.pixel_hashes`
    # What the model said, where the run took decisions: `label` is what counts.
    model_label: int | None = None
    model_confidence: float | None = None
