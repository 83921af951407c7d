"""Temporary folders that outlive no run, however it ends, but for SIGKILL.

A process of the command line ends at once, without what Python does at its end, and a thread may
still be in the middle of its work then: such a process removes what is left itself.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_left: Final[set[str]] = set()


@contextmanager
def temporary_folder() -> Iterator[str]:
    """A folder for the block."""
    with tempfile.TemporaryDirectory(prefix="batch_predict-", ignore_cleanup_errors=True) as folder:
        _left.add(folder)
        try:
            yield folder
        finally:
            _left.discard(folder)


def remove_with_process(folder: str) -> None:
    """Have `folder` removed by `remove_left`: a library has made it for as long as it is there."""
    _left.add(folder)


def remove_left() -> None:
    """Remove what is there still; for a process that ends now."""
    for folder in tuple(_left):
        shutil.rmtree(folder, ignore_errors=True)
        if os.path.exists(folder):  # a thread has just written into it
            shutil.rmtree(folder, ignore_errors=True)
