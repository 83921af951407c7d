"""What came of a run's pictures, counted as their rows pass by on the way to the writer."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from batch_predict.drift.profile import profile_of
from batch_predict.records import Row, Status

_AT_A_TIME: Final = 10_000  # rows


class Outcome:
    """Counts by status and by its codes, and the profile, of the rows seen so far."""

    def __init__(self) -> None:
        self.counts: Counter[Status] = Counter(dict.fromkeys(Status, 0))
        self.codes: Counter[tuple[Status, str]] = Counter()
        self.profile = profile_of([], [], [])

    @property
    def found(self) -> int:
        """How many rows there were."""
        return self.counts.total()

    def watch(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Pass `rows` through, and count them."""
        rows = iter(rows)
        while some := list(islice(rows, _AT_A_TIME)):
            yield from some
            self.counts.update(row.status for row in some)
            self.codes.update((row.status, reason.code) for row in some for reason in row.reasons)
            scored = [(r.label, r.confidence, r.ink) for r in some if r.label is not None]
            columns = zip(*scored, strict=True) if scored else ([], [], [])
            self.profile += profile_of(*columns)
