"""The command line of the review page."""

import re
from collections.abc import Sequence

from batch_predict.cli_common import OVERWRITE, Parser, exit_code_of
from batch_predict.errors import ExitCode, UsageError
from batch_predict.option_values import shown
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
    parser.add_argument(
        "--serve", action="store_true", help="show it in a browser of this machine, until Ctrl-C"
    )
    parser.add_argument("--port", type=_port, metavar="N", help="of --serve (default: a free one)")
    asked = parser.read(argv)
    if asked.port is not None and not asked.serve:
        raise UsageError("--port is of --serve, which is not asked for")

    if asked.serve:
        from batch_predict.review.serve import serve

        say(serve(asked.csv, asked.in_dir, asked.port or 0))
        return ExitCode.OK
    from batch_predict.review.make import make_pages  # NumPy: not before the arguments are right

    say(make_pages(asked.csv, asked.in_dir, blank=asked.blank, overwrite=asked.overwrite))
    return ExitCode.OK


def _port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) >= 1 << 16:
        raise UsageError(f"--port is a number from 0 to 65535, received {shown(text)}")
    return int(text)
