"""When a run started, and how long it took."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True)
class Times:
    """When a run started and ended, in UTC, and the seconds that it ran, at least a millisecond.

    Of a merge these are the seconds in which one part or more ran.
    """

    started: datetime
    ended: datetime
    duration_s: float


@dataclass(frozen=True)
class Clock:
    """Starts when it is made. The date is the wall clock's, durations are not: it may jump."""

    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _ticks: float = field(default_factory=time.monotonic)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start, at least a millisecond."""
        return max(round(time.monotonic() - self._ticks, 3), 1e-3)

    def times(self) -> Times:
        """The times of a run that started with this clock and ends now."""
        return Times(self.started, datetime.now(UTC), self.elapsed_s)


def time_text(time: datetime) -> str:
    """`time` in ISO 8601, to the second."""
    return time.isoformat(timespec="seconds")
