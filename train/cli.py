"""Train a network of the article, fine-tune one; see also its other commands: `tune`, `recipe`,
`classifier`, `looks MODEL`, `ink`, `evaluate MODEL`, `digits MODEL`, `export MODEL`."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from batch_predict import __version__
from batch_predict.errors import BatchPredictError, MissingExtraError

from . import cli_commands as commands
from .command import PROGRAM


def main(argv: Sequence[str] | None = None) -> int:
    """Run `argv`; an error that the user can mend is one line on stderr and its exit code."""
    arguments = sys.argv[1:] if argv is None else list(argv)
    command = arguments.pop(0) if arguments and arguments[0] in COMMANDS else ""
    add_arguments, run = COMMANDS[command]
    description = " ".join((run.__doc__ or "").split()) if command else __doc__
    parser = argparse.ArgumentParser(f"{PROGRAM} {command}".strip(), description=description)
    parser.add_argument("--version", action="version", version=f"batch_predict {__version__}")
    add_arguments(parser)
    options = parser.parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's start-up chatter
    try:
        with _extra():
            run(options)
    except BatchPredictError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return error.exit_code
    return 0


@contextmanager
def _extra() -> Iterator[None]:
    """Raises `MissingExtraError` in place of what Python raises where a library is missing: every
    command imports what it needs itself."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in (__name__.partition(".")[0], "batch_predict"):
            raise  # a module of ours: a bug
        raise MissingExtraError(f"training ({error.name})", "train") from error


#: a command ("" trains as the article does) -> its arguments, and the doing, whose docstring
#: `--help` shows
COMMANDS: Final[Mapping[str, tuple[Callable[..., None], Callable[..., None]]]] = {
    "recipe": (commands.for_recipe, commands.run_recipe),
    "": (commands.for_train, commands.run_train),
    "tune": (commands.for_tune, commands.run_tune),
    "classifier": (commands.for_classifier, commands.run_classifier),
    "looks": (commands.for_looks, commands.run_looks),
    "ink": (commands.for_ink, commands.run_ink),
    "evaluate": (commands.for_evaluate, commands.run_evaluate),
    "digits": (commands.for_digits, commands.run_digits),
    "export": (commands.for_export, commands.run_export),
}
