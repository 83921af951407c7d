"""The model runs in threads, while the main thread makes rows of what is predicted."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing import Pipe
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.records import Batch, Row
from batch_predict.scoring import Scorer

# Batches that are predicted at the same time: while one finishes on some of the cores, the next
# can begin on the others.
_AT_A_TIME: Final = 2


class Predictor:
    """Takes batches, gives rows; a context manager that lets the threads end by themselves.

    One of the threads loads the model as soon as there is a picture. `connection` can be read when
    a batch is done.
    """

    def __init__(self, make_scorer: Callable[[], Scorer], batch_size: int) -> None:
        self._make_scorer = make_scorer
        self._batch_size = batch_size
        self._threads = ThreadPoolExecutor(_AT_A_TIME, "predict")
        self._scorer: Future[Scorer] | None = None
        self._rest = Batch.of([])
        self._done: deque[tuple[Batch, Future[NDArray[np.float32]]]] = deque()
        self.waiting = 0  # how many pictures are in batches whose rows `receive` has not given
        self.connection, self._notify_end = Pipe(duplex=False)

    def __enter__(self) -> "Predictor":
        return self

    def __exit__(self, *error: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.connection.close()

    def add(self, batch: Batch) -> None:
        """Predict `batch` together with those before and after it, in full batches."""
        if not batch.refs:
            return
        if self._scorer is None:
            self._scorer = self._threads.submit(self._make_scorer)
        self._rest = Batch.concatenate([self._rest, batch])
        while len(self._rest.refs) >= self._batch_size:
            full, self._rest = self._rest.split(self._batch_size)
            self._start(full)

    def flush(self) -> None:
        """Predict the pictures that do not fill a batch."""
        if self._rest.refs:
            self._start(self._rest)
            self._rest = Batch.of([])

    def receive(self) -> Iterator[list[Row]]:
        """The rows of the batches that are done; raises what the model raised."""
        while self.connection.poll():
            self.connection.recv_bytes()
            batch, probabilities = self._done.popleft()
            self.waiting -= len(batch.refs)
            yield self._loaded.rows(batch, probabilities.result())

    @property
    def _loaded(self) -> Scorer:
        assert self._scorer is not None  # it is loaded before the first batch
        return self._scorer.result()

    def _start(self, batch: Batch) -> None:
        notify_end = self._notify_end  # stays open for as long as a batch may still end

        def notify(probabilities: Future[NDArray[np.float32]]) -> None:
            self._done.append((batch, probabilities))
            with suppress(BrokenPipeError):  # the engine was closed meanwhile
                notify_end.send_bytes(b"!")

        self.waiting += len(batch.refs)
        self._threads.submit(lambda: self._loaded.predict(batch)).add_done_callback(notify)
