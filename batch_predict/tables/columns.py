"""The columns of every form of output: their order, and what each holds of a row."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from batch_predict.records import CLASSES, Row, join_reasons


def columns(*, truth: bool, probabilities: bool) -> dict[str, Callable[[Row], Any]]:
    """Name -> the value of a row, None where there is none; in order."""
    known: dict[str, Callable[[Row], Any]] = {"path": attrgetter("ref.path")}
    known |= {name: attrgetter(name) for name in ("label", "confidence", "status")}
    known["reason"] = lambda row: join_reasons(row.reasons)
    if truth:
        known["truth"] = attrgetter("ref.truth")
    return known | ({f"p{n}": _probability(n) for n in range(CLASSES)} if probabilities else {})


def _probability(digit: int) -> Callable[[Row], float | None]:
    return lambda row: row.probabilities[digit] if row.probabilities else None
