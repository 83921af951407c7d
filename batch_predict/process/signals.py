"""SIGTERM, SIGHUP and SIGINT end a run in order: it finishes and keeps the pictures under way."""

import os
import signal
import threading
from collections.abc import Iterable, Iterator
from itertools import takewhile
from types import FrameType
from typing import Any, Final, TypeVar

from batch_predict.errors import Stopped

SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
GRACE_S: Final = 2.0  # for the pictures under way; then the run is interrupted wherever it is
AGAIN_S: Final = 1.0  # until the next interruption: Python drops one raised in a weakref's callback

T = TypeVar("T")


class StopSignals:
    """A context manager in which a signal ends the run in order; a second SIGINT ends it at once.

    A signal that the process was started to ignore, as by nohup, stays ignored. A forked child
    ignores all of them, since its parent tells it when to end. Python handles signals in the main
    thread only, so they do not stop a run in another thread.
    """

    def __init__(self) -> None:
        self._received: int | None = None
        self._replaced_handlers: dict[signal.Signals, Any] = {}

    def __enter__(self) -> "StopSignals":
        self._owner = os.getpid()
        in_main = threading.current_thread() is threading.main_thread()
        handled = [s for s in SIGNALS if in_main and signal.getsignal(s) is not signal.SIG_IGN]
        self._replaced_handlers = {s: signal.signal(s, self._on_signal) for s in handled}
        return self

    def __exit__(self, *error: object) -> None:
        if self._received is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for signum, handler in self._replaced_handlers.items():
            signal.signal(signum, handler)

    def check(self) -> None:
        """Raises Stopped once a signal has come."""
        if self._received is not None:
            raise Stopped(self._received)

    def until_signal(self, items: Iterable[T]) -> Iterator[T]:
        """`items` up to the first signal, so that the pictures under way are finished."""
        return takewhile(lambda _: self._received is None, items)

    def interruptible(self, items: Iterable[T]) -> Iterator[T]:
        """`items`; raises Stopped between two of them once a signal has come."""
        for item in items:
            self.check()
            yield item

    def disarm(self) -> None:
        """Raises Stopped if a signal has come; from then on signals are ignored."""
        self.check()
        self._owner = 0

    def _on_signal(self, signum: int, frame: FrameType | None) -> None:
        if os.getpid() != self._owner:
            return
        if self._received is not None and signum == signal.SIGINT:
            os._exit(128 + signum)  # as after a kill, the checkpoint holds what was committed
        if self._received is None:
            self._received = signum
            self._replaced_handlers[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._on_alarm)
            signal.setitimer(signal.ITIMER_REAL, GRACE_S, AGAIN_S)

    def _on_alarm(self, signum: int, frame: FrameType | None) -> None:
        if os.getpid() == self._owner:
            self.check()
