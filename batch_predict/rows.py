"""Rows in columns: as scoring makes them, a checkpoint keeps them, and a writer takes them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from batch_predict import records
from batch_predict.records import (
    CLASSES,
    TRANSIENT_CODES,
    ImageRef,
    Reason,
    RefColumns,
    Row,
    Status,
)

#: a row's status is kept as its index in these
STATUSES: Final = tuple(Status)
NONE: Final = -1  # in place of a label; in place of a probability it is NaN
#: what is kept of a row as numbers, by the names of its fields of `Row`
ANSWER: Final = np.dtype(
    [
        ("label", "i1"),
        ("status", "i1"),
        ("confidence", "<f8"),
        ("probabilities", "<f8", (CLASSES,)),
        ("no_digit", "<f8"),
        ("ink", "<f8"),
        ("pixel_hash", "<i8"),
        ("model_label", "i1"),
        ("model_confidence", "<f8"),
    ]
)
AT_A_TIME: Final = 4096  # rows: of more, no column is in memory at a time


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """n rows, column by column: what is at index i is of one picture.

    Iterates over them as `Row`, for what looks at one row at a time.
    """

    refs: Sequence[ImageRef]
    answers: NDArray[np.void]  # (n,) of ANSWER
    reasons: Sequence[tuple[Reason, ...]]
    causes: Sequence[str]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Rows":
        """The columns of `rows`."""
        rows = list(rows)
        answers = np.empty(len(rows), ANSWER)
        for name in ("label", "pixel_hash", "model_label"):
            whole = (getattr(row, name) for row in rows)
            answers[name] = [NONE if value is None else value for value in whole]
        answers["status"] = [STATUSES.index(row.status) for row in rows]
        for name in ("confidence", "no_digit", "ink", "model_confidence"):
            answers[name] = np.array([getattr(row, name) for row in rows], np.float64)
        tens = [row.probabilities or (np.nan,) * CLASSES for row in rows]
        answers["probabilities"] = np.array(tens, np.float64).reshape(-1, CLASSES)
        refs, reasons = [row.ref for row in rows], [row.reasons for row in rows]
        return cls(refs, answers, reasons, [row.cause for row in rows])

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled, its refs are columns."""
        refs = records.in_columns(self.refs)
        return _unpickled, (refs, self.answers, self.reasons, self.causes)

    def __len__(self) -> int:
        return len(self.refs)

    def __iter__(self) -> Iterator[Row]:
        tens = [None if ten[0] is None else tuple(ten) for ten in self.values("probabilities")]
        return map(
            Row,
            self.refs,
            self.values("label"),
            self.values("confidence"),
            [STATUSES[code] for code in self.answers["status"].tolist()],
            self.reasons,
            tens,
            self.values("no_digit"),
            self.values("ink"),
            self.causes,
            self.values("pixel_hash"),
            self.values("model_label"),
            self.values("model_confidence"),
        )

    def values(self, name: str, index: int | None = None) -> list[Any]:
        """The numbers of the field `name` of ANSWER, None where there is none.

        Where the field holds several, those at `index`; else lists of all.
        """
        column = self.answers[name] if index is None else self.answers[name][:, index]
        missing = column == NONE if column.dtype.kind == "i" else np.isnan(column)
        if missing.any():
            column = np.where(missing, None, column)  # type: ignore[call-overload]
        values: list[Any] = column.tolist()
        return values

    def of_model(self) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
        """What the model said of each (n,), whatever was decided: label and its confidence.

        NONE and NaN where it said nothing.
        """
        is_decided = self.answers["status"] == STATUSES.index(Status.DECIDED)
        return (
            np.where(is_decided, self.answers["model_label"], self.answers["label"]),
            np.where(is_decided, self.answers["model_confidence"], self.answers["confidence"]),
        )

    def with_status(self, status: Status) -> Iterator[int]:
        """The indices of the rows of `status`."""
        return iter(np.flatnonzero(self.answers["status"] == STATUSES.index(status)).tolist())

    def are_transient(self) -> NDArray[np.bool_]:
        """Of each (n,), whether it failed for something that may be gone in the next run."""
        found = np.zeros(len(self), bool)
        for index in self.with_status(Status.FAILED):
            found[index] = any(reason.code in TRANSIENT_CODES for reason in self.reasons[index])
        return found


def _unpickled(refs: RefColumns, *others: Any) -> Rows:
    return Rows(records.from_columns(refs), *others)


def in_columns(rows: Iterable[Row]) -> Iterator[Rows]:
    """`rows`, AT_A_TIME of them at a time."""
    left = iter(rows)
    while some := list(islice(left, AT_A_TIME)):
        yield Rows.of(some)
