"""`python -m tests.bench.compare --before A.md ... --after B.md ...`: two versions side by side.

The files are tables that `tests.bench.accuracy` printed, of one set or of many, or a page that has
a table of this one. A set is shown if both versions have it with as many pictures; the groups are
summed anew over what is shown. Older versions printed no looks, no calibration error and no cost:
one figure in place of two is that of after.
"""

import argparse
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from batch_predict.evaluate.reliability import wilson
from tests.bench.groups import GROUPS

HEADER: Final = (
    "set", "pictures", "right, %", "silently wrong, %", "95% interval, after", "review, %",
    "blank, %", "second looks, %", "third, %", "ECE, %", "cost", "CPU ms",
)  # fmt: skip
NONE: Final = "-"  # in place of a share of nothing


class Counts(NamedTuple):
    """What became of a set's pictures; None: the table does not say."""

    pictures: int
    digits: int  # pictures with one
    right: int
    silently_wrong: int
    review: int
    blank: int
    cpu: float  # ms, of all
    second: int | None = None
    third: int | None = None
    cost: float | None = None  # of all, each picture's over that of `article-code`
    error: float | None = None  # expected calibration error, %; of one set alone

    @classmethod
    def of(cls, cells: Mapping[str, str]) -> "Counts":
        """A line's cells by their heads, as `accuracy.line` or `line` writes them."""
        pictures = int(cells["pictures"])
        told = {name: float(text) for name, text in cells.items() if _is_number(text)}

        def count(name: str) -> int | None:
            return round(told[name] / 100 * pictures) if name in told else None

        return cls(
            pictures,
            pictures if "right" in told else 0,
            count("right") or 0,
            *(count(name) or 0 for name in ("silently wrong", "review", "blank")),
            told["CPU ms"] * pictures,
            count("second looks"),
            count("third"),
            told["cost"] * pictures if "cost" in told else None,
            told.get("ECE"),
        )

    @classmethod
    def together(cls, counts: Iterable["Counts"]) -> "Counts":
        """The sum; an error can't be had from those of parts."""
        columns = zip(*(each[:-1] for each in counts), strict=True)
        return cls(*(None if None in column else sum(column) for column in columns))


def read(paths: Iterable[Path]) -> dict[str, Counts]:
    """The sets in saved tables, old or new; of one that is there twice, the last.

    Of a line with `before -> after` it is what was after.
    """
    found, heads = {}, list[str]()
    for line in (line for path in paths for line in path.read_text("utf-8").splitlines()):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0] == "set":
            heads = [head.removesuffix(", %") for head in cells]
        elif "pictures" in heads and len(cells) == len(heads) and cells[1].isdigit():
            after = (cell.rpartition("->")[2].strip().rstrip("%") for cell in cells)
            found[cells[0]] = Counts.of(dict(zip(heads, after, strict=True)))
    return found


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d+\.?\d*", text) is not None


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
            name = f"**{group}**"
            rows.append(line(name, *(_summed(which, members, name) for which in (before, after))))
    return [f"| {' | '.join(HEADER)} |", f"|{' --- |' * len(HEADER)}", *rows]


def _summed(counts: Mapping[str, Counts], members: Iterable[str], group: str) -> Counts:
    """The sum of `members`; the error from the table's own line of the group, if it has as many."""
    total = Counts.together(counts[name] for name in members)
    printed = counts.get(group)
    return total._replace(error=printed.error if printed and printed[:1] == total[:1] else None)


def line(name: str, before: Counts, after: Counts) -> str:
    """A set's line: what changed, as `before -> after`."""
    both = (before, after)
    cells = [
        name,
        str(after.pictures),
        _change(_share(c.right, c.digits, 1) for c in both),
        _change(_share(c.silently_wrong, c.pictures, 2) for c in both),
        _interval(after.silently_wrong, after.pictures),
        _change(_share(c.review, c.pictures, 1) for c in both),
        _change(_share(c.blank, c.pictures, 1) for c in both),
        _change(_share(c.second, c.pictures, 1) for c in both),
        _change(_share(c.third, c.pictures, 1) for c in both),
        _change(NONE if c.error is None else f"{c.error:.2f}" for c in both),
        _change(NONE if c.cost is None else f"{c.cost / c.pictures:.2f}" for c in both),
        _change(f"{c.cpu / c.pictures:#.3g}" for c in both),
    ]
    return f"| {' | '.join(cells)} |"


def _change(both: Iterable[str]) -> str:
    """`before -> after`; the one alone that there is."""
    return " -> ".join(each for each in both if each != NONE) or NONE


def _share(count: int | None, total: int, decimals: int) -> str:
    return NONE if count is None or not total else f"{100 * count / total:.{decimals}f}"


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
