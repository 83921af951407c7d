"""A file that is read by the path that a user names: a file, no folder, pipe or device."""

import os
import stat
from errno import EINVAL, EISDIR
from io import BufferedReader


def check_regular(path: str) -> None:
    """Raises OSError where there is nothing at `path`, or what is no file.

    Who opens a pipe waits for somebody to write to it; a device may never end.
    """
    check_regular_mode(os.stat(path).st_mode, path)


def check_regular_mode(mode: int, path: str) -> None:
    """The same of what lies at `path` with the mode `mode`."""
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(EISDIR, os.strerror(EISDIR), path)
    if not stat.S_ISREG(mode):
        raise OSError(EINVAL, "it is a device, a pipe or a socket, not a file", path)


def open_regular(path: str) -> BufferedReader:
    """The file at `path`, to be read; raises OSError, also as `check_regular`."""
    check_regular(path)
    return open(path, "rb")
