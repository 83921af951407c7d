"""The worker processes that prepare pictures, and what happens when one of them dies.

The pool is our own because a general one, such as pebble's ProcessPool, knows which task ended a
process or took too long, but not which picture of it: the other pictures would have to be prepared
again one by one, and a limit of time for a task of 512 pictures from a slow store can't be that of
one picture.
"""

import multiprocessing
import signal
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Final, Literal, TypeAlias

import cv2

from batch_predict.engines.tasks import Task, TaskQueue
from batch_predict.engines.worker import IDLE, Answer, serve
from batch_predict.prepare import PrepareStep
from batch_predict.records import Batch, Code, Failure, ImageRef, Reason
from batch_predict.scoring import unscored

#: how a worker starts: a fork of this process takes 3 ms, a new interpreter (spawn) half a second
StartMethod: TypeAlias = Literal["fork", "spawn"]

_TASKS_EACH: Final = 2  # the one that a worker is doing, and the next, so that it need not wait
_DEATHS_ALLOWED: Final = 2  # of workers at the same picture: the kernel may have killed them
_IDLE_DEATHS_ALLOWED: Final = 100  # in a row, of workers that were at no picture


class _Worker:
    """One process, and the tasks that it has not answered yet."""

    def __init__(
        self, prepare: PrepareStep, image_timeout: float, start_method: StartMethod
    ) -> None:
        # The first workers are forked before the runtime starts its threads. A later one, which
        # replaces a dead one, runs no code whose locks those threads may hold.
        context = multiprocessing.get_context(start_method)
        self.connection, theirs = context.Pipe()
        self.current = context.RawValue("i", IDLE)
        self.process = context.Process(  # type: ignore[attr-defined]  # a context of any method
            target=serve, args=(theirs, self.current, prepare, image_timeout), daemon=True
        )
        self.process.start()
        theirs.close()
        self.tasks: deque[Task] = deque()

    def give(self, task: Task) -> None:
        self.tasks.append(task)
        # If the process has died, `WorkerPool.receive` notices and gives its tasks to others.
        with suppress(ConnectionError):
            self.connection.send(task)

    def close(self) -> None:
        self.process.kill()
        self.process.join()
        self.connection.close()


class WorkerPool:
    """Up to `size` worker processes that run `prepare`; a context manager that ends them.

    `submit` refs, then call `dispatch` and `receive` in turn until none is `unanswered`. A worker
    is started when all others have enough to do. If one dies, others get its pictures. The picture
    that it was preparing fails with `timeout`, or, if it has ended a worker three times, with
    `decoder_crashed`.
    """

    def __init__(
        self,
        prepare: PrepareStep,
        size: int,
        image_timeout: float,
        start_method: StartMethod,
    ) -> None:
        self._worker_args = (prepare, image_timeout, start_method)
        self._size = size
        self._workers: list[_Worker] = []
        self._queue = TaskQueue(())
        self._deaths: Counter[ImageRef] = Counter()
        self._idle_deaths = 0

    def __enter__(self) -> "WorkerPool":
        # OpenCV needs no threads, as the workers use every core. And a forked worker lacks the
        # threads of its parent's OpenCV: if it had to end them, it would wait for ever.
        self._threads = cv2.getNumThreads()
        cv2.setNumThreads(1)
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._workers:
            worker.close()
        cv2.setNumThreads(self._threads)

    @property
    def unanswered(self) -> int:
        """How many pictures are with the workers."""
        return sum(len(task.refs) for task in self._running())

    @property
    def connections(self) -> list[Connection]:
        """What can be read when a worker has answered or died."""
        return [worker.connection for worker in self._workers]

    def submit(self, refs: Iterable[ImageRef]) -> None:
        """Have `refs` prepared; those submitted before are all answered."""
        self._queue = TaskQueue(refs)

    def dispatch(self, room: int) -> None:
        """Give tasks to the workers until each has enough or `room` pictures are with them.

        If none is `unanswered` then, and there was room, all that was submitted is answered.
        """
        while self.unanswered < room and self._has_capacity():
            task = self._queue.take(self._running())
            if task is None:
                return
            self._idlest().give(task)

    def receive(self, ready: Collection[object]) -> list[Answer]:
        """The answers of the workers whose connections are among those `ready`.

        Raises what a worker's `prepare` raised.
        """
        answering = [worker for worker in self._workers if worker.connection in ready]
        return [self._receive(worker) for worker in answering]

    def _running(self) -> Iterator[Task]:
        return (task for worker in self._workers for task in worker.tasks)

    def _has_capacity(self) -> bool:
        if len(self._workers) < self._size:
            return True
        return any(len(worker.tasks) < _TASKS_EACH for worker in self._workers)

    def _idlest(self) -> _Worker:
        """The worker with the fewest tasks; a new one where all have enough to do."""
        if all(len(worker.tasks) >= _TASKS_EACH for worker in self._workers):
            self._workers.append(_Worker(*self._worker_args))
        return min(self._workers, key=lambda worker: len(worker.tasks))

    def _receive(self, worker: _Worker) -> Answer:
        try:
            answer: Answer | Exception = worker.connection.recv()
        except (EOFError, OSError):  # OSError: in the middle of an answer
            return self._recover(worker)
        if isinstance(answer, Exception):
            raise answer
        worker.tasks.popleft()
        self._idle_deaths = 0
        self._queue.postpone(answer.postponed)
        return answer

    def _recover(self, dead: _Worker) -> Answer:
        """Queue the pictures of a dead worker again, but for one that gets its row now."""
        dead.close()
        self._workers.remove(dead)
        index = dead.current.value
        if index == IDLE:
            self._idle_deaths += 1
            if self._idle_deaths > _IDLE_DEATHS_ALLOWED:
                raise RuntimeError(f"workers die at once, the last by {dead.process.exitcode}")
            self._queue.put_back(dead.tasks)
            return _answer([])
        task = dead.tasks.popleft()
        ref = task.refs[index]
        others = task.refs[:index] + task.refs[index + 1 :]
        self._queue.put_back([*dead.tasks, *([Task(others)] if others else [])])
        self._deaths[ref] += 1
        reason = _reason(dead.process.exitcode, self._deaths[ref])
        if reason is None:
            self._queue.put_back([Task([ref], task.is_large)])
            return _answer([])
        return _answer([Failure(ref, reason, _ending(dead.process.exitcode))])


def _reason(exitcode: int | None, deaths: int) -> Reason | None:
    """Why a picture fails that has ended `deaths` workers, the last one by `exitcode`.

    None where it is to be tried again.
    """
    if exitcode == -signal.SIGALRM:
        return Reason(Code.TIMEOUT, "its decoding took too long")
    if deaths > _DEATHS_ALLOWED:
        return Reason(Code.DECODER_CRASHED, "its decoding ended the process")
    return None


def _ending(exitcode: int | None) -> str:
    """How a process ended, in words."""
    if exitcode is None or exitcode >= 0:
        return f"its process ended with exit code {exitcode}"
    return f"its process was ended by signal {-exitcode}, {signal.strsignal(-exitcode)}"


def _answer(failures: list[Failure]) -> Answer:
    return Answer(Batch.of([]), [unscored(failure) for failure in failures], [])
