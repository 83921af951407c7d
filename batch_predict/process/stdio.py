"""Closed or full standard streams do a run no harm, and libraries write nothing to stderr."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO, UnsupportedOperation
from typing import Final, TextIO

from batch_predict.errors import printable
from batch_predict.process.held_stderr import HELD_STDERR, STDERR, open_closed

_LOGGER: Final = logging.getLogger(__name__)


class _Closed(StringIO):
    """Stands for a stream that the caller closed."""


@contextmanager
def standard_streams() -> Iterator[None]:
    """Open the standard streams that the caller closed, and restore stderr at the end.

    If they stayed closed, an output file could get the number 1 or 2, and a library's message
    would be written into it. Stderr is restored because a thread that still loads the model may
    have redirected it (see `quiet_stderr`), and an error of the run must be seen.
    """
    open_closed()
    saved = os.dup(STDERR)
    sys.stdout, sys.stderr = sys.stdout or _Closed(), sys.stderr or _Closed()
    try:
        yield
    finally:
        HELD_STDERR.end_all()
        os.dup2(saved, STDERR)
        os.close(saved)


def say(line: str) -> None:
    """Print what a finished command has to say; where stdout does not take it, warn of that.

    What a terminal would obey, and what the encoding lacks, is written as an escape. All is on its
    way when this returns: nothing that happens to stdout may end the command.
    """
    if sys.stdout is None or isinstance(sys.stdout, _Closed):  # None: closed when Python began
        _LOGGER.warning("stdout is closed: its line is lost")
        return
    line = printable(line)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"  # a program's own may have none
    shown = line.encode(encoding, "backslashreplace").decode(encoding)
    if shown != line:
        _LOGGER.warning("stdout takes %s only: some of its line is written as escapes", encoding)
    try:
        print(shown, flush=True)
    except OSError as error:
        drop_pending(sys.stdout)
        _LOGGER.warning("stdout takes no more, its line is lost: %s", error.strerror)


def flush() -> None:
    """Write out what was printed; drop it if nobody reads it or it can't be written."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            drop_pending(stream)


def drop_pending(stream: TextIO) -> None:
    """Drop what `stream` holds and could not write.

    It would try again with every flush, and fail: Python flushes the standard streams before each
    fork and at its end.
    """
    try:
        handle = stream.fileno()
    except UnsupportedOperation:  # the host program's own stream, such as a notebook's
        return
    saved = os.dup(handle)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, handle)
        stream.flush()
        os.dup2(saved, handle)
    finally:
        os.close(nowhere)
        os.close(saved)
