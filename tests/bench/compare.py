"""`python -m tests.bench.compare --before A.json --after B.json`: two versions side by side.

The files are what `tests.bench.accuracy --out` wrote, of one set or of many. A set is shown if both
versions have it with as many pictures; the groups are summed anew over what is shown.
"""

import argparse
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from batch_predict.evaluate.reliability import wilson
from tests.bench.accuracy_tools import OURS
from tests.bench.groups import GROUPS

HEADER: Final = (
    "set", "pictures", "right, %", "silently wrong, %", "95% interval, after", "review, %",
    "no answer, %", "second looks, %", "third, %", "ECE, %", "cost", "CPU ms",
)  # fmt: skip
NONE: Final = "-"  # in place of a share of nothing


class Counts(NamedTuple):
    """What became of a set's pictures; None: there is no such figure."""

    pictures: int
    digits: int  # pictures with one
    right: int
    silently_wrong: int
    review: int
    no_answer: int
    cpu: float  # seconds, of all
    article: float  # seconds that `article-code` takes for as many
    second: int | None
    third: int | None
    error: float | None  # expected calibration error; of one set alone

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Counts":
        """Of a line of the JSON."""
        names = "pictures digits right silently_wrong review no_answer cpu_seconds"
        rest = "article_code_cpu_seconds second_looks third_looks ece"
        return cls(*(told[name] for name in f"{names} {rest}".split()))

    @classmethod
    def together(cls, counts: Iterable["Counts"]) -> "Counts":
        """The sum; an error can't be had from those of parts."""
        columns = zip(*(each[:-1] for each in counts), strict=True)
        return cls(*(None if None in column else sum(column) for column in columns), None)


def read(paths: Iterable[Path], tool: str = OURS) -> dict[str, Counts]:
    """What the files say of `tool`: sets and groups; of one that is there twice, the last."""
    told = [json.loads(path.read_text("utf-8")) for path in paths]
    lines = [line for each in told for line in (*each["results"], *each["groups"])]
    return {line["set"]: Counts.of(line) for line in lines if line["tool"] == tool}


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
    """The sum of `members`; the error from the file's own line of the group, if it has as many."""
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
        _change(_share(c.no_answer, c.pictures, 1) for c in both),
        _change(_share(c.second, c.pictures, 1) for c in both),
        _change(_share(c.third, c.pictures, 1) for c in both),
        _change(_share(c.error, 1, 2) for c in both),
        _change(f"{c.cpu / c.article:.2f}" for c in both),
        _change(f"{1000 * c.cpu / c.pictures:#.3g}" for c in both),
    ]
    return f"| {' | '.join(cells)} |"


def _change(both: Iterable[str]) -> str:
    """`before -> after`; the one alone that there is."""
    return " -> ".join(each for each in both if each != NONE) or NONE


def _share(count: float | None, total: int, decimals: int) -> str:
    return NONE if count is None or not total else f"{100 * count / total:.{decimals}f}"


def _interval(count: int, total: int) -> str:
    interval = wilson(count, total)
    return NONE if interval is None else f"{100 * interval[0]:.2f} to {100 * interval[1]:.2f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.compare")
    parser.add_argument("--before", nargs="+", type=Path, required=True)
    parser.add_argument("--after", nargs="+", type=Path, required=True)
    parser.add_argument("--tool", default=OURS)
    options = parser.parse_args()
    both = (read(paths, options.tool) for paths in (options.before, options.after))
    print("\n".join(table(*both)))


if __name__ == "__main__":
    main()
