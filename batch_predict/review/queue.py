"""A run's table -> the rows that a person should look at, the most doubtful first."""

import math
from collections.abc import Collection
from typing import Final, NamedTuple

from batch_predict.records import Reason, Status, parse_reasons
from batch_predict.tables.columns import columns_named
from batch_predict.tables.registry import read_blocks

_COLUMNS: Final = columns_named(("path", "label", "confidence", "status", "reason"))


def queue_of(*, blank: bool) -> tuple[Status, ...]:
    """The statuses of the rows in the queue, in its order; `blank`: of blank pictures, too."""
    return (Status.REVIEW, Status.FAILED, *([Status.BLANK] if blank else []))


class Doubt(NamedTuple):
    """A row of the queue."""

    path: str  # as the CSV writes it
    status: Status
    label: int | None  # 0 to 9, what it was read as
    confidence: float | None  # 0 to 1
    reasons: tuple[Reason, ...]


def queue(csv: str, statuses: Collection[Status]) -> list[Doubt]:
    """The rows of the output `csv`, of any form, whose status is among `statuses`.

    They come by status in the order of `statuses`, then from the least sure to the surest, then in
    the table's order. Folders that could not be listed are no pictures, and left out.

    Raises:
        OSError: it can't be read.
        ValueError: it is no such table.
    """
    found = []
    for block in read_blocks(csv, _COLUMNS):
        texts, numbers = block.texts, block.numbers
        for row, status in enumerate(texts["status"]):
            if status in statuses and not texts["path"][row].endswith("/"):
                label, sure = (_given(numbers[name][row]) for name in ("label", "confidence"))
                found.append(
                    Doubt(
                        texts["path"][row],
                        Status(status),
                        None if label is None else int(label),
                        None if sure is None else round(sure, 6),
                        parse_reasons(texts["reason"][row]),
                    )
                )
    rank = {status: at for at, status in enumerate(statuses)}
    return sorted(found, key=lambda row: (rank[row.status], row.confidence or 0))


def _given(number: float) -> float | None:
    return None if math.isnan(number) else float(number)
