"""`out.status.json`: how far a run is, for who looks from outside. It is gone when the run ends."""

import json
import logging
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple, TypeVar

from batch_predict.process.signals import StopSignals

T = TypeVar("T")

SCHEMA: Final = "batch_predict.status/1"  # by which a later run knows the file for ours
_EVERY_S: Final = 1.0  # between two states of the file
_LOGGER: Final = logging.getLogger(__name__)


class RunStatus:
    """The phase of a run and how much of it is done; written at most once a second.

    A state that can't be written costs no more than itself.
    """

    def __init__(self, path: str | None) -> None:
        """`path`: of the file; None: there is to be none."""
        self._path = path
        self._started = _now()
        self._written = time.monotonic()
        self.begin("walking")

    def begin(self, phase: str, done: int = 0, total: int | None = None) -> None:
        """A phase begins, of `total` pictures, or so many as it will find; `done` are done."""
        self._phase, self._total = phase, total
        self._done = self._done_before = done
        self._begun = time.monotonic()

    def counted(self, items: Iterable[T], size: Callable[[T], int]) -> Iterator[T]:
        """`items`, each of `size` pictures that are done when the next one is asked for."""
        for item in items:
            yield item
            self._done += size(item)
            self.look()

    def look(self) -> None:
        """Write the file if it is time to."""
        now = time.monotonic()
        if self._path is None or now - self._written < _EVERY_S:
            return
        self._written = now
        try:
            temporary = _temporary(self._path)
            with open(temporary, "w", encoding="utf-8") as file:
                json.dump(self._state(now), file)
            os.replace(temporary, self._path)
        except OSError as error:
            _LOGGER.info("can't write %s: %s", self._path, error.strerror)

    def _state(self, now: float) -> dict[str, Any]:
        done, total = self._done, self._total
        rate = (done - self._done_before) / max(now - self._begun, _EVERY_S)
        left_s = None if total is None or not rate else round((total - done) / rate)
        return {
            "schema": SCHEMA,
            "phase": self._phase,
            "done": done,
            "total": total,
            "pictures_per_s": round(rate, 1),
            "seconds_left": left_s,
            "process": os.getpid(),
            "host": platform.node(),
            "started": self._started,
            "updated": _now(),
        }


class Course(NamedTuple):
    """What goes along with a run's work: a signal may stop it, and its status is told."""

    stop: StopSignals
    status: RunStatus


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@contextmanager
def run_status(path: str) -> Iterator[RunStatus]:
    """In the block, the status of a run, whose file is at `path` and removed at the end."""
    _remove(path)  # what a killed run may have left
    try:
        yield RunStatus(path)
    finally:
        _remove(path)


def _temporary(path: str) -> str:
    return os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.tmp")


def _remove(path: str) -> None:
    for each in (_temporary(path), path):
        try:
            with suppress(FileNotFoundError):
                os.unlink(each)
        except OSError as error:
            _LOGGER.info("can't remove %s: %s", each, error.strerror)
