"""The worker processes of the local engine, and what happens when one of them dies."""

import multiprocessing
import signal
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Final

import cv2

from batch_predict.engines.worker import IDLE, Answer, Task, serve
from batch_predict.prepare import PrepareStep
from batch_predict.records import Batch, Code, Failure, ImageRef, Reason, Row
from batch_predict.scoring import unscored
from batch_predict.storage.registry import OPENED

_TASKS_EACH: Final = 2  # one in hand, one at hand
_DEATHS_ALLOWED: Final = 2  # of workers with the same picture in hand: the kernel may have erred
_IDLE_DEATHS_ALLOWED: Final = 100  # in a row, of workers with no picture in hand


class _Worker:
    """One process, and the tasks that it has not answered yet."""

    def __init__(self, prepare: PrepareStep, image_timeout: float) -> None:
        # A fork costs 3 ms, a new interpreter half a second. The first workers start before the
        # runtime's threads; one for a dead one runs no code whose locks those may hold.
        context = multiprocessing.get_context("spawn" if OPENED - {"folder"} else "fork")
        self.connection, theirs = context.Pipe()
        self.place = context.RawValue("i", IDLE)
        self.process = context.Process(  # type: ignore[attr-defined]  # a context of any method
            target=serve, args=(theirs, self.place, prepare, image_timeout), daemon=True
        )
        self.process.start()
        theirs.close()
        self.tasks: deque[Task] = deque()

    def give(self, task: Task) -> None:
        self.tasks.append(task)
        # If it has died, `Crew.receive` finds out and gives its tasks to another.
        with suppress(ConnectionError):
            self.connection.send(task)

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()


class Crew:
    """Up to `size` worker processes that answer tasks; a context manager that ends them.

    A worker starts when those there have enough to do. Where one dies, its pictures go to others;
    the one in hand gets a row of its own, `timeout`, or `decoder_crashed` if it did so thrice.
    """

    def __init__(self, prepare: PrepareStep, size: int, image_timeout: float) -> None:
        self._again: deque[Task] = deque()
        self._big: deque[Task] = deque()
        self._worker_args = (prepare, image_timeout)
        self._size = size
        self._workers: list[_Worker] = []
        self._deaths: Counter[ImageRef] = Counter()
        self._idle_deaths = 0

    def __enter__(self) -> "Crew":
        # The workers are the threads. A child can't end the threads of OpenCV's pool that its
        # parent has and it has not: it would wait for them for ever.
        self._threads = cv2.getNumThreads()
        cv2.setNumThreads(1)
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._workers:
            worker.end()
        cv2.setNumThreads(self._threads)

    @property
    def out(self) -> int:
        """How many pictures are with the workers."""
        return sum(len(task.refs) for worker in self._workers for task in worker.tasks)

    def feed(self, tasks: Iterator[Task], room: int) -> bool:
        """Hand out `tasks` while there is a worker for them and fewer than `room` pictures out.

        Returns whether there is nothing left to wait for: every task is answered.
        """
        while self.out < room and (worker := self._free_worker()):
            task = self._next_task(tasks)
            if task is None:
                return self.out == 0
            worker.give(task)
        return False

    def receive(self, *bells: Connection) -> list[Answer]:
        """Wait for answers, or for something to read from one of `bells`.

        Raises what a worker's `prepare` raised.
        """
        ready = wait([*bells, *(worker.connection for worker in self._workers)])
        return [self._answer(worker) for worker in self._workers[:] if worker.connection in ready]

    def _free_worker(self) -> _Worker | None:
        least = min(self._workers, key=lambda worker: len(worker.tasks), default=None)
        if least and len(least.tasks) < _TASKS_EACH:
            return least
        if len(self._workers) == self._size:
            return None
        self._workers.append(_Worker(*self._worker_args))
        return self._workers[-1]

    def _next_task(self, tasks: Iterator[Task]) -> Task | None:
        if self._again:
            return self._again.popleft()
        running = (task for worker in self._workers for task in worker.tasks)
        if self._big and not any(task.is_big for task in running):
            return self._big.popleft()
        return next(tasks, None)

    def _answer(self, worker: _Worker) -> Answer:
        try:
            answer: Answer | Exception = worker.connection.recv()
        except (EOFError, OSError):  # OSError: in the middle of an answer
            return Answer(Batch.of([]), self._bury(worker), [])
        if isinstance(answer, Exception):
            raise answer
        worker.tasks.popleft()
        self._idle_deaths = 0
        self._big.extend(Task([ref], is_big=True) for ref in answer.big)
        return answer

    def _bury(self, worker: _Worker) -> list[Row]:
        """Give a dead worker's pictures to others; the row of one that is not to be tried again."""
        worker.end()
        self._workers.remove(worker)
        place = worker.place.value
        if place == IDLE:
            self._idle_deaths += 1
            if self._idle_deaths > _IDLE_DEATHS_ALLOWED:
                raise RuntimeError(f"workers die at once, the last by {worker.process.exitcode}")
            self._again.extend(worker.tasks)
            return []
        task = worker.tasks.popleft()
        ref = task.refs[place]
        others = task.refs[:place] + task.refs[place + 1 :]
        self._again.extend([*worker.tasks, *([Task(others)] if others else [])])
        self._deaths[ref] += 1
        if worker.process.exitcode == -signal.SIGALRM:
            reason = Reason(Code.TIMEOUT, "its decoding took too long")
        elif self._deaths[ref] > _DEATHS_ALLOWED:
            reason = Reason(Code.DECODER_CRASHED, "its decoding ended the process")
        else:
            self._again.append(Task([ref], task.is_big))
            return []
        return [unscored(Failure(ref, reason))]
