"""Standard streams that are closed, at the start or in the middle, do no harm."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def standard_streams() -> Iterator[None]:
    """Open what the caller closed; end in peace where the reader went away.

    Otherwise an output file would get the number 1 or 2, and a library's word on stderr would land
    in it.
    """
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(handle)
    with open(os.devnull, "w", encoding="utf-8") as null:
        sys.stdout, sys.stderr = sys.stdout or null, sys.stderr or null
        try:
            yield
        finally:
            _flush()


def _flush() -> None:
    try:
        sys.stdout.flush()
    except OSError:  # `| head` is gone, or the disk under it is full; the interpreter flushes again
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
