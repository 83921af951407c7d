"""Counts what is odd about the truth and keeps a few examples, so that memory stays bounded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from batch_predict.tables.csv_paths import as_text

EXAMPLES: Final = 20  # kept of each finding


@dataclass(frozen=True)
class Finding:
    """What was seen, how often, and the first examples."""

    what: str
    count: int
    examples: tuple[str, ...]


def sum_findings(findings: Iterable[Sequence[Finding]]) -> tuple[Finding, ...]:
    """The findings of several sets of pictures, of all together."""
    whole: dict[str, Finding] = {}
    for each in chain.from_iterable(findings):
        before = whole.get(each.what, Finding(each.what, 0, ()))
        examples = sorted((*before.examples, *each.examples))[:EXAMPLES]
        whole[each.what] = Finding(each.what, before.count + each.count, tuple(examples))
    return tuple(whole.values())


class Tally:
    """Counts what is added and keeps the first EXAMPLES.

    Where `warns` says it of one and of several (`"label is no digit", "labels are no digits"`),
    what was counted is worth a warning.
    """

    def __init__(self, what: str, warns: tuple[str, str] | None = None) -> None:
        self._what = what
        self._warns = warns
        self.count = 0
        self._examples: list[str] = []
        self._first = ""

    def add(self, example: str, in_words: str | None = None) -> None:
        """Count one more, seen at `example`, which may be of any bytes; a warning says it so."""
        self.count += 1
        if self.count == 1:
            self._first = as_text(in_words or example)
        if len(self._examples) < EXAMPLES:
            self._examples.append(as_text(example))

    def finding(self) -> Finding:
        """What was counted so far."""
        return Finding(self._what, self.count, tuple(self._examples))

    def warning(self) -> str | None:
        """How many, what, and the first example; None where there is nothing to warn of."""
        if self._warns is None or not self.count:
            return None
        return f"{self.count} {self._warns[self.count > 1]}, e.g. {self._first}"
