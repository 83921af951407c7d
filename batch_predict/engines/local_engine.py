"""The default engine: this machine. Worker processes prepare, this one predicts."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain, repeat
from typing import Final

from batch_predict.engines.crew import Crew
from batch_predict.engines.predictor import Predictor
from batch_predict.engines.worker import Task
from batch_predict.options import Options
from batch_predict.prepare import PrepareStep
from batch_predict.records import ImageRef, Row
from batch_predict.scoring import Scorer

_AHEAD: Final = 40_960  # pictures prepared or being so, 31 MiB: what is done while a model loads
# Pictures: the sooner the first ones are there, the sooner the model is loaded.
_FIRST_TASKS: Final = (32, 64, 128, 256)
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
    sizes = chain(_FIRST_TASKS, repeat(_TASK_MAX))
    return map(Task, cut(refs, sizes, _weight, _TASK_WEIGHT_MAX))


def cut(
    refs: Iterable[ImageRef],
    sizes: Iterator[int],
    weigh: Callable[[ImageRef], int],
    heaviest: int,
) -> Iterator[list[ImageRef]]:
    """Groups of as many refs as the next of `sizes` says, or fewer that weigh `heaviest`."""
    group: list[ImageRef] = []
    weight, size = 0, next(sizes)
    for ref in refs:
        group.append(ref)
        weight += weigh(ref)
        if len(group) == size or weight >= heaviest:
            yield group
            group, weight, size = [], 0, next(sizes)
    if group:
        yield group


def _weight(ref: ImageRef) -> int:
    return ref.size + _PATH_WEIGHT * len(ref.path)
