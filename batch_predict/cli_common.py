"""What every command of this program shares: errors become exit codes here and nowhere else."""

import argparse
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Final, NoReturn, TypeAlias

from batch_predict import __version__
from batch_predict.errors import (
    BatchPredictError,
    ExitCode,
    MissingPackageError,
    OptionError,
    Stopped,
    UsageError,
    causes,
    describe,
)
from batch_predict.option_values import shown
from batch_predict.options import DEFAULTS, TYPES, closest
from batch_predict.process.command import command_of
from batch_predict.process.limits import limit_words
from batch_predict.process.log import PACKAGE_LOGGER, shown_on_stderr
from batch_predict.process.stdio import flush, standard_streams

#: an option (a flag's short name before it) and what stands for its value -> a line about it, where
#: `{default}` is its default
Descriptions: TypeAlias = Mapping[str, str]

GATES: Final[Descriptions] = {
    "--max-failures N|P%": "exit 4 where more failed (default: {default})",
    "--min-accuracy P": "exit 5 where its 95%% interval begins below P",
    "--max-drift X": "exit 5 where drift is above X, such as 0.2",
    "--baseline RUN.JSON": "drift from that run, not from the model's card",
    "--max-review N|P%": "exit 5 where more are for review",
}
OVERWRITE: Final = "replace files that are not this program's, too"
_HELP_COLUMN: Final = 27  # where an argument's line begins, so that a terminal shows it as one


class Parser(argparse.ArgumentParser):
    """A parser of a part of the program, or of a run, "", whose errors are in the error tree."""

    def __init__(self, part: str, description: str) -> None:
        super().__init__(
            command_of(part),
            description=description,
            formatter_class=partial(argparse.HelpFormatter, max_help_position=_HELP_COLUMN),
            allow_abbrev=False,  # a cron line must not change its meaning with a new option
        )
        version = f"batch_predict {__version__}"
        self.add_argument("--version", action="version", version=version, help="show it, and exit")

    def error(self, message: str) -> NoReturn:
        """Raises UsageError."""
        raise UsageError(message)

    def add(self, title: str, options: Descriptions) -> None:
        """Add `options`, which `--help` shows together: fields of `Options`, which reads them."""
        group = self.add_argument_group(title)
        for form, description in options.items():
            names, _, value = form.partition(" ")
            *short, name = names.split(",")
            field = name.lstrip("-").replace("-", "_")
            words = description.format(default=DEFAULTS.get(field))
            if TYPES[field] is bool:
                group.add_argument(
                    *short, name, action="store_true", help=words, default=argparse.SUPPRESS
                )
            elif issubclass(TYPES[field], tuple):  # said again, it is one more
                group.add_argument(
                    name, action="append", metavar=value, help=words, default=argparse.SUPPRESS
                )
            else:
                group.add_argument(
                    name, metavar=value or None, help=words, default=argparse.SUPPRESS
                )

    def read(self, argv: Sequence[str] | None) -> argparse.Namespace:
        """What the command line `argv` says.

        Raises:
            UsageError: it is wrong.
        """
        said, unknown = self.parse_known_args(argv)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}{self._suggestions(unknown)}")
        return said

    def _suggestions(self, unknown: Iterable[str]) -> str:
        known = [name.removeprefix("--") for name in self._option_string_actions]
        names = [each.removeprefix("--") for each in unknown if each.startswith("--")]
        similar = [closest(name.partition("=")[0], known) for name in names]
        return "".join(f"; did you mean --{name}?" for name in similar if name)


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A reader of whole numbers from `least` to `most`, for a parser."""

    def read(text: str) -> int:
        with suppress(ValueError):
            if least <= (number := int(text)) <= most:
                return number
        words = f"must be a whole number from {least} to {most}, received {shown(text, repr)}"
        raise argparse.ArgumentTypeError(words)

    return read


def exit_code_of(action: Callable[[], int]) -> int:
    """The exit code of `action`: what it returns, or that of what it raises, which is said."""
    with shown_on_stderr():
        try:
            with standard_streams(), _packages():
                return action()
        except BatchPredictError as error:
            _log_error(error)
            return error.exit_code
        except Stopped as stopped:
            PACKAGE_LOGGER.error("%s", stopped)  # what it interrupted did not cause it
            return stopped.exit_code
        except MemoryError as error:
            words = "out of memory; a smaller --batch-size and fewer --workers need less"
            PACKAGE_LOGGER.error(words)
            PACKAGE_LOGGER.info("caused by %s", describe(error))
            return ExitCode.BUG
        except KeyboardInterrupt:  # before the run began or after it ended
            return 128 + signal.SIGINT
        except Exception as error:
            reached = limit_words(error)
            if reached is None:
                _report(error)
            else:
                PACKAGE_LOGGER.error(reached)
                PACKAGE_LOGGER.info("caused by %s", describe(error))
            return ExitCode.BUG
        finally:
            flush()


@contextmanager
def _packages() -> Iterator[None]:
    """Raises `MissingPackageError` in place of what Python raises where another's is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "batch_predict").partition(".")[0]
        if package == "batch_predict":
            raise  # a bug
        raise MissingPackageError(package) from error


def _log_error(error: BatchPredictError) -> None:
    """One line for the user, and with `--verbose` one for each cause."""
    PACKAGE_LOGGER.error("%s", _in_terms_of_a_command(error))
    for cause in causes(error):
        PACKAGE_LOGGER.info("caused by %s", cause)


def _in_terms_of_a_command(error: BatchPredictError) -> str:
    """What `error` says, with the name of an option as argparse says it."""
    if not isinstance(error, OptionError):
        return str(error)
    is_positional = error.option not in DEFAULTS
    name = error.option if is_positional else f"--{error.option.replace('_', '-')}"
    return f"argument {name}: {error.words}"


def _report(error: Exception) -> None:
    """The traceback of a bug, and where the log of it lies."""
    import traceback  # no run that goes well needs these

    from batch_predict.manifest.versions import versions
    from batch_predict.process import crash_log

    with suppress(OSError, ValueError):  # nobody reads it, or stderr takes no such characters
        traceback.print_exception(error)
    try:
        where = f"the log for its report is {crash_log.write(error, versions())}"
    except OSError as unwritten:
        where = f"no log of it could be written: {unwritten}"
    PACKAGE_LOGGER.critical("this is a bug; %s", where)
