"""The default engine: this machine. Worker processes prepare, this one predicts."""

import os
from collections.abc import Callable, Generator, Iterable
from typing import Final

from batch_predict.engines.predict_threads import Predictor
from batch_predict.engines.tasks import tasks
from batch_predict.engines.worker_pool import Crew
from batch_predict.options import Options
from batch_predict.prepare import PrepareStep
from batch_predict.records import ImageRef, Row
from batch_predict.scoring import Scorer

_AHEAD: Final = 40_960  # pictures prepared or being so, 31 MiB: what is done while a model loads


def run(
    refs: Iterable[ImageRef],
    prepare: PrepareStep,
    make_scorer: Callable[[], Scorer],
    options: Options,
) -> Generator[list[Row], None, None]:
    """See `Engine`."""
    workers = options.workers or len(os.sched_getaffinity(0))
    todo = tasks(refs)
    with (
        Crew(prepare, workers, options.image_timeout) as crew,
        Predictor(make_scorer, options.batch_size) as predictor,
    ):
        while True:
            if crew.feed(todo, _AHEAD - predictor.waiting):
                predictor.flush()
                if not predictor.waiting:
                    return
            for answer in crew.receive(predictor.bell):
                if answer.unscored:
                    yield answer.unscored
                predictor.add(answer.batch)
            yield from predictor.done()
