"""Counts what is odd about the truth and keeps a few examples, so that memory stays bounded."""

from dataclasses import dataclass
from typing import Final

from batch_predict.tables.csv_paths import as_text

EXAMPLES: Final = 20  # kept of each finding


@dataclass(frozen=True)
class Finding:
    """What was seen, how often, and the first examples."""

    what: str
    count: int
    examples: tuple[str, ...]


class Tally:
    """Counts what is added and keeps the first EXAMPLES."""

    def __init__(self, what: str) -> None:
        self._what = what
        self.count = 0
        self._examples: list[str] = []

    def add(self, example: str) -> None:
        """Count one more, seen at `example`, which may be of any bytes."""
        self.count += 1
        if len(self._examples) < EXAMPLES:
            self._examples.append(as_text(example))

    def finding(self) -> Finding:
        """What was counted so far."""
        return Finding(self._what, self.count, tuple(self._examples))
