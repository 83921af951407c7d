"""Standard streams that are closed, taken or full do no harm."""

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
    """Open what the caller closed, and put stderr back in its place at the end.

    An output file would otherwise get the number 1 or 2, and a library's word would land in it. A
    thread that still loads the model holds stderr back, but an error must be said.
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
    """Write out what was printed; where nobody reads it or it can't be written, drop it."""
    try:
        sys.stdout.flush()
    except OSError:  # the interpreter flushes again when it ends
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@contextmanager
def quiet_stderr() -> Iterator[None]:
    """Hold back what C++ code writes to stderr, and let it through only if the block fails.

    TensorFlow and Ray log to the file descriptor while they start, whatever their environment
    variables say. What Python code of other threads says meanwhile goes through.
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
