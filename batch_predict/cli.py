"""The command line: argv -> Options; the one place where an error becomes an exit code."""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from batch_predict import __version__
from batch_predict.errors import BatchPredictError, ExitCode, Stopped, UsageError
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.options import Limit, Options
from batch_predict.shard import Shard
from batch_predict.streams import flush, standard_streams


class Parser(argparse.ArgumentParser):
    """A parser whose errors are in the error tree."""

    def __init__(self, prog: str, description: str) -> None:
        # An abbreviation in a cron line would change its meaning with a new option.
        super().__init__(prog, description=description, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Raises UsageError."""
        raise UsageError(message)


def build_parser() -> argparse.ArgumentParser:
    """The parser; its destinations are the fields of `Options`."""
    parser = Parser(
        prog="batch_predict",
        description="Score a folder of pictures of handwritten digits into a CSV.",
    )
    parser.add_argument("in_dir", help="the folder of pictures, walked to the bottom")
    parser.add_argument("output", metavar="out.csv", help="the CSV to write")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")

    read = parser.add_argument_group("what to read")
    read.add_argument("--labels", metavar="FILE", help="ground truth: a CSV with path and label")
    read.add_argument(
        "--label-pattern", metavar="REGEX", help="ground truth: its group `label`, over the path"
    )

    read.add_argument(
        "--all-files", action="store_true", help="every file, whatever its name; content decides"
    )
    read.add_argument(
        "--follow-links", action="store_true", help="into linked folders too, each once"
    )
    read.add_argument(
        "--max-pixels", type=int, metavar="N", help="refuse larger pictures (default: 50000000)"
    )
    read.add_argument(
        "--shard",
        type=Shard.parse,
        metavar="K/N",
        help="only the part K of N, from 0/N; batch_predict.merge joins the outputs",
    )

    read.add_argument(
        "--preprocess",
        type=Preprocess,
        choices=list(Preprocess),
        help="auto (default) leaves MNIST's form alone; mnist normalizes all; plain only resizes",
    )
    read.add_argument(
        "--polarity", type=Polarity, choices=list(Polarity), help="of the ink (default: auto)"
    )

    write = parser.add_argument_group("what to write")
    write.add_argument("--probabilities", action="store_true", help="add the columns p0 to p9")
    write.add_argument(
        "--incremental",
        action="store_true",
        help="keep what is scored as out.csv.cache; score only what is new or changed since",
    )
    write.add_argument(
        "--metrics-file", metavar="X.prom", help="counts for node_exporter's textfile collector"
    )
    write.add_argument(
        "--save-prepared",
        metavar="DIR",
        help="contact sheets: pictures beside what the model saw of them, worst first",
    )
    write.add_argument("--verbose", action="store_true", help="say more about what is done")
    write.add_argument("--quiet", action="store_true", help="no summary line and no progress bar")

    model = parser.add_argument_group("which model")
    model.add_argument("--model", help="a .keras or .h5 file or a shipped name (default: digits)")

    model.add_argument(
        "--review-below",
        type=float,
        metavar="P",
        help="review confidences below it, not the card's",
    )

    run = parser.add_argument_group("how to run")
    run.add_argument("--runtime", metavar="NAME", help="keras (default), onnx or openvino")
    run.add_argument("--batch-size", type=int, metavar="N", help="pictures a batch (default: 256)")

    run.add_argument("--engine", metavar="NAME", help="local (default) or ray")
    run.add_argument(
        "--ray-address", metavar="HOST:PORT", help="of a running Ray cluster (default: start one)"
    )
    run.add_argument(
        "--workers", type=int, metavar="N", help="processes that prepare (default: one a core)"
    )
    run.add_argument(
        "--image-timeout",
        type=float,
        metavar="SECONDS",
        help="give up on a picture that takes longer to prepare (default: 30)",
    )

    add_gates(parser)
    return parser


def add_gates(parser: argparse.ArgumentParser) -> None:
    """What a finished CSV must reach."""
    gates = parser.add_argument_group("gates")
    gates.add_argument(
        "--max-failures", type=Limit.parse, metavar="N|P%", help="more failures exit 4 (default: 0)"
    )
    gates.add_argument(
        "--min-accuracy",
        type=float,
        metavar="P",
        help="exit 5 where the 95%% interval of the accuracy begins below this, such as 0.99",
    )
    gates.add_argument(
        "--max-drift",
        type=float,
        metavar="X",
        help="exit 5 where a stability index from the model's card is above this, such as 0.2",
    )
    gates.add_argument(
        "--baseline", metavar="RUN.JSON", help="measure drift from this earlier run's manifest"
    )
    gates.add_argument(
        "--max-review", type=Limit.parse, metavar="N|P%", help="exit 5 where more are for review"
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


def guard(action: Callable[[], int]) -> int:
    """The exit code of `action`; an error meant for the user is said and becomes its code."""
    try:
        with standard_streams():
            return action()
    except BatchPredictError as error:
        _say(str(error))
        return error.exit_code
    except Stopped as stopped:
        _say(str(stopped))
        return stopped.exit_code
    except MemoryError:
        _say("out of memory; a smaller --batch-size and fewer --workers need less")
        return ExitCode.BUG
    except KeyboardInterrupt:  # before the run began or after it ended
        return 128 + signal.SIGINT
    finally:
        flush()


def _say(words: str) -> None:
    print(f"batch_predict: {words}", file=sys.stderr, flush=True)
