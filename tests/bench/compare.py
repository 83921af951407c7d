"""`python -m tests.bench.compare --before A.md ... --after B.md ...`: two versions side by side.

The files are tables that `tests.bench.accuracy` printed, of one set or of many. A set is shown if
both versions have it with as many pictures; the groups are summed anew over what is shown.
"""

import argparse
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from batch_predict.evaluate.reliability import wilson
from tests.bench.groups import GROUPS

HEADER: Final = (
    "set", "pictures", "right, %", "silently wrong, %", "95% interval, after", "review, %",
    "blank, %", "CPU ms",
)  # fmt: skip
NONE: Final = "-"  # in place of a share of nothing


class Counts(NamedTuple):
    """What became of a set's pictures."""

    pictures: int
    digits: int  # pictures with one
    right: int
    silently_wrong: int
    review: int
    blank: int
    cpu: float  # ms, of all

    @classmethod
    def of(cls, cells: list[str]) -> "Counts":
        """A line's cells behind its name, as `accuracy.line` writes them."""
        pictures = int(cells[0])

        def count(share: str) -> int:
            return round(float(share.rstrip("%")) / 100 * pictures)

        right, wrong, review, blank, cpu = (cells[i] for i in (1, 3, 5, 6, 7))
        digits = 0 if right == NONE else pictures
        counted = map(count, ("0" if right == NONE else right, wrong, review, blank))
        return cls(pictures, digits, *counted, float(cpu) * pictures)

    @classmethod
    def together(cls, counts: Iterable["Counts"]) -> "Counts":
        """The sum."""
        return cls(*map(sum, zip(*counts, strict=True)))


def read(paths: Iterable[Path]) -> dict[str, Counts]:
    """The sets in saved tables; of one that is there twice, the last."""
    lines = [line for path in paths for line in path.read_text("utf-8").splitlines()]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: Counts.of(row[1:]) for row in rows if len(row) == 9 and row[1].isdigit()}


def table(before: dict[str, Counts], after: dict[str, Counts]) -> list[str]:
    """The lines of the table."""
    shown = [
        name
        for name, counts in before.items()
        if name in after and counts.pictures == after[name].pictures and not name.startswith("**")
    ]
    rows = [line(name, before[name], after[name]) for name in shown]
    for group, pattern in GROUPS.items():
        members = [name for name in shown if re.search(pattern, name)]
        if len(members) > 1:
            sums = (Counts.together(which[name] for name in members) for which in (before, after))
            rows.append(line(f"**{group}**", *sums))
    return [f"| {' | '.join(HEADER)} |", f"|{' --- |' * len(HEADER)}", *rows]


def line(name: str, before: Counts, after: Counts) -> str:
    """A set's line: what changed, as `before -> after`."""
    both = (before, after)
    cells = [
        name,
        str(after.pictures),
        " -> ".join(_share(c.right, c.digits, 1) for c in both),
        " -> ".join(_share(c.silently_wrong, c.pictures, 2) for c in both),
        _interval(after.silently_wrong, after.pictures),
        " -> ".join(_share(c.review, c.pictures, 1) for c in both),
        " -> ".join(_share(c.blank, c.pictures, 1) for c in both),
        " -> ".join(f"{c.cpu / c.pictures:#.3g}" for c in both),
    ]
    return f"| {' | '.join(cells)} |"


def _share(count: int, total: int, decimals: int) -> str:
    return f"{100 * count / total:.{decimals}f}" if total else NONE


def _interval(count: int, total: int) -> str:
    interval = wilson(count, total)
    return NONE if interval is None else f"{100 * interval[0]:.2f} to {100 * interval[1]:.2f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.compare")
    parser.add_argument("--before", nargs="+", type=Path, required=True)
    parser.add_argument("--after", nargs="+", type=Path, required=True)
    options = parser.parse_args()
    print("\n".join(table(read(options.before), read(options.after))))


if __name__ == "__main__":
    main()
