"""A list of files: paths, one a line or each ended by a NUL."""

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EAGAIN, ENOENT
from typing import BinaryIO, Final, NamedTuple, cast

from batch_predict.errors import UsageError, printable
from batch_predict.storage.registry import fetched

STDIN: Final = "-"
_BOM: Final = b"\xef\xbb\xbf"  # what editors on Windows put before UTF-8
_PART: Final = 1 << 20  # bytes that are read at a time
_LONGEST: Final = 1 << 16  # bytes of a path: Linux takes 4,096, an object store 1,024


class Entry(NamedTuple):
    """A path as it is listed, and where."""

    number: int  # of its line, from 1
    name: str  # its bytes taken for UTF-8; one that is not is a surrogate


class FileList(NamedTuple):
    """A list of files, or the manifest of an inventory. It is read once: it may be a pipe."""

    name: str  # a path, an address, or `-` for standard input
    ends_in_nul: bool = False  # each path; else each ends its line

    @property
    def is_manifest(self) -> bool:
        """Whether it is no list but the `manifest.json` of an S3 Inventory."""
        return self.name.lower().endswith(".json")

    def entries(self) -> Iterator[Entry]:
        """The paths, but for empty ones.

        Raises:
            UsageError: it can't be read, or holds what is no path.
        """
        end = b"\0" if self.ends_in_nul else b"\n"
        with self.opened() as file:
            for number, line in enumerate(_split(file, end), 1):
                name = line.removeprefix(_BOM) if number == 1 else line
                if len(name) > _LONGEST:
                    raise self.error("longer than any path", number)
                if not self.ends_in_nul:
                    name = name.removesuffix(b"\r")
                    if b"\0" in name:
                        words = "a NUL, which no path holds: say --null where each path ends in one"
                        raise self.error(f"{words}; UTF-16 is not read", number)
                if name:
                    yield Entry(number, name.decode(errors="surrogateescape"))

    def error(self, words: str, number: int | None = None) -> UsageError:
        """The error that says `words` of it, or of its line `number`."""
        line = "" if number is None else f", {'path' if self.ends_in_nul else 'line'} {number}"
        return UsageError(f"--files-from {self.name}{line}: {printable(words)}")

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """In the block, the file. What its reading raises there is UsageError outside."""
        with self.as_usage_error():
            if self.name == STDIN:
                with open(0, "rb", 0, closefd=False) as file:
                    yield cast(BinaryIO, file)
            elif "://" not in self.name:  # it may be a pipe, of which `fetched` knows nothing
                with open(self.name, "rb", 0) as file:
                    yield cast(BinaryIO, file)
            else:
                with fetched(self.name) as path, open(path or _missing(), "rb", 0) as file:
                    yield cast(BinaryIO, file)

    @contextmanager
    def as_usage_error(self) -> Iterator[None]:
        """Turns what reading a file, also a compressed one, raises into UsageError."""
        try:
            yield
        except (OSError, EOFError, zlib.error) as error:
            raise self.error(getattr(error, "strerror", None) or str(error)) from error


def _split(file: BinaryIO, end: bytes) -> Iterator[bytes]:
    """What of `file` is between two ends; what is longer than any path comes in parts."""
    left = b""
    while part := file.read(_PART):
        *whole, left = (left + part).split(end)
        yield from whole
        if len(left) > _LONGEST:
            break
    if part is None:
        raise OSError(EAGAIN, "it is a pipe whose reader does not wait")
    yield left


def _missing() -> str:
    raise FileNotFoundError(ENOENT, os.strerror(ENOENT))
