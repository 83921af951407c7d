"""Refs cut into tasks for the workers."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from typing import Final

from batch_predict.engines.worker import Task
from batch_predict.records import ImageRef

# Pictures: the sooner the first ones are there, the sooner the model is loaded.
_FIRST_TASKS: Final = (32, 64, 128, 256)
_TASK_MAX: Final = 512  # pictures
_TASK_WEIGHT_MAX: Final = 256 << 10  # of files' bytes and, as they must fit in a pipe, paths
_PATH_WEIGHT: Final = 16  # of a character


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
    return (ref.size or 0) + _PATH_WEIGHT * len(ref.path)
