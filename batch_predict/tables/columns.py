"""The table of columns: what an output holds of a row, one line a column.

Every form of output is written and read by this table, a checkpoint keeps rows by it, and `report`
and `merge` go by it.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

from batch_predict.records import CLASSES

#: a value in a table; None where a CSV's cell is empty
Cell: TypeAlias = str | int | float | None


class ColumnType(Enum):
    """What a column's cells hold. Each form of output has a type of its own for each of these."""

    TEXT = auto()
    STATUS = auto()  # one of `Status`
    REASONS = auto()  # as `join_reasons` writes them
    DIGIT = auto()  # 0 to 9, or None
    PROBABILITY = auto()  # 0 to 1, or None
    BYTES = auto()  # the size of a file, or None


class Presence(Enum):
    """Which outputs have a column."""

    ALWAYS = auto()
    WITH_TRUTH = auto()  # where ground truth was found
    WITH_DECISIONS = auto()  # where a file of decisions was taken
    WITH_PROBABILITIES = auto()  # where `--probabilities` asks for them


@dataclass(frozen=True)
class Column:
    """One column: its cell is had from `field` of a row, and read back into it."""

    name: str
    type: ColumnType
    field: str  # of `Row`; with "ref." before it, of `ImageRef`
    presence: Presence = Presence.ALWAYS
    index: int | None = None  # of the element, where the field is a tuple of like elements
    since_1_1: bool = False  # outputs of 1.0.0 lack it, and are read without it

    @property
    def is_text(self) -> bool:
        """Whether an empty cell is "", not a number that is missing."""
        return self.type in _TEXTS


COLUMNS: Final = (
    Column("path", ColumnType.TEXT, "ref.path"),
    Column("label", ColumnType.DIGIT, "label"),
    Column("confidence", ColumnType.PROBABILITY, "confidence"),
    Column("status", ColumnType.STATUS, "status"),
    Column("reason", ColumnType.REASONS, "reasons"),
    Column("truth", ColumnType.DIGIT, "ref.truth", Presence.WITH_TRUTH),
    Column("model_label", ColumnType.DIGIT, "model_label", Presence.WITH_DECISIONS),
    Column("model_confidence", ColumnType.PROBABILITY, "model_confidence", Presence.WITH_DECISIONS),
    *(
        Column(f"p{n}", ColumnType.PROBABILITY, "probabilities", Presence.WITH_PROBABILITIES, n)
        for n in range(CLASSES)
    ),
    Column(
        "no_digit",
        ColumnType.PROBABILITY,
        "no_digit",
        Presence.WITH_PROBABILITIES,
        since_1_1=True,
    ),
)
_TEXTS: Final = frozenset({ColumnType.TEXT, ColumnType.STATUS, ColumnType.REASONS})


def columns_of(*, truth: bool, probabilities: bool, decisions: bool = False) -> tuple[Column, ...]:
    """The columns of an output, in order; the keywords say whether it has those of each."""
    present = {
        Presence.ALWAYS: True,
        Presence.WITH_TRUTH: truth,
        Presence.WITH_DECISIONS: decisions,
        Presence.WITH_PROBABILITIES: probabilities,
    }
    return tuple(column for column in COLUMNS if present[column.presence])


def begins_as_ours(header: Sequence[str]) -> bool:
    """Whether a table with this `header` begins with the columns that every output has."""
    each = columns_of(truth=False, probabilities=False)
    first = [column.name for column in each if not column.since_1_1]
    return list(header[: len(first)]) == first


def columns_named(names: Collection[str]) -> tuple[Column, ...]:
    """Those of COLUMNS whose names are among `names`, in the order of the table."""
    return tuple(column for column in COLUMNS if column.name in names)


def check_single(header: Sequence[str], columns: Iterable[Column]) -> None:
    """Raises ValueError where one of `columns` is in `header` twice: which one counts is open."""
    if twice := [column.name for column in columns if header.count(column.name) > 1]:
        raise ValueError(f"columns that are there twice: {', '.join(twice)}")
