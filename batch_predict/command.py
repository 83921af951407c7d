"""What every command of this program shares: errors become exit codes here and nowhere else."""

import argparse
import signal
import sys
from collections.abc import Callable
from typing import NoReturn, TypeAlias

from batch_predict.errors import BatchPredictError, ExitCode, Stopped, UsageError
from batch_predict.options import Limit
from batch_predict.streams import flush, standard_streams

#: options that belong together in `--help`
Group: TypeAlias = argparse._ArgumentGroup


class Parser(argparse.ArgumentParser):
    """A parser whose errors are in the error tree."""

    def __init__(self, prog: str, description: str) -> None:
        # An abbreviation in a cron line would change its meaning with a new option.
        super().__init__(prog, description=description, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """Raises UsageError."""
        raise UsageError(message)


def add_gates(group: Group) -> None:
    """What a finished CSV must reach."""
    add = group.add_argument
    add(
        "--max-failures", type=Limit.parse, metavar="N|P%", help="more failures exit 4 (default: 0)"
    )
    add(
        "--min-accuracy",
        type=float,
        metavar="P",
        help="exit 5 where the 95%% interval of the accuracy begins below this, such as 0.99",
    )
    add(
        "--max-drift",
        type=float,
        metavar="X",
        help="exit 5 where a stability index from the model's card is above this, such as 0.2",
    )
    add("--baseline", metavar="RUN.JSON", help="measure drift from this earlier run's manifest")
    add("--max-review", type=Limit.parse, metavar="N|P%", help="exit 5 where more are for review")


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
