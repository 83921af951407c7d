"""Prepared pictures, collected until they are worth scoring."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from batch_predict.records import Batch

# Pictures that are scored together, or a batch, where that is more: a network sees the pictures of
# a batch at a time, and the judges what is doubted in all of these. Of MNIST that is one in 25, so
# that of 256 pictures most of what the judges see is padding, and of so many a tenth.
SCORED_TOGETHER: Final = 4096
# Bytes of pictures and maps that a last look may need: 40 photos, 600 small pictures. What is
# padded then costs the networks a hundredth of what marking them did.
MOST_BYTES: Final = 8 << 20
# Seconds that a picture waits for others, where they come slowly: then all that came is scored, so
# that progress is seen, and a run that is killed loses little.
MOST_WAIT_S: Final = 2.0


class FullBatches:
    """Collects batches of any size, and gives what is to be scored together.

    That is full by number, by bytes or by time; the last is seen when another batch is added.
    """

    def __init__(self, batch_size: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`batch_size` pictures are what a network sees at a time; `clock` tells seconds."""
        self._size: Final = batch_size * -(-SCORED_TOGETHER // batch_size)
        self._clock: Final = clock
        self._parts: list[Batch] = []
        self._count = self._bytes = 0
        self._since = 0.0  # when the first of them came

    def add(self, batch: Batch) -> Iterator[Batch]:
        """Take `batch`; the batches that it makes full."""
        if not batch.refs:  # as of a worker whose pictures are all to be marked
            return
        self._take(batch)
        if self._count >= self._size:
            (whole,) = self.rest()
            while len(whole.refs) >= self._size:
                full, whole = whole.split(self._size)
                yield full
            if whole.refs:
                self._take(whole)
        if self._bytes >= MOST_BYTES or self._clock() > self._since + MOST_WAIT_S:
            yield from self.rest()

    def rest(self) -> Iterator[Batch]:
        """What is not full, where there is any."""
        parts, self._parts = self._parts, []
        self._count = self._bytes = 0
        if parts:
            yield Batch.concatenate(parts)

    def _take(self, batch: Batch) -> None:
        if not self._parts:
            self._since = self._clock()
        self._parts.append(batch)
        self._count += len(batch.refs)
        self._bytes += sum(seen.nbytes for seen in batch.seen if seen is not None)
