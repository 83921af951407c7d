"""Arguments that several commands of a training have."""

import argparse
import math
import os
from contextlib import suppress
from typing import Final

from batch_predict.cli_common import OVERWRITE, whole_number
from batch_predict.errors import UsageError
from batch_predict.option_values import shown
from batch_predict.options import MAX_WORKERS

MODEL_FILES: Final = (".keras", ".h5")


def above_0(text: str) -> float:
    """The finite number above 0 that `text` is."""
    with suppress(ValueError):
        if 0 < (number := float(text)) < math.inf:
            return number
    raise argparse.ArgumentTypeError(f"must be a number above 0, received {shown(text, repr)}")


def add_data(parser: argparse.ArgumentParser) -> None:
    """What it learns from."""
    parser.add_argument(
        "--data",
        default="keras",
        metavar="SOURCE",
        help="keras (default: keras.datasets.mnist), an mnist.npz, or a folder of folders 0 to 9",
    )


def add_length(parser: argparse.ArgumentParser) -> None:
    """How long it trains; see `check_length`."""
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--seconds", type=above_0, default=0.0, help="train so long")
    length.add_argument(
        "--steps", type=whole_number(1, 10**9), default=0, help="train so many batches instead"
    )


def add_readings(parser: argparse.ArgumentParser) -> None:
    """How many pictures are rendered."""
    words = "of the usual number of pictures, so many are rendered (default: 1)"
    parser.add_argument("--readings", type=above_0, default=1.0, metavar="SHARE", help=words)


def add_workers(parser: argparse.ArgumentParser) -> None:
    """How many processes render."""
    words = "processes that render pictures (default: one less than the processor has cores)"
    parser.add_argument("--workers", type=whole_number(1, MAX_WORKERS), default=0, help=words)


def add_memory(parser: argparse.ArgumentParser) -> None:
    """How much is kept of what they render."""
    words = "memory for rendered pictures (default: 4); of more, the oldest make room"
    parser.add_argument("--memory", type=above_0, default=4.0, metavar="GIB", help=words)


def add_overwrite(parser: argparse.ArgumentParser) -> None:
    """Whether a file of others may be replaced."""
    parser.add_argument("--overwrite", action="store_true", help=OVERWRITE)


def add_elsewhere(parser: argparse.ArgumentParser, of: str = "") -> None:
    """By what it is said what a fine-tuning costs elsewhere; `of` begins the words."""
    words = f"{of}an mnist.npz, to say what it costs there (default: Keras's copy, if it is there)"
    parser.add_argument("--mnist", metavar="SOURCE", help=words)
    words = f"{of}readings that `looks` keeps, to say what it costs there and fit its looks"
    parser.add_argument("--rendered", default="", metavar="FOLDER", help=words)


def add_output(parser: argparse.ArgumentParser, suffixes: tuple[str, ...] = MODEL_FILES) -> None:
    """The model that it writes, which ends in one of `suffixes`."""
    endings = " or ".join(suffixes)

    def read(text: str) -> str:
        if text.endswith(suffixes):
            return text
        raise argparse.ArgumentTypeError(f"must end in {endings}, received {shown(text, repr)}")

    words = f"a {endings} file"
    parser.add_argument("--output", type=read, required=True, metavar="MODEL", help=words)


def add_seed(parser: argparse.ArgumentParser) -> None:
    """Of all that is drawn."""
    parser.add_argument("--seed", type=whole_number(0, 2**32 - 1), default=1)


def check_length(options: argparse.Namespace) -> None:
    """Raises UsageError where it is not said how long to train."""
    if not options.seconds and not options.steps:
        raise UsageError("say how long to train: --seconds or --steps")


def workers_of(options: argparse.Namespace) -> int:
    """The processes that render, as asked for or as usual."""
    return options.workers or max(1, (os.cpu_count() or 2) - 1)
