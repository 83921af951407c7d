"""The report's own command line."""

from collections.abc import Sequence
from dataclasses import dataclass

from batch_predict.command import Parser, guard
from batch_predict.errors import ExitCode, UsageError


@dataclass(frozen=True)
class ReportOptions:
    """What the command line says."""

    csv: str
    labels: str | None
    compare: str | None
    sample: tuple[int, str] | None  # how many, and where to


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (without the program's name); returns the exit code."""
    return guard(lambda: run(parse(argv)))


def parse(argv: Sequence[str] | None) -> ReportOptions:
    """Raises UsageError."""
    parser = Parser(
        prog="batch_predict.report",
        description="Evaluate a CSV of batch_predict against ground truth, without scoring again.",
    )
    parser.add_argument("csv", metavar="out.csv", help="the CSV; its report is replaced")
    parser.add_argument("--labels", metavar="FILE", help="ground truth: a CSV with path and label")
    parser.add_argument("--compare", metavar="OLD.csv", help="an earlier CSV for the same pictures")
    parser.add_argument(
        "--sample",
        nargs=2,
        metavar=("N", "TO_LABEL.csv"),
        help="only draw N pictures at random, for a person to label and hand back with --labels",
    )
    given = parser.parse_args(argv)
    return ReportOptions(given.csv, given.labels, given.compare, _sample(given.sample))


def _sample(given: Sequence[str] | None) -> tuple[int, str] | None:
    if given is None:
        return None
    number, file = given
    if not number.isdecimal() or int(number) < 1:
        raise UsageError(f"--sample draws at least 1 picture, received {number}")
    return int(number), file


def run(options: ReportOptions) -> ExitCode:
    """Write the report beside the CSV, or only the sample.

    Raises:
        InputError: a CSV can't be read, or its manifest belongs to another.
        UsageError: there is no ground truth, or a file named is no good.
        OutputError: a file can't be written.
    """
    from batch_predict.report.rerun import report  # pandas: not before the arguments are right
    from batch_predict.report.sample import draw

    if options.sample:
        print(draw(options.csv, *options.sample))
    else:
        print(report(options.csv, options.labels, options.compare))
    return ExitCode.OK
