"""The error tree and the exit codes: every error that a user can cause knows its code."""

import signal
from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller; the README holds the table."""

    OK = 0
    BUG = 1
    USAGE = 2
    INPUT = 3
    FAILURES = 4
    GATE = 5
    LOCKED = 6
    MODEL = 7
    OUTPUT = 8
    MISSING_EXTRA = 9


class BatchPredictError(Exception):
    """Base of every error whose message is meant for the user: one line, the value and the mend."""

    exit_code = ExitCode.BUG


class UsageError(BatchPredictError):
    """The command line is wrong."""

    exit_code = ExitCode.USAGE


class InputError(BatchPredictError):
    """`in_dir` is missing, unreadable, holds no picture, or went away."""

    exit_code = ExitCode.INPUT


class LockedError(BatchPredictError):
    """Another run is writing the same output."""

    exit_code = ExitCode.LOCKED


class ModelError(BatchPredictError):
    """The model is missing, unsafe, or of the wrong shape."""

    exit_code = ExitCode.MODEL


class OutputError(BatchPredictError):
    """An output can't be written."""

    exit_code = ExitCode.OUTPUT


class Stopped(BaseException):
    """A signal asked the run to end: no handler of errors may take it for one."""

    def __init__(self, signum: int) -> None:
        super().__init__(
            f"stopped by {signal.Signals(signum).name}; what is scored is kept:"
            " the same command goes on from there"
        )
        self.exit_code = 128 + signum  # as a shell gives it


class MissingExtraError(BatchPredictError):
    """An optional dependency is not installed."""

    exit_code = ExitCode.MISSING_EXTRA

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs an optional dependency: pip install 'batch_predict[{extra}]'"
        )
