"""The command line of the pages on which a person decides and answers."""

from argparse import ArgumentTypeError
from collections.abc import Sequence
from typing import Final

from batch_predict.cli_common import OVERWRITE, Parser, exit_code_of, whole_number
from batch_predict.errors import ExitCode, UsageError
from batch_predict.option_values import shown
from batch_predict.process.command import command_of
from batch_predict.process.stdio import say

_LARGEST: Final = 999_999_999  # of pictures to draw, and of seeds


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
        part="review",
        description="Make a page to decide on what a run was not sure of, or one for an audit.",
    )
    parser.add_argument("csv", metavar="out.csv", help="a run's output; its pages are replaced")
    parser.add_argument("--blank", action="store_true", help="blank pictures, too")
    parser.add_argument(
        "--decided", action="store_true", help="what was decided before, too, to change it"
    )
    parser.add_argument(
        "--in-dir", metavar="DIR", help="where the pictures are now, if they were moved"
    )
    parser.add_argument("--overwrite", action="store_true", help=OVERWRITE)
    parser.add_argument(
        "--serve", action="store_true", help="show it in a browser of this machine, until Ctrl-C"
    )
    parser.add_argument(
        "--port", type=whole_number(0, 65_535), metavar="N", help="of --serve (default: a free one)"
    )
    parser.add_argument(
        "--audit",
        type=_pictures,
        metavar="N",
        help="make another page, that of an audit: it asks for N pictures, drawn by strata, without"
        " saying what was read; `report --audit FILE` takes the answers",
    )
    parser.add_argument(
        "--seed", type=whole_number(0, _LARGEST), metavar="K", help="of --audit (default: 0)"
    )
    parser.add_argument(
        "--groups", metavar="FILE", help="of --audit: a CSV with path and group (default: folders)"
    )
    asked = parser.read(argv)
    if asked.port is not None and not asked.serve:
        raise UsageError("--port is of --serve, which is not asked for")
    if asked.audit is None and (asked.seed is not None or asked.groups is not None):
        raise UsageError("--seed and --groups are of --audit, which is not asked for")
    if asked.audit is not None and (asked.serve or asked.blank or asked.decided):
        words = "--audit is for a page of its own: leave out --serve, --blank and --decided"
        raise UsageError(words)

    if asked.audit is not None:  # what needs NumPy is imported once the arguments are right
        from batch_predict.review.audit import AuditAsked, make_audit

        audit = AuditAsked(asked.audit, asked.seed or 0, asked.groups)
        say(make_audit(asked.csv, asked.in_dir, audit, overwrite=asked.overwrite))
        return ExitCode.OK

    from batch_predict.review.review_rows import queue_of

    queue = queue_of(blank=asked.blank, decided=asked.decided)
    if asked.serve:
        from batch_predict.review.serve import serve

        say(serve(asked.csv, asked.in_dir, asked.port or 0, queue))
        return ExitCode.OK
    from batch_predict.review.make import make_pages

    say(make_pages(asked.csv, asked.in_dir, queue, overwrite=asked.overwrite))
    return ExitCode.OK


def _pictures(text: str) -> int:
    if text.endswith(".csv"):
        raise ArgumentTypeError(
            f"must be a number of pictures, received {shown(text)}: answers are taken by"
            f" {command_of('report')} out.csv --audit FILE"
        )
    return whole_number(1, _LARGEST)(text)
