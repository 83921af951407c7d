"""The default engine: this machine. Worker processes prepare, this one predicts."""

import gc
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Final

from batch_predict.engines.crew import Crew
from batch_predict.engines.predictor import Predictor
from batch_predict.engines.worker import Task
from batch_predict.options import Options
from batch_predict.prepare import PrepareStep
from batch_predict.records import ImageRef, Row
from batch_predict.scoring import Scorer

_AHEAD: Final = 40_960  # pictures prepared or being so, 31 MiB: what is done while a model loads
_FIRST_TASK: Final = 32  # pictures: the sooner one is there, the sooner the model is loaded
_TASK_MAX: Final = 512  # pictures
_TASK_WEIGHT_MAX: Final = 256 << 10  # of files' bytes and, as they must fit in a pipe, paths
_PATH_WEIGHT: Final = 16  # of a character


def run(
    refs: Iterable[ImageRef],
    prepare: PrepareStep,
    make_scorer: Callable[[], Scorer],
    options: Options,
) -> Generator[list[Row], None, None]:
    """See `Engine`."""
    gc.freeze()  # what is there now stays: no use in looking for garbage in it, nor in the workers
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


def tasks(refs: Iterable[ImageRef]) -> Iterator[Task]:
    """Cut `refs` into tasks of like cost, the first ones small."""
    task: list[ImageRef] = []
    weight, most = 0, _FIRST_TASK
    for ref in refs:
        task.append(ref)
        weight += ref.size + _PATH_WEIGHT * len(ref.path)
        if len(task) >= most or weight >= _TASK_WEIGHT_MAX:
            yield Task(task)
            task, weight, most = [], 0, min(2 * most, _TASK_MAX)
    if task:
        yield Task(task)
