"""An object of a bucket, as an open file."""

import errno
import io
import os
from collections.abc import Iterator
from typing import Any, Final

from obstore.exceptions import BaseError, PreconditionError

from batch_predict.storage.bucket_errors import as_os_error, changed

_LEAST_AHEAD: Final = 1 << 18  # bytes in one request: a task of small members, see `engines.tasks`
_MOST_AHEAD: Final = 4 << 20  # with 20 ms a request, 200 MB/s


class BucketObject(io.RawIOBase):
    """An object that is read in ranges.

    Who goes forward in it gets longer ones each time: few requests to read all of it, and little
    that nobody wants where others read the parts between. Of a store without ranges it is read from
    its start on, and again where that is left behind.
    """

    def __init__(
        self, store: Any, name: str, address: str, size: int, e_tag: str | None = None
    ) -> None:
        """Of `size` bytes. With `e_tag`, reading what has another one raises ChangedError."""
        self._store, self._name, self._address = store, name, address
        self._size, self._e_tag = size, e_tag
        self._at = 0
        self._ahead = _LEAST_AHEAD
        self._part, self._part_at = b"", 0
        self._parts: Iterator[Any] | None = None  # of a store without ranges: those that follow

    def readable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def seekable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """See `io.RawIOBase`."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        """See `io.RawIOBase`."""
        length = min(len(buffer), self._size - self._at)
        if length <= 0:
            return 0
        if not self._part_at <= self._at < self._part_at + len(self._part):
            self._get(length)
        start = self._at - self._part_at
        found = self._part[start : start + length]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def _get(self, length: int) -> None:
        """Make the part one that begins with, or at least holds, what is to be read."""
        beyond = self._at - self._part_at - len(self._part)
        is_near = 0 <= beyond <= self._ahead
        self._ahead = min(2 * self._ahead, _MOST_AHEAD) if is_near else _LEAST_AHEAD
        if self._parts is not None:
            self._get_forward()
            return
        version = {} if self._e_tag is None else {"if_match": self._e_tag}
        end = min(self._at + max(length, self._ahead), self._size)
        try:
            found = self._store.get(self._name, options={"range": (self._at, end), **version})
            self._part, self._part_at = bytes(found.bytes()), self._at
        except PreconditionError as error:
            raise changed(self._address) from error
        except BaseError:  # a store may know no ranges; else the whole fails as well
            self._get_forward()

    def _get_forward(self) -> None:
        with as_os_error(self._address):
            if self._parts is None or self._at < self._part_at:
                found = self._store.get(self._name)
                if self._e_tag not in (None, found.meta["e_tag"]):
                    raise changed(self._address)
                self._parts = iter(found.stream(min_chunk_size=_LEAST_AHEAD))
                self._part, self._part_at = b"", 0
            while self._part_at + len(self._part) <= self._at:
                self._part_at += len(self._part)
                self._part = bytes(next(self._parts, b""))
                if not self._part:
                    self._parts = None
                    raise OSError(errno.EIO, "the store sends less than it says", self._address)
