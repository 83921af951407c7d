"""The command line of the review page."""

from collections.abc import Sequence

from batch_predict.cli_common import OVERWRITE, Parser, exit_code_of
from batch_predict.errors import ExitCode
from batch_predict.process.stdio import say


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (without the program's name); returns the exit code."""
    return exit_code_of(lambda: _run(argv))


def _run(argv: Sequence[str] | None) -> ExitCode:
    """Write the page, or pages, beside the output.

    Raises:
        InputError: the output, its manifest or its pictures can't be read.
        LockedError: a run is writing the output.
        UsageError: an argument is no good, or a file of somebody else is in the place of a page.
        OutputError: a page can't be written.
    """
    parser = Parser(
        prog="batch_predict.review",
        description="Make a page on which a person decides what a run was not sure of.",
    )
    parser.add_argument("csv", metavar="out.csv", help="a run's output; its pages are replaced")
    parser.add_argument("--blank", action="store_true", help="blank pictures, too")
    parser.add_argument(
        "--in-dir", metavar="DIR", help="where the pictures are now, if they were moved"
    )
    parser.add_argument("--overwrite", action="store_true", help=OVERWRITE)
    asked = parser.read(argv)

    from batch_predict.review.make import make_pages  # NumPy: not before the arguments are right

    say(make_pages(asked.csv, asked.in_dir, blank=asked.blank, overwrite=asked.overwrite))
    return ExitCode.OK
