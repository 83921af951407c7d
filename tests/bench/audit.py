"""`python -m tests.bench.audit`: what an audit's intervals hold, as Markdown tables.

`coverage`: how often the fixed interval holds the truth, and how wide it is. `stopped`: the same of
the interval for whoever stops early, asked after every answer. `labels`: what a plain sample needs
to be as good.
"""

import argparse
from collections.abc import Sequence

import numpy as np

from tests.audit.simulated import (
    ACCURACIES,
    KINDS,
    NUMBERS,
    Run,
    coverage,
    coverage_when_stopped,
    run_of,
)


def main(argv: Sequence[str] | None = None) -> None:
    """Print the tables that `argv` asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.audit", description=__doc__)
    parser.add_argument("--tables", nargs="+", default=list(TABLES), choices=TABLES)
    parser.add_argument("--audits", type=int, default=4_000, help="simulated, for each figure")
    options = parser.parse_args(argv)
    for name in options.tables:
        TABLES[name](options.audits)


def coverage_table(audits: int) -> None:
    """The least coverage of all accuracies, and the mean width at 99%, in points."""
    print(_line("errors", *NUMBERS), _line("---", *["---:"] * len(NUMBERS)), sep="\n")
    for kind in KINDS:
        cells = []
        for number in NUMBERS:
            least = min(coverage(run_of(kind, at, number), audits)[0] for at in ACCURACIES)
            _, width = coverage(run_of(kind, 0.99, number), audits)
            cells.append(f"{least:.1%}, {100 * width:.1f}")
        print(_line(kind, *cells), flush=True)


def stopped_table(audits: int) -> None:
    """How often each interval holds after every answer; the width, in points, after the last."""
    names = ("errors", "accuracy", "pictures", "valid when stopped", "width", "the fixed one")
    print(_line(*names), _line("---", *["---:"] * 5), sep="\n")
    for kind in KINDS:
        for accuracy, number in ((0.9, 100), (0.99, 400)):
            run = run_of(kind, accuracy, number)
            held, width, fixed = coverage_when_stopped(run, max(audits // 40, 1))
            cells = (kind, accuracy, number, f"{held:.0%}", f"{100 * width:.1f}", f"{fixed:.0%}")
            print(_line(*cells), flush=True)


def labels_table(audits: int) -> None:
    """Labels of a plain sample that this one needs for the same standard error; both widths."""
    print(_line("errors", "accuracy", *NUMBERS), _line("---", *["---:"] * 7), sep="\n")
    for kind in KINDS:
        for accuracy in (0.95, 0.987, 0.995):
            runs = [run_of(kind, accuracy, number) for number in NUMBERS]
            cells = []
            for run in runs:
                plain = _plain(run)
                labels = _variance(run) / _variance(plain)
                widths = [100 * coverage(each, audits)[1] for each in (run, plain)]
                cells.append(f"{labels:.0%} ({widths[0]:.1f}, {widths[1]:.1f})")
            print(_line(kind, accuracy, *cells), flush=True)


def _plain(run: Run) -> Run:
    """As many pictures drawn without strata."""
    sizes, wrong, drawn = (np.array([each.sum()]) for each in (run.sizes, run.wrong, run.drawn))
    return Run(sizes, wrong, drawn, np.array([run.error]))


def _variance(run: Run) -> float:
    """Of the estimate of the error, were each stratum endless."""
    share, weight = run.wrong / run.sizes, run.sizes / run.sizes.sum()
    return float((weight**2 * share * (1 - share) / run.drawn).sum())


def _line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


TABLES = {"coverage": coverage_table, "stopped": stopped_table, "labels": labels_table}

if __name__ == "__main__":
    main()
