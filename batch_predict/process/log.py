"""The logger of the whole package, and what the command line shows of it on stderr.

A module logs to a logger of its own name, below `batch_predict`. A program that uses the package
decides what becomes of that, and hears nothing until it does; the commands show it on stderr.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TextIO

from batch_predict.errors import printable
from batch_predict.process.stdio import drop_pending

PACKAGE_LOGGER: Final = logging.getLogger("batch_predict")
_FORMAT: Final = "batch_predict: %(message)s"


class _OneLine(logging.Formatter):
    """A message in one line, with an escape for what a terminal would obey: it may hold names."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # logging's name
        return printable(super().formatMessage(record))


class _StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to what is `sys.stderr` at the time: it changes while a library is kept quiet."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(_OneLine(_FORMAT))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's name
        """Of a record that stderr does not take, nothing stays behind; other errors are bugs."""
        if isinstance(sys.exc_info()[1], OSError):
            drop_pending(sys.stderr)
        else:
            super().handleError(record)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


@contextmanager
def shown_on_stderr() -> Iterator[None]:
    """Show warnings and errors of the package on stderr; with `show_details`, causes too."""
    handler = _StderrHandler()
    level, propagate = PACKAGE_LOGGER.level, PACKAGE_LOGGER.propagate
    PACKAGE_LOGGER.addHandler(handler)
    PACKAGE_LOGGER.setLevel(logging.WARNING)
    PACKAGE_LOGGER.propagate = False  # TensorFlow gives the root logger a handler of its own
    try:
        yield
    finally:
        PACKAGE_LOGGER.removeHandler(handler)
        PACKAGE_LOGGER.setLevel(level)  # not `.level`: the loggers below cache what they show
        PACKAGE_LOGGER.propagate = propagate


def show_details() -> None:
    """Show what `--verbose` is for, too: causes, failed pictures and progress."""
    PACKAGE_LOGGER.setLevel(logging.INFO)
