"""`python -m train`: train a network on MNIST or on one's own pictures."""

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Final

from batch_predict.errors import BatchPredictError, UsageError

ARTICLE_EPOCHS: Final = 5


def main(argv: Sequence[str] | None = None) -> int:
    """Run `argv`; an error that the user can mend is one line on stderr and its exit code."""
    options = _parser().parse_args(argv)
    try:
        _train(options)
    except BatchPredictError as error:
        print(f"python -m train: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m train", description=__doc__)
    parser.add_argument(
        "--network", choices=("article-code", "article-summary"), default="article-code"
    )
    parser.add_argument(
        "--data",
        default="keras",
        metavar="SOURCE",
        help="keras (default: keras.datasets.mnist), an mnist.npz, or a folder of folders 0 to 9",
    )
    parser.add_argument("--output", required=True, metavar="MODEL", help="a .keras or .h5 file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=ARTICLE_EPOCHS)
    return parser


def _train(options: argparse.Namespace) -> None:
    if not options.output.endswith((".keras", ".h5")):
        raise UsageError(f"--output must end in .keras or .h5, received {options.output}")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's start-up chatter
    from train.run import train_article

    train_article(options)
