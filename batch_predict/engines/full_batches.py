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

    def add(self, batch: Batch) -> Iterator[Batch]:
        """Take `batch`; the batches that it makes full."""
        if not batch.refs:  # as of a worker whose pictures are all to be marked
            return
        self._rest = Batch.concatenate([self._rest, batch])
        while len(self._rest.refs) >= self._size:
            full, self._rest = self._rest.split(self._size)
            yield full
        if sum(seen.nbytes for seen in self._rest.seen if seen is not None) >= MOST_BYTES:
            yield from self.rest()

    def rest(self) -> Iterator[Batch]:
        """What does not fill a batch, where there is any."""
        rest, self._rest = self._rest, Batch.of([])
        if rest.refs:
            yield rest
