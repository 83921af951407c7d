"""The rows of a table that a person looks at: numbers in memory, words in a temporary file.

A row takes 14 bytes of memory: 10 million rows take 140 MB.
"""

import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import IO, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.decisions.decision import Decision
from batch_predict.errors import OutputError
from batch_predict.records import Reason, Status, parse_reasons
from batch_predict.rows import NONE, STATUSES
from batch_predict.tables.block import Block
from batch_predict.tables.coded import digits, model_confidences, model_labels, statuses
from batch_predict.tables.columns import columns_named
from batch_predict.tables.registry import read_blocks

_COLUMNS: Final = columns_named(("path", "label", "confidence", "status", "reason"))
_OF_MODEL: Final = columns_named(("model_label", "model_confidence"))
_BETWEEN: Final = "\0"  # path, reason and decision: none of them holds it
_DECIDED: Final = STATUSES.index(Status.DECIDED)


def queue_of(*, blank: bool = False, decided: bool = False) -> tuple[Status, ...]:
    """The statuses of the rows that wait for a person, in their order.

    `blank`: of blank pictures, too; `decided`: of those that were decided before, to be changed.
    """
    others = {Status.BLANK: blank, Status.DECIDED: decided}
    return (Status.REVIEW, Status.FAILED, *(each for each, is_asked in others.items() if is_asked))


class ReviewRow(NamedTuple):
    """A row that a person looks at."""

    path: str  # as the CSV writes it
    status: Status
    label: int | None  # 0 to 9, what the model read it as
    confidence: float | None  # the model's, 0 to 1
    reasons: tuple[Reason, ...]
    decision: Decision | None = None  # what a person decided before the run


@contextmanager
def review_rows(csv: str, wanted: Collection[Status] = tuple(Status)) -> "Iterator[ReviewRows]":
    """The rows of the output `csv`, of any form, whose status is `wanted`; in the block.

    Folders that could not be listed are no pictures, and left out.

    Raises:
        OSError: it can't be read.
        ValueError: it is no such table.
        OutputError: there is no room for the temporary file.
    """
    with tempfile.TemporaryFile() as words:
        yield ReviewRows(csv, wanted, words)


class ReviewRows:
    """See `review_rows`; `words` is an empty file."""

    def __init__(self, csv: str, wanted: Collection[Status], words: IO[bytes]) -> None:
        self._words = words
        codes = [STATUSES.index(status) for status in wanted]
        numbers, lengths = [], [np.zeros(1, np.int64)]
        for block in read_blocks(csv, _COLUMNS, _OF_MODEL):
            status = statuses(block)
            is_folder = [path.endswith("/") for path in block.texts["path"]]
            kept = np.flatnonzero(np.isin(status, codes) & ~np.array(is_folder, bool))
            confidence = model_confidences(block).astype(np.float32)
            columns = (status, model_labels(block, status), confidence)
            numbers.append(tuple(column[kept] for column in columns))
            lines = [line.encode() for line in _lines(block, status, kept)]
            lengths.append(np.fromiter(map(len, lines), np.int64, len(lines)))
            try:
                words.writelines(lines)
                words.flush()
            except OSError as error:
                folder = tempfile.gettempdir()
                raise OutputError(f"can't write to {folder}: {error.strerror}") from error
        self._starts = np.cumsum(np.concatenate(lengths))
        self._status, self._label, self._confidence = map(
            np.concatenate, zip(*numbers, strict=True)
        )

    def __len__(self) -> int:
        """How many there are."""
        return len(self._status)

    def __getitem__(self, number: int) -> ReviewRow:
        """The row `number`, from 0; raises IndexError. Threads may ask at the same time."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        start, end = self._starts[number : number + 2].tolist()
        line = os.pread(self._words.fileno(), end - start, start).decode()
        path, reason, decision = line.split(_BETWEEN)
        label, confidence = int(self._label[number]), float(self._confidence[number])
        return ReviewRow(
            path,
            STATUSES[self._status[number]],
            None if label == NONE else label,
            None if np.isnan(confidence) else round(confidence, 6),
            parse_reasons(reason),
            Decision(decision) if decision else None,
        )

    def numbers(self, wanted: Collection[Status], digit: int | None = None) -> NDArray[np.intp]:
        """Of the rows whose status is `wanted`, read as `digit` where one is given.

        They come by status in the order of `wanted`, then from the least sure to the surest, then
        in the table's order.
        """
        codes = [STATUSES.index(status) for status in wanted]
        is_wanted = np.isin(self._status, codes)
        if digit is not None:
            is_wanted &= self._label == digit
        found = np.flatnonzero(is_wanted)
        rank = np.zeros(len(STATUSES), np.int8)
        rank[codes] = range(len(codes))
        sure = np.nan_to_num(self._confidence[found])
        return found[np.lexsort((sure, rank[self._status[found]]))]


def _lines(block: Block, status: NDArray[np.int8], kept: NDArray[np.intp]) -> Iterator[str]:
    """Path, reason and decision of the rows that are `kept`."""
    paths, reasons = block.texts["path"], block.texts["reason"]
    labels = digits(block, "label")
    for row in kept.tolist():
        decision: Decision | None = None
        if status[row] == _DECIDED:
            label = None if labels[row] == NONE else int(labels[row])
            decision = Decision.of_row(label, parse_reasons(reasons[row]))
        yield _BETWEEN.join((paths[row], reasons[row], decision or ""))
