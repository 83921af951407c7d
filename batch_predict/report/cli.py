"""The report's own command line."""

import os
import re
from collections.abc import Sequence

from batch_predict.cli_common import OVERWRITE, Parser, exit_code_of
from batch_predict.errors import ExitCode, UsageError
from batch_predict.option_values import shown
from batch_predict.process.command import command_of
from batch_predict.process.stdio import say


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (without the program's name); returns the exit code."""
    return exit_code_of(lambda: _run(argv))


def _run(argv: Sequence[str] | None) -> ExitCode:
    """Write the report beside the CSV, or only the sample.

    Raises:
        InputError: a CSV can't be read, or its manifest belongs to another.
        LockedError: a run is writing the CSV.
        UsageError: there is no ground truth, or a file or an argument is no good.
        OutputError: a file can't be written.
    """
    parser = Parser(
        part="report",
        description="Evaluate a CSV of batch_predict against ground truth, without scoring again.",
    )
    parser.add_argument("csv", metavar="out.csv", help="the CSV; its report is replaced")
    parser.add_argument("--labels", metavar="FILE", help="ground truth: a CSV with path and label")
    parser.add_argument("--compare", metavar="OLD.csv", help="an earlier CSV for the same pictures")
    parser.add_argument(
        "--audit",
        action="append",
        default=[],
        metavar="FILE",
        help="what a person answered on the page of `review --audit N`; twice, for two people",
    )
    parser.add_argument(
        "--sample",
        nargs=2,
        metavar=("N", "TO_LABEL.csv"),
        help="only draw N pictures at random, for a person to label and hand back with --labels",
    )
    parser.add_argument("--overwrite", action="store_true", help=OVERWRITE)
    asked = parser.read(argv)
    number, target = asked.sample or ("1", None)
    if not re.fullmatch(r"\d{1,15}", number) or int(number) < 1:
        parser.error(
            f"argument --sample: must be at least 1 picture, received {shown(number, repr)}"
        )
    if asked.sample and (asked.labels or asked.compare or asked.audit):
        raise UsageError("--sample only draws: leave out --labels, --compare and --audit")
    for file in asked.audit:
        if re.fullmatch(r"\d+", file) and not os.path.exists(file):
            parser.error(
                f"argument --audit: must be a file of answers, received {shown(file)}: pictures are"
                f" drawn by {command_of('review')} out.csv --audit N"
            )

    # They need NumPy: not before the arguments are right.
    from batch_predict.report.from_table import ReportAsked, make_report
    from batch_predict.report.sample import draw_sample

    if target:
        say(draw_sample(asked.csv, int(number), target, overwrite=asked.overwrite))
    else:
        files = ReportAsked(asked.csv, asked.labels, asked.compare, asked.audit)
        say(make_report(files, overwrite=asked.overwrite))
    return ExitCode.OK
