"""What every command of this program shares: errors become exit codes here and nowhere else."""

import argparse
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NoReturn, TypeAlias

from batch_predict.errors import BatchPredictError, ExitCode, Stopped, UsageError
from batch_predict.options import Limit
from batch_predict.process.stdio import flush, standard_streams

#: a destination and what stands for its value -> a line about it, and what reads it
Arguments: TypeAlias = Mapping[str, tuple[str, Callable[[str], Any]]]

GATES: Final[Arguments] = {
    "--max-failures N|P%": ("exit 4 where more failed (default: 0)", Limit.parse),
    "--min-accuracy P": ("exit 5 where its 95%% interval begins below P", float),
    "--max-drift X": ("exit 5 where drift is above X, such as 0.2", float),
    "--baseline RUN.JSON": ("drift from that run, not from the model's card", str),
    "--max-review N|P%": ("exit 5 where more are for review", Limit.parse),
}
_HELP_COLUMN: Final = 27  # where an argument's line begins, so that a terminal shows it as one


class Parser(argparse.ArgumentParser):
    """A parser whose errors are in the error tree."""

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(
            prog,
            description=description,
            formatter_class=partial(argparse.HelpFormatter, max_help_position=_HELP_COLUMN),
            allow_abbrev=False,  # a cron line must not change its meaning with a new option
        )

    def error(self, message: str) -> NoReturn:
        """Raises UsageError."""
        raise UsageError(message)

    def add(self, title: str, arguments: Arguments) -> None:
        """Add `arguments`, which `--help` shows together."""
        group = self.add_argument_group(title)
        for form, (words, read) in arguments.items():
            name, _, value = form.partition(" ")
            if read is bool:
                group.add_argument(name, action="store_true", help=words)
            else:
                group.add_argument(name, type=read, metavar=value or None, help=words)

    def given(self, argv: Sequence[str] | None) -> dict[str, Any]:
        """What the command line `argv` gives, by destination; raises UsageError."""
        return {k: v for k, v in vars(self.parse_args(argv)).items() if v is not None}


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
