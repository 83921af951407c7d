"""File names between the system and this program, which takes their bytes for UTF-8.

Python decodes names by the encoding of the locale: ASCII under `LC_ALL=C` without UTF-8 mode,
ISO-8859-9 under a Turkish one. The bytes on disk don't change with the caller's locale, nor may the
CSV. The commands run in UTF-8 mode (`process.utf8_mode`), where there is nothing to do here; a
program of another mode calls this package, too.
"""

import os
import sys
from typing import Final

_ENCODING: Final = "utf-8"
_ESCAPED: Final = "surrogateescape"  # a byte that can't be decoded comes back as it was
IS_UTF8: Final = sys.getfilesystemencoding() == _ENCODING


def from_system(name: str) -> str:
    """`name`, as the system's functions give it, with its bytes taken for UTF-8.

    Text that the encoding of the locale has no bytes for is no file's name there: it stays.
    """
    if IS_UTF8 or name.isascii():
        return name
    try:
        return os.fsencode(name).decode(_ENCODING, _ESCAPED)
    except UnicodeEncodeError:
        return name


def to_system(name: str) -> str:
    """The inverse of `from_system`: a name for the system's functions."""
    if IS_UTF8 or name.isascii():
        return name
    return os.fsdecode(name.encode(_ENCODING, _ESCAPED))
