"""The error tree and the exit codes: every error that a user can cause knows its code."""

import re
import signal
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any, Final

_CAUSE_MAX: Final = 500  # characters: Keras tells of a whole model
_MESSAGE_READ: Final = 4_000  # characters of a message: it may hold a whole file
_FIRST_BYTE: Final = 0xDC00  # os.fsdecode makes chr(0xDC00 + byte) of a byte that is not UTF-8
#: what may be secret: a user and password before a host, what follows an address, a named key
_SECRETS: Final = (
    re.compile(r"(://)(?:[^\s'\"@/:]+:[^\s'\"]*|[^\s'\"@/]+)(?=@)"),
    re.compile(r"(://[^\s?#'\"]*[?#])[^\s'\"]+"),
    re.compile(
        r"((?:authorization|[\w-]*(?:secret|password|signature|(?:access|account|api)[_-]?key"
        r"|[_-]token))[\w-]*['\"]?\s*[:=]\s*['\"]?)(?:(?:bearer|basic)\s+)?[^\s,;&'\"]+",
        re.IGNORECASE,
    ),
)


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

    def __reduce__(self) -> tuple[Any, ...]:
        """From a worker process it comes with its causes, which pickle leaves out."""
        return _unpickled, (type(self), self.args, {**vars(self), "causes": causes(self)})


def _unpickled(
    error_type: type[BatchPredictError], args: tuple[Any, ...], attributes: dict[str, Any]
) -> BatchPredictError:
    error = error_type.__new__(error_type, *args)  # its `__init__` may take others
    vars(error).update(attributes)
    return error


def causes(error: BaseException) -> tuple[str, ...]:
    """What led to `error`, nearest first: `type: message` of each exception, one line each.

    An error of ours whose words another repeats is left out.
    """
    return tuple(_causes(error))


def _causes(error: BaseException) -> Iterator[str]:
    seen: list[BaseException] = []  # an exception raised again may be the cause of its own cause
    cause: BaseException | None = error
    while cause is not None and not any(cause is each for each in seen):
        if seen and not _is_said(cause, seen[-1]):
            yield describe(cause)
        yield from getattr(cause, "causes", ())  # in the process that it was raised in
        seen.append(cause)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)


def _is_said(cause: BaseException, effect: BaseException) -> bool:
    """Whether the words of `cause`, an error of ours, are those of `effect`, or a part of them."""
    return isinstance(cause, BatchPredictError) and str(cause) in str(effect)


def describe(error: BaseException) -> str:
    """`type: message` of `error` in one line of printable characters, without secrets."""
    name, module = type(error).__qualname__, type(error).__module__
    try:
        message = " ".join(str(error)[:_MESSAGE_READ].split())
    except Exception:  # its `__str__` is a library's; what it would have said is lost, no more
        message = ""
    for secret in _SECRETS:
        message = secret.sub(r"\1...", message)
    if len(message) > _CAUSE_MAX:
        message = f"{message[:_CAUSE_MAX]}..."
    qualified = name if module == "builtins" else f"{module}.{name}"
    return printable(f"{qualified}: {message}" if message else qualified)


def in_one_line(causes: Iterable[str]) -> str:
    """Several causes, nearest first, as one text."""
    return "; caused by ".join(causes)


def printable(text: str) -> str:
    """`text` with an escape for every character that a terminal would not show, or would obey.

    A control character, and a byte of a name that is not UTF-8, is written `\\xNN`.
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    if _FIRST_BYTE <= code <= _FIRST_BYTE + 0xFF:
        code -= _FIRST_BYTE
    return f"\\x{code:02x}" if code <= 0xFF else ascii(character)[1:-1]


class UsageError(BatchPredictError):
    """The command line is wrong."""

    exit_code = ExitCode.USAGE


class OptionError(UsageError):
    """The value of an option is wrong; `options` has what each takes.

    The message names the option as a program's keyword does; a command line says
    `argument --option: words` (`cli_common`).
    """

    def __init__(self, option: str, words: str) -> None:
        super().__init__(f"{option} {words}")
        self.option, self.words = option, words


class InputError(BatchPredictError):
    """`in_dir` is missing, unreadable, holds no picture, or went away."""

    exit_code = ExitCode.INPUT


class LimitError(BatchPredictError):
    """The system gives no more processes or threads; the exit code is that of no memory."""


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

    def __init__(self, what: str, extra: str, instead: str = "") -> None:
        mend = f"pip install 'batch_predict[{extra}]'"
        super().__init__(
            f"{what} needs an optional dependency: {mend}{instead and f', or {instead}'}"
        )


class MissingPackageError(BatchPredictError):
    """A package without which nothing runs is not installed."""

    exit_code = ExitCode.MISSING_EXTRA

    def __init__(self, package: str) -> None:
        super().__init__(
            f"this Python has no package {package}: use that of the environment into which"
            " batch_predict is installed, such as .venv/bin/python"
        )
