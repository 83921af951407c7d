"""When a run started, and how long ago that is."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True)
class Clock:
    """Starts when it is made. The date is the wall clock's, durations are not: it may jump."""

    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _ticks: float = field(default_factory=time.monotonic)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start, at least a millisecond."""
        return max(round(time.monotonic() - self._ticks, 3), 1e-3)
