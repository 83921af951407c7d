"""Locks that every fork of this process takes, whoever forks.

A forked child has one thread: what another one was doing is never finished there.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final


class ForkLock:
    """A lock for the threads of one process; a thread may take it again."""

    def __init__(self) -> None:
        self._renew()

    @contextmanager
    def held(self) -> Iterator[None]:
        """In the block no other thread forks this process, nor is it in such a block itself."""
        with self._lock:
            yield

    def register(self) -> None:
        """Have Python take it for every fork."""
        os.register_at_fork(
            before=self._acquire,
            after_in_parent=self._release,
            after_in_child=self._renew,
        )

    def _acquire(self) -> None:
        self._lock.acquire()

    def _release(self) -> None:
        with suppress(RuntimeError):  # an exception ended the wait for it, and Python has forked
            self._lock.release()

    def _renew(self) -> None:
        """In a child the thread that held it may not be there to release it."""
        self._lock = threading.RLock()


#: held while a model is loaded: a child would wait for ever for a module that is half imported, or
#: write to a stderr that is held back; and while a worker is started: a child would hold the
#: worker's end of its connection, and nobody would notice when the worker dies
FORK_LOCK: Final = ForkLock()
FORK_LOCK.register()
