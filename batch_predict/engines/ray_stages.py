"""What Ray's processes run: a task's pictures are prepared, then scored. Rows are pickled bytes."""

import pickle
from collections.abc import Callable, Iterator
from functools import cache
from multiprocessing.connection import wait

from batch_predict.engines.full_batches import FullBatches
from batch_predict.engines.worker_pool import Answer, WorkerPool
from batch_predict.errors import BatchPredictError
from batch_predict.marking import groups
from batch_predict.records import Batch, Blank, Prepared, Row
from batch_predict.rows import Rows
from batch_predict.scoring import Scorer, unscored


def prepare(row: dict[str, bytes], step: bytes, image_timeout: float) -> dict[str, bytes]:
    """A task: a child process reads and prepares, so that no picture can end Ray's process."""
    refs = pickle.loads(row["refs"])
    answers: list[Answer] = []
    pool = _pool(step, image_timeout)
    pool.submit(refs)
    pool.dispatch(len(refs))
    while pool.unanswered:
        answers += pool.receive(wait(pool.connections))
        pool.dispatch(len(refs))
    batch = Batch.concatenate([answer.batch for answer in answers])
    reduced = [picture for answer in answers for picture in answer.reduced]
    unscored = [row for answer in answers for row in answer.unscored]
    return {
        "batch": pickle.dumps(batch),
        "reduced": pickle.dumps(reduced),
        "unscored": pickle.dumps(unscored),
    }


@cache
def _pool(step: bytes, image_timeout: float) -> WorkerPool:
    """The one child of this process of Ray's, for all its tasks; it ends when its parent does.

    A fork for each task would cost more than the task's pictures, because memory is copied page by
    page. A fork is always possible here, because Ray's process itself opens no storage.
    """
    return WorkerPool(pickle.loads(step), 1, image_timeout, "fork").__enter__()


class Scoring:
    """An actor: the model is loaded once, for the first picture."""

    def __init__(self, make_scorer: Callable[[], Scorer], batch_size: int) -> None:
        self._make_scorer = make_scorer
        self._batch_size = batch_size
        self._scorer: Scorer | None = None

    def __call__(self, row: dict[str, bytes]) -> dict[str, bytes]:
        """The rows of a task's pictures, those that it prepared and those it could not."""
        answer: list[Rows] | BatchPredictError
        try:
            answer = self._rows(row)
        except BatchPredictError as error:  # as a value: Ray would wrap it and lose what it was
            answer = error
        return {"answer": pickle.dumps(answer)}

    def _rows(self, row: dict[str, bytes]) -> list[Rows]:
        others: list[Row] = pickle.loads(row["unscored"])
        scored = [
            self._loaded().rows(batch, self._loaded().predict(batch))
            for batch in self._batches(row, others)
        ]
        return [*scored, Rows.of(others)]

    def _batches(self, row: dict[str, bytes], others: list[Row]) -> Iterator[Batch]:
        """The task's pictures in full batches; rows of blank ones are added to `others`."""
        collected = FullBatches(self._batch_size)
        yield from collected.add(pickle.loads(row["batch"]))
        for group in groups(pickle.loads(row["reduced"])):
            read = self._loaded().marker.read(group)
            others += [unscored(item) for item in read if isinstance(item, Blank)]
            prepared = [item for item in read if isinstance(item, Prepared)]
            yield from collected.add(Batch.of(prepared))
        yield from collected.rest()

    def _loaded(self) -> Scorer:
        self._scorer = self._scorer or self._make_scorer()
        return self._scorer
