"""The worker processes that prepare pictures, and what happens when one of them dies.

The pool is our own because a general one, such as pebble's ProcessPool, knows which task ended a
process or took too long, but not which picture of it: the other pictures would have to be prepared
again one by one, and a limit of time for a task of 512 pictures from a slow store can't be that of
one picture.
"""

import logging
import os
import signal
from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Final, NamedTuple

from batch_predict.engines.child_process import StartMethod, start
from batch_predict.engines.tasks import Task, TaskQueue
from batch_predict.engines.worker import IDLE, Reply, receive, serve
from batch_predict.opencv import cv2
from batch_predict.prepare import PrepareStep
from batch_predict.process.fork_lock import ForkLock
from batch_predict.records import Batch, Code, Failure, ImageRef, Reason, Reduced, Row
from batch_predict.scoring import unscored

_LOGGER: Final = logging.getLogger(__name__)
_TASKS_EACH: Final = 2  # the one that a worker is doing, and the next, so that it need not wait
_DEATHS_ALLOWED: Final = 2  # of workers at the same picture: the kernel may have killed them
_IDLE_DEATHS_ALLOWED: Final = 100  # in a row, of workers that were at no picture


class Answer(NamedTuple):
    """What became of pictures that were submitted."""

    batch: Batch
    reduced: list[Reduced]  # pictures that the ink map is to mark
    unscored: list[Row]


class _Worker:
    """One process, and the tasks that it has not answered yet."""

    def __init__(
        self, prepare: PrepareStep, image_timeout: float, start_method: StartMethod
    ) -> None:
        # The first workers are forked before the runtime starts its threads. A later one, which
        # replaces a dead one, runs no code whose locks those threads may hold.
        self._child = start(start_method, IDLE, serve, os.getpid(), prepare, image_timeout)
        self.connection, self.current = self._child.connection, self._child.shared
        self.tasks: deque[Task] = deque()

    def give(self, task: Task) -> None:
        self.tasks.append(task)
        # If the process has died, `WorkerPool.receive` notices and gives its tasks to others.
        with suppress(ConnectionError):
            self.connection.send(task)

    def close(self) -> int | None:
        """End the process, if it lives; returns its exit code, negative for a signal."""
        return self._child.close()

    def end(self) -> None:
        """End the process; its connection stays, and says so."""
        self._child.handle.kill()
        self._child.handle.wait()


class _OpenCVThreads:
    """The threads of this process's OpenCV, which it lacks while any thread of it has a pool.

    It needs none, as the workers use every core. And a forked worker lacks the threads of its
    parent's OpenCV: if it had to end them, it would wait for ever.
    """

    def __init__(self) -> None:
        self._lock = ForkLock()
        self._lock.register()
        self._pools = 0
        self._count = 1

    def drop(self) -> None:
        """For a pool that begins."""
        with self._lock.held():
            if not self._pools:
                self._count = cv2.getNumThreads()
            self._pools += 1
            cv2.setNumThreads(1)

    def restore(self) -> None:
        """For a pool that ends."""
        with self._lock.held():
            self._pools -= 1
            if not self._pools:
                cv2.setNumThreads(self._count)


_OPENCV_THREADS: Final = _OpenCVThreads()


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
        _OPENCV_THREADS.drop()
        return self

    def __exit__(self, *error: object) -> None:
        for worker in self._workers:
            worker.close()
        _OPENCV_THREADS.restore()

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
            self._add_worker()
        return min(self._workers, key=lambda worker: len(worker.tasks))

    def _add_worker(self) -> None:
        """Start one more; where the system gives no more processes, those that there are must do.

        Raises:
            OSError: there is none.
        """
        try:
            self._workers.append(_Worker(*self._worker_args))
        except OSError as error:
            if not self._workers:
                raise
            self._size = len(self._workers)
            _LOGGER.warning("goes on with %d workers: %s", self._size, error.strerror)

    def _receive(self, worker: _Worker) -> Answer:
        try:
            reply = receive(worker.connection)
        except (EOFError, OSError):  # OSError: in the middle of an answer
            return self._recover(worker)
        if isinstance(reply, Exception):
            raise reply
        task = worker.tasks.popleft()
        self._idle_deaths = 0
        self._queue.postpone(reply.postponed)
        self._queue.leave_alone(reply.short)
        if reply.left:
            self._queue.put_back([Task(reply.left)])
        return Answer(_batch(task, reply), reply.reduced, reply.unscored)

    def _recover(self, dead: _Worker) -> Answer:
        """Queue the pictures of a dead worker again, but for one that gets its row now."""
        exit_code = dead.close()
        self._workers.remove(dead)
        index = dead.current.value
        if index == IDLE:
            self._idle_deaths += 1
            if self._idle_deaths > _IDLE_DEATHS_ALLOWED:
                raise RuntimeError(f"workers die at once, the last by {exit_code}")
            self._queue.put_back(dead.tasks)
            return _answer([])
        task = dead.tasks.popleft()
        ref = task.refs[index]
        others = task.refs[:index] + task.refs[index + 1 :]
        self._queue.put_back([*dead.tasks, *([Task(others)] if others else [])])
        self._deaths[ref] += 1
        reason = _reason(exit_code, self._deaths[ref])
        if reason is None:
            # The kernel kills a process so when memory is short.
            is_alone = task.is_alone or exit_code == -signal.SIGKILL
            self._queue.put_back([Task([ref], task.is_large, is_alone)])
            return _answer([])
        return _answer([Failure(ref, reason, _ending(exit_code))])


def _batch(task: Task, reply: Reply) -> Batch:
    """What is prepared of `task`; for most pictures nothing is made but a ref with its content."""
    refs = [
        task.refs[place]._replace(content_sha256=content)
        for place, content in zip(reply.places, reply.hashes, strict=True)
    ]
    reasons = [reply.reasons.get(place, ()) for place in reply.places]
    return Batch(refs, reply.pixels, [None] * len(refs), reasons)


def _reason(exit_code: int | None, deaths: int) -> Reason | None:
    """Why a picture fails that has ended `deaths` workers, the last one by `exit_code`.

    None where it is to be tried again.
    """
    if exit_code == -signal.SIGALRM:
        return Reason(Code.TIMEOUT, "its decoding took too long")
    if deaths > _DEATHS_ALLOWED:
        return Reason(Code.DECODER_CRASHED, "its decoding ended the process")
    return None


def _ending(exit_code: int | None) -> str:
    """How a process ended, in words."""
    if exit_code is None or exit_code >= 0:
        return f"its process ended with exit code {exit_code}"
    return f"its process was ended by signal {-exit_code}, {signal.strsignal(-exit_code)}"


def _answer(failures: list[Failure]) -> Answer:
    return Answer(Batch.of([]), [], [unscored(failure) for failure in failures])
