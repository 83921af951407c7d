"""The command line: argv -> Options."""

import argparse
from collections.abc import Sequence

from batch_predict import __version__
from batch_predict.command import Group, Parser, add_gates, guard
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.options import Options
from batch_predict.shard import Shard


def build_parser() -> argparse.ArgumentParser:
    """The parser; its destinations are the fields of `Options`."""
    parser = Parser(
        prog="batch_predict",
        description="Score a folder of pictures of handwritten digits into a CSV.",
    )
    parser.add_argument("in_dir", help="the folder of pictures, walked to the bottom")
    parser.add_argument("output", metavar="out.csv", help="the CSV to write")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    _add_reading(parser.add_argument_group("what to read"))
    _add_writing(parser.add_argument_group("what to write"))
    _add_model(parser.add_argument_group("which model"))
    _add_running(parser.add_argument_group("how to run"))
    add_gates(parser.add_argument_group("gates"))
    return parser


def _add_reading(group: Group) -> None:
    add = group.add_argument
    add("--labels", metavar="FILE", help="ground truth: a CSV with path and label")
    add("--label-pattern", metavar="REGEX", help="ground truth: its group `label`, over the path")
    add("--all-files", action="store_true", help="every file, whatever its name; content decides")
    add("--follow-links", action="store_true", help="into linked folders too, each once")
    add("--max-pixels", type=int, metavar="N", help="refuse larger pictures (default: 50000000)")
    add(
        "--shard",
        type=Shard.parse,
        metavar="K/N",
        help="only the part K of N, from 0/N; batch_predict.merge joins the outputs",
    )
    add(
        "--preprocess",
        type=Preprocess,
        choices=list(Preprocess),
        help="auto (default) leaves MNIST's form alone; mnist normalizes all; plain only resizes",
    )
    add("--polarity", type=Polarity, choices=list(Polarity), help="of the ink (default: auto)")


def _add_writing(group: Group) -> None:
    add = group.add_argument
    add("--probabilities", action="store_true", help="add the columns p0 to p9")
    add(
        "--incremental",
        action="store_true",
        help="keep what is scored as out.csv.cache; score only what is new or changed since",
    )
    add("--metrics-file", metavar="X.prom", help="counts for node_exporter's textfile collector")
    add(
        "--save-prepared",
        metavar="DIR",
        help="contact sheets: pictures beside what the model saw of them, worst first",
    )
    add("--verbose", action="store_true", help="say more about what is done")
    add("--quiet", action="store_true", help="no summary line and no progress bar")


def _add_model(group: Group) -> None:
    add = group.add_argument
    add("--model", help="a .keras or .h5 file or a shipped name (default: digits)")
    add(
        "--review-below",
        type=float,
        metavar="P",
        help="review confidences below it, not as the card says",
    )


def _add_running(group: Group) -> None:
    add = group.add_argument
    add("--runtime", metavar="NAME", help="keras (default), onnx or openvino")
    add("--batch-size", type=int, metavar="N", help="pictures a batch (default: 256)")
    add("--engine", metavar="NAME", help="local (default) or ray")
    add("--ray-address", metavar="HOST:PORT", help="of a running Ray cluster (default: start one)")
    add("--workers", type=int, metavar="N", help="processes that prepare (default: one a core)")
    add(
        "--image-timeout",
        type=float,
        metavar="SECONDS",
        help="give up on a picture that takes longer to prepare (default: 30)",
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv` (without the program's name); returns the exit code."""
    return guard(lambda: _run(argv))


def _run(argv: Sequence[str] | None) -> int:
    options = parse(argv)
    from batch_predict.job import run

    return run(options)


def parse(argv: Sequence[str] | None) -> Options:
    """The options that the command line `argv` gives.

    Raises:
        UsageError: an option is unknown, or a value is not one it takes.
    """
    given = vars(build_parser().parse_args(argv))
    return Options(**{name: value for name, value in given.items() if value is not None})
