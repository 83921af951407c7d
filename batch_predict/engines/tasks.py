"""Refs cut into tasks for the workers, and the order in which workers get them."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, repeat
from typing import Any, Final, NamedTuple

from batch_predict.records import ImageRef, RefColumns, from_columns, in_columns

# Pictures. The first tasks are small, because the model is loaded when the first one is done.
_FIRST_TASKS: Final = (32, 64, 128, 256)
_TASK_MAX: Final = 512  # pictures
_TASK_WEIGHT_MAX: Final = 256 << 10  # of files' bytes and, as they must fit in a pipe, paths
_PATH_WEIGHT: Final = 16  # of a path's character

# Pixels of a picture that may be decoded beside others: all workers together may need the memory
# for so many each.
SIDE_BY_SIDE_PIXELS: Final = 4_000_000


class Task(NamedTuple):
    """Pictures for one worker, which prepares them one after the other.

    They have up to SIDE_BY_SIDE_PIXELS; a worker gives back each that has more. Such a picture
    becomes a task of its own, `is_large`. One for which there was too little memory is prepared
    once more when no worker does anything else, `is_alone`.
    """

    refs: list[ImageRef]
    is_large: bool = False
    is_alone: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled, its refs are columns."""
        return _unpickled, (in_columns(self.refs), self.is_large, self.is_alone)


def _unpickled(refs: RefColumns, is_large: bool, is_alone: bool) -> Task:
    return Task(from_columns(refs), is_large, is_alone)


class TaskQueue:
    """The tasks that no worker has.

    What a worker has left of a task comes first, for it has waited longest. Then comes a large
    picture, but only while no worker has another one: ten large pictures in memory at the same
    time could be more than the machine has. Then come the refs that no worker has seen, and when
    all else is done those that are prepared alone.
    """

    def __init__(self, refs: Iterable[ImageRef]) -> None:
        self._returned: deque[Task] = deque()
        self._large: deque[Task] = deque()
        self._alone: deque[Task] = deque()
        self._new = tasks(refs)

    def put_back(self, tasks: Iterable[Task]) -> None:
        """Queue the `tasks` of a dead worker, or what is left of one, again."""
        for task in tasks:
            if task.is_alone:
                self._alone.appendleft(task)
            elif task.is_large:
                self._large.appendleft(task)
            else:
                self._returned.append(task)

    def postpone(self, refs: Iterable[ImageRef]) -> None:
        """Queue pictures that have turned out to be large."""
        self._large.extend(Task([ref], is_large=True) for ref in refs)

    def leave_alone(self, refs: Iterable[ImageRef]) -> None:
        """Queue pictures for which there was too little memory."""
        self._alone.extend(Task([ref], is_alone=True) for ref in refs)

    def take(self, running: Iterable[Task]) -> Task | None:
        """The next task, given those that workers have; None where there is none for now."""
        busy = list(running)
        if any(task.is_alone for task in busy):
            return None
        if self._returned:
            return self._returned.popleft()
        if self._large and not any(task.is_large for task in busy):
            return self._large.popleft()
        task = next(self._new, None)
        if task is None and self._alone and not busy:
            return self._alone.popleft()
        return task


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
