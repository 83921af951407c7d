"""A text file, line by line, that is open only while a block of it is read."""

import os
from collections.abc import Iterator
from io import BytesIO
from typing import Final

# Bytes read at a time: to open the file for each costs nothing beside that, and ten thousand files
# that are read side by side are in memory with so many each.
_BLOCK: Final = 16 << 10


def lines_of(path: str) -> Iterator[str]:
    """The lines of a UTF-8 file, with their ends; only `\\n` ends one.

    So more files can be read side by side than a process may have open.

    Raises:
        OSError: the file can't be read.
        ValueError: it is not UTF-8, or was changed or replaced while it was read.
    """
    at, begun, first = 0, bytearray(), None
    while True:
        with open(path, "rb") as file:
            found = os.fstat(file.fileno())
            file.seek(at)
            block = file.read(_BLOCK)
        version = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        first = first or version
        if version != first:
            raise ValueError("it was changed while it was read")
        if not block:
            break
        at += len(block)
        end = block.rfind(b"\n") + 1
        begun += block[:end]
        if end:
            yield from map(bytes.decode, BytesIO(begun))
            begun.clear()
        begun += block[end:]
    if begun:
        yield begun.decode()
