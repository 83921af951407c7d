"""Has a command run in Python's UTF-8 mode, whatever the caller's locale.

File names are bytes, and those of pictures, outputs and labels are UTF-8. Under a locale of another
encoding Python decodes the command line by that before any of our code runs, so only a new start of
the interpreter gives the names as they are; it takes 15 ms, and no other locale pays for it.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

_COMMAND_LINE: Final = Path("/proc/self/cmdline")


def use_utf8() -> None:
    """Start this process again in UTF-8 mode, where file names are not UTF-8 to Python.

    Where a user said `-X utf8=0`, or the system starts no program, it goes on as it is.
    """
    if sys.getfilesystemencoding() == "utf-8" or not sys.executable or "utf8" in sys._xoptions:
        return
    with suppress(OSError):
        os.execv(sys.executable, [os.fsencode(sys.executable), b"-X", b"utf8", *_given()[1:]])


def _given() -> list[bytes]:
    """The interpreter's command line, byte by byte.

    What Python made of it may not go back: its decoder of an East Asian locale is not the system's.
    """
    with suppress(OSError):
        given = _COMMAND_LINE.read_bytes().split(b"\0")[:-1]
        if len(given) == len(sys.orig_argv):
            return given
    return [os.fsencode(each) for each in sys.orig_argv]
