"""The merge's own command line."""

from collections.abc import Sequence

from batch_predict.cli_common import GATES, OVERWRITE, Parser, exit_code_of


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (without the program's name); returns the exit code."""
    return exit_code_of(lambda: _run(argv))


def _run(argv: Sequence[str] | None) -> int:
    parser = Parser(
        part="merge",
        description="Join the CSVs of a sharded run into one equal to an unsharded run's.",
    )
    parser.add_argument("output", metavar="out.csv", help="the CSV to write")
    parser.add_argument("parts", nargs="+", metavar="part.csv", help="one CSV of each shard")
    parser.add("what to write", {"--overwrite": OVERWRITE})
    parser.add("gates", GATES)
    said = vars(parser.read(argv))

    from batch_predict.merge.join_parts import merge  # what it needs, once the arguments are right

    return merge(said.pop("parts"), **said)
