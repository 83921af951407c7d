"""What a training of a classifier takes, batch after batch: made ahead of its use, and answered by
the teachers."""

import os
import pickle
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count, cycle, islice
from multiprocessing import get_context
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from batch_predict.opencv import cv2
from batch_predict.records import CLASSES, SIDE

from .classifier_batches import Batch, Batches
from .teachers import Teachers

THREADS: Final = 2  # that make batches, where processes do not
AHEAD: Final = 32  # groups that are made ahead of their use, by up to as many processes

#: begins to make a group of batches, by its number
Maker = Callable[[int], Future[Batch]]


def stream(make: Maker, first: int, kept: int = 0) -> Iterator[tuple[Batch]]:
    """Groups without end from group `first` on, made ahead of their use.

    With `kept`, so many groups are made, then shown again and again; with 0 each is new.
    """
    numbers = (number % kept if kept else number for number in count(first))
    new = _in_order(make, numbers)
    yield from cycle(islice(new, kept)) if kept else new


def _in_order(make: Maker, numbers: Iterator[int]) -> Iterator[tuple[Batch]]:
    made: deque[Future[Batch]] = deque()
    for number in numbers:
        made.append(make(number))
        if len(made) > AHEAD:
            yield (made.popleft().result(),)


@contextmanager
def makers(batches: Batches, teachers: Teachers, at_once: int, processes: int) -> Iterator[Maker]:
    """What makes groups of `at_once` batches, while the block lasts: {"pixels", "labels",
    "targets"} as `ClassifierLesson` takes them, with another axis before theirs if `at_once` is
    not 1. `processes` make them, or with 0 THREADS threads.
    """
    # One thread asks the teachers: a device answers one at a time, and batches are made meanwhile.
    with _made(batches, at_once, processes) as made, ThreadPoolExecutor(1) as asking:
        try:
            yield lambda number: asking.submit(_answered, teachers, made(number))
        finally:
            asking.shutdown(cancel_futures=True)


def _answered(teachers: Teachers, made: Future[Batch]) -> Batch:
    batch = made.result()
    pixels, labels, taught = (batch[name] for name in ("pixels", "labels", "taught"))
    targets = teachers.targets(pixels.reshape(-1, SIDE, SIDE), labels.ravel(), taught.ravel())
    return {
        "pixels": pixels,
        "labels": labels,
        "targets": targets.reshape(*labels.shape, CLASSES),
    }


@contextmanager
def _made(batches: Batches, at_once: int, processes: int) -> Iterator[Maker]:
    if not processes:
        with ThreadPoolExecutor(THREADS) as threads:
            yield lambda number: threads.submit(_group, batches, at_once, number)
        return
    # A file is read by all processes at once; what is sent to each as it starts, one by one.
    with TemporaryDirectory() as folder:
        path = os.path.join(folder, "batches.pickle")
        with open(path, "wb") as file:
            pickle.dump(batches, file)
        context = get_context("spawn")
        with ProcessPoolExecutor(processes, context, _start_process, (path,)) as pool:
            yield lambda number: pool.submit(_group_of_process, at_once, number)


def _group(batches: Batches, at_once: int, number: int) -> Batch:
    made = [batches[each] for each in range(number * at_once, (number + 1) * at_once)]
    if at_once == 1:
        return made[0]
    return {name: np.stack([batch[name] for batch in made]) for name in made[0]}


_batches: Batches


def _start_process(path: str) -> None:
    global _batches  # noqa: PLW0603 - read once by each process, not sent with each task
    with open(path, "rb") as file:
        _batches = pickle.load(file)
    cv2.setNumThreads(1)


def _group_of_process(at_once: int, number: int) -> Batch:
    return _group(_batches, at_once, number)
