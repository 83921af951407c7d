"""Prepared pictures, collected until they fill a batch."""

from collections.abc import Iterator
from typing import Final

from batch_predict.records import Batch

# Bytes of pictures and maps that a second look may need, of a batch: 150 photos. What is padded to
# a whole batch then costs the small network a hundredth of what marking them did.
MOST_BYTES: Final = 32 << 20


class FullBatches:
    """Collects batches of any size, and gives those that are full: by number or by bytes."""

    def __init__(self, size: int) -> None:
        self._size: Final = size
        self._rest = Batch.of([])
        self._bytes = 0

    def add(self, batch: Batch) -> Iterator[Batch]:
        """Take `batch`; the batches that it makes full."""
        self._rest = Batch.concatenate([self._rest, batch])
        self._bytes += sum(seen.nbytes for seen in batch.seen if seen is not None)
        while len(self._rest.refs) >= self._size:
            full, self._rest = self._rest.split(self._size)
            self._bytes = sum(seen.nbytes for seen in self._rest.seen if seen is not None)
            yield full
        if self._bytes >= MOST_BYTES:
            yield from self.rest()

    def rest(self) -> Iterator[Batch]:
        """What does not fill a batch, where there is any."""
        rest, self._rest, self._bytes = self._rest, Batch.of([]), 0
        if rest.refs:
            yield rest
