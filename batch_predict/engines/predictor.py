"""The model in a thread of its own: while it computes, the main thread makes rows of the last."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing import Pipe

import numpy as np
from numpy.typing import NDArray

from batch_predict.records import Batch, Row
from batch_predict.scoring import Scorer


class Predictor:
    """Batches in, rows out; a context manager that lets go of the thread.

    The model is loaded in the thread, as soon as there is a picture. `bell` is a connection that
    can be read when a batch is done.
    """

    def __init__(self, make_scorer: Callable[[], Scorer], batch_size: int) -> None:
        self._make_scorer = make_scorer
        self._batch_size = batch_size
        self._thread = ThreadPoolExecutor(1, "predict")
        self._scorer: Future[Scorer] | None = None
        self._rest = Batch.of([])
        self._running: deque[tuple[Batch, Future[NDArray[np.float32]]]] = deque()
        self.bell, self._rope = Pipe(duplex=False)

    def __enter__(self) -> "Predictor":
        return self

    def __exit__(self, *error: object) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    @property
    def waiting(self) -> int:
        """How many pictures are in batches that are not done."""
        return sum(len(batch.refs) for batch, _ in self._running)

    def add(self, batch: Batch) -> None:
        """Predict `batch` together with those before and after it, in full batches."""
        if not batch.refs:
            return
        if self._scorer is None:
            self._scorer = self._thread.submit(self._make_scorer)
        self._rest += batch
        while len(self._rest.refs) >= self._batch_size:
            full, self._rest = self._rest.split(self._batch_size)
            self._start(full)

    def flush(self) -> None:
        """Predict what fills no batch."""
        if self._rest.refs:
            self._start(self._rest)
            self._rest = Batch.of([])

    def done(self) -> Iterator[list[Row]]:
        """The rows of the batches that are done; raises what the model raised."""
        while self._running and self._running[0][1].done():
            self.bell.recv_bytes()
            batch, probabilities = self._running.popleft()
            yield self._loaded.rows(batch, probabilities.result())

    @property
    def _loaded(self) -> Scorer:
        assert self._scorer is not None  # it is loaded before the first batch
        return self._scorer.result()

    def _start(self, batch: Batch) -> None:
        rope = self._rope  # stays open for as long as a batch may still end
        probabilities = self._thread.submit(lambda: self._loaded.predict(batch))
        self._running.append((batch, probabilities))
        probabilities.add_done_callback(lambda _: rope.send_bytes(b"!"))
