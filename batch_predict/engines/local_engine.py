"""The default engine: this machine. Worker processes prepare, threads of this one predict."""

import os
from collections.abc import Callable, Generator, Iterable
from contextlib import nullcontext
from multiprocessing.connection import wait
from typing import Final

from batch_predict.engines.child_process import StartMethod
from batch_predict.engines.predict_threads import Predictor
from batch_predict.engines.worker_pool import WorkerPool
from batch_predict.options import Options
from batch_predict.prepare import PrepareStep
from batch_predict.process.fork_lock import FORK_LOCK
from batch_predict.records import ImageRef
from batch_predict.rows import Rows
from batch_predict.runtimes import quick_import
from batch_predict.scoring import Scorer

# Pictures, 31 MiB, that workers have or that wait for the model: so many can be prepared while the
# model is loaded.
_AHEAD: Final = 40_960
# Bytes of reduced pictures that wait for the ink map: 300 photos, a few seconds of its work.
_AHEAD_BYTES: Final = 32 << 20


def run(
    refs: Iterable[ImageRef],
    prepare: PrepareStep,
    make_scorer: Callable[[], Scorer],
    options: Options,
) -> Generator[Rows, None, None]:
    """See `Engine`."""
    workers = options.workers or len(os.sched_getaffinity(0))
    start_method: StartMethod = "fork" if prepare.survives_fork else "interpreter"

    def load() -> Scorer:
        with FORK_LOCK.held(), quick_import.lean() if options.own_process else nullcontext():
            return make_scorer()

    with (
        WorkerPool(prepare, workers, options.image_timeout, start_method) as pool,
        Predictor(load, options.batch_size) as predictor,
    ):
        pool.submit(refs)
        while True:
            pool.dispatch(
                0 if predictor.waiting_bytes > _AHEAD_BYTES else _AHEAD - predictor.waiting
            )
            if not pool.unanswered:
                predictor.flush()
                if not predictor.waiting:
                    return
            ready = wait([predictor.connection, *pool.connections])
            for answer in pool.receive(ready):
                if answer.unscored:
                    yield Rows.of(answer.unscored)
                predictor.add(answer.batch, answer.reduced)
            yield from predictor.receive()
