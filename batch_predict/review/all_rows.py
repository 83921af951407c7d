"""All rows of a table, looked at some at a time: numbers in memory, words in a temporary file.

A row takes 14 bytes of memory: 10 million rows take 140 MB.
"""

import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import IO, Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.errors import OutputError
from batch_predict.records import Status, parse_reasons
from batch_predict.review.queue import Doubt
from batch_predict.rows import NONE, STATUSES
from batch_predict.tables.coded import digits, statuses
from batch_predict.tables.columns import columns_named
from batch_predict.tables.registry import read_blocks

_COLUMNS: Final = columns_named(("path", "label", "confidence", "status", "reason"))
_BETWEEN: Final = "\0"  # path and reason: no path holds it


@contextmanager
def all_rows(csv: str) -> "Iterator[AllRows]":
    """The rows of the output `csv`, of any form; in the block.

    Raises:
        OSError: it can't be read.
        ValueError: it is no such table.
        OutputError: there is no room for the temporary file.
    """
    with tempfile.TemporaryFile() as words:
        yield AllRows(csv, words)


class AllRows:
    """See `all_rows`; `words` is an empty file."""

    def __init__(self, csv: str, words: IO[bytes]) -> None:
        self._words = words
        numbers, lengths = [], [np.zeros(1, np.int64)]
        for block in read_blocks(csv, _COLUMNS):
            texts = block.texts
            confidence = block.numbers["confidence"].astype(np.float32)
            numbers.append((statuses(block), digits(block, "label"), confidence))
            lines = [
                f"{path}{_BETWEEN}{reason}".encode()
                for path, reason in zip(texts["path"], texts["reason"], strict=True)
            ]
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

    def __getitem__(self, number: int) -> Doubt:
        """The row `number`, from 0; raises IndexError. Threads may ask at the same time."""
        if not 0 <= number < len(self):
            raise IndexError(number)
        start, end = self._starts[number : number + 2].tolist()
        path, _, reason = (
            os.pread(self._words.fileno(), end - start, start).decode().partition(_BETWEEN)
        )
        label, confidence = int(self._label[number]), float(self._confidence[number])
        return Doubt(
            path,
            STATUSES[self._status[number]],
            None if label == NONE else label,
            None if np.isnan(confidence) else round(confidence, 6),
            parse_reasons(reason),
        )

    def numbers(self, statuses: Collection[Status], digit: int | None = None) -> NDArray[np.intp]:
        """Of rows with one of `statuses`, read as `digit` where one is given.

        They come by status in the order of `statuses`, then from the least sure to the surest, then
        in the table's order.
        """
        codes = [STATUSES.index(status) for status in statuses]
        wanted = np.isin(self._status, codes)
        if digit is not None:
            wanted &= self._label == digit
        found = np.flatnonzero(wanted)
        rank = np.zeros(len(STATUSES), np.int8)
        rank[codes] = range(len(codes))
        sure = np.nan_to_num(self._confidence[found])
        return found[np.lexsort((sure, rank[self._status[found]]))]
