"""SIGTERM, SIGHUP and SIGINT: finish what is under way, keep it, and go."""

import os
import signal
import threading
from collections.abc import Iterable, Iterator
from itertools import takewhile
from types import FrameType
from typing import Any, Final, TypeVar

from batch_predict.errors import Stopped

SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
GRACE_S: Final = 2.0  # for the pictures under way; after it the run is interrupted where it is
AGAIN_S: Final = 1.0  # and again, where the interruption was swallowed (as in a weakref's callback)

T = TypeVar("T")


class Stopping:
    """While it is entered, a signal ends the run in order; a second SIGINT ends it at once.

    A signal that the process was started to ignore, as by nohup, stays ignored. A forked child
    ignores all of them: its parent tells it when to end. Python gives signals to the main thread
    alone: a run in another one is not stopped.
    """

    def __init__(self) -> None:
        self._asked: int | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "Stopping":
        self._owner = os.getpid()
        in_main = threading.current_thread() is threading.main_thread()
        heeded = [s for s in SIGNALS if in_main and signal.getsignal(s) is not signal.SIG_IGN]
        self._before = {s: signal.signal(s, self._ask) for s in heeded}
        return self

    def __exit__(self, *error: object) -> None:
        if self._asked is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for signum, handler in self._before.items():
            signal.signal(signum, handler)

    def check(self) -> None:
        """Raises Stopped once a signal has come."""
        if self._asked is not None:
            raise Stopped(self._asked)

    def until_asked(self, items: Iterable[T]) -> Iterator[T]:
        """`items`, but none any more once a signal has come: what is under way is finished."""
        return takewhile(lambda _: self._asked is None, items)

    def checked(self, items: Iterable[T]) -> Iterator[T]:
        """`items`; raises Stopped between two of them once a signal has come."""
        for item in items:
            self.check()
            yield item

    def last_call(self) -> None:
        """Raises Stopped if a signal has come; one that comes later changes nothing."""
        self.check()
        self._owner = 0

    def _ask(self, signum: int, frame: FrameType | None) -> None:
        if os.getpid() != self._owner:
            return
        if self._asked is not None and signum == signal.SIGINT:
            os._exit(128 + signum)  # as after a kill, the work file holds what was committed
        if self._asked is None:
            self._asked = signum
            self._before[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._interrupt)
            signal.setitimer(signal.ITIMER_REAL, GRACE_S, AGAIN_S)

    def _interrupt(self, signum: int, frame: FrameType | None) -> None:
        if os.getpid() == self._owner:
            self.check()
