"""Closed or full standard streams do a run no harm, and libraries write nothing to stderr."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO
from typing import Final

from batch_predict.errors import BatchPredictError

_STDERR: Final = 2


@contextmanager
def standard_streams() -> Iterator[None]:
    """Open the standard streams that the caller closed, and restore stderr at the end.

    If they stayed closed, an output file could get the number 1 or 2, and a library's message
    would be written into it. Stderr is restored because a thread that still loads the model may
    have redirected it (see `quiet_stderr`), and an error of the run must be seen.
    """
    while (handle := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        pass
    os.close(handle)
    saved = os.dup(_STDERR)
    sys.stdout, sys.stderr = sys.stdout or StringIO(), sys.stderr or StringIO()
    try:
        yield
    finally:
        os.dup2(saved, _STDERR)
        os.close(saved)


def flush() -> None:
    """Write out what was printed; drop it if nobody reads it or it can't be written."""
    try:
        sys.stdout.flush()
    except OSError:  # the interpreter flushes again when it ends
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Hold back what C++ code writes to stderr, and write it only if the block fails.

    TensorFlow and Ray log to the file descriptor while they start, whatever their environment
    variables say. What Python code writes to `sys.stderr` meanwhile, in any thread, is not held.
    """
    sys.stderr.flush()
    saved = os.dup(_STDERR)
    with (
        open(saved, "w", buffering=1) as through,  # closes `saved` at the end
        tempfile.TemporaryFile() as held,
        redirect_stderr(through),
    ):
        os.dup2(held.fileno(), _STDERR)
        try:
            yield
        except BatchPredictError:
            raise
        except BaseException:
            held.seek(0)
            os.write(saved, held.read())
            raise
        finally:
            os.dup2(saved, _STDERR)
