"""A compressed file as what it holds. It is read forward: going back begins from its start."""

import gzip
import io
import os
import re
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, Final, TypeAlias, cast

from batch_predict.errors import MissingExtraError
from batch_predict.records import Code, Reason
from batch_predict.storage.archives.archive import MemberError
from batch_predict.storage.archives.reasons import CUT_SHORT

_GZIP: Final = re.compile(rb"\x1f\x8b")
_ZSTANDARD: Final = re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18")  # a frame, or a note
_LONGEST_SIGNATURE: Final = 4  # bytes
# Pictures that are postponed for their size come in their own order, the others in theirs: each
# order has a stream that goes forward, and none begins again and again.
_STREAMS: Final = 2
_PIECE: Final = 1 << 16  # bytes decompressed at a time: what may be lost where it breaks off
_DAMAGED: Final = Reason(Code.CORRUPT, "the archive's compressed data are damaged")
_TOO_FAR: Final = "too much memory"  # how libzstd says that a window is over its limit, 128 MiB
_LONG_WINDOW: Final = Reason(
    Code.UNSUPPORTED, "the archive is compressed over a window of more than 128 MiB (zstd --long)"
)

_Decompress: TypeAlias = Callable[[BinaryIO], io.BufferedIOBase]


def uncompressed(file: BinaryIO) -> BinaryIO:
    """What `file`, read from its start, holds: itself where it is not compressed.

    Raises:
        MissingExtraError: it is compressed by Zstandard, and the library for it is not installed.
    """
    file.seek(0)
    start = file.read(_LONGEST_SIGNATURE)
    file.seek(0)
    for signature, decompress in ((_GZIP, _gzip), (_ZSTANDARD, _zstandard)):
        if signature.match(start):
            return cast(BinaryIO, _Decompressed(file, decompress))
    return file


def _gzip(file: BinaryIO) -> io.BufferedIOBase:
    return gzip.GzipFile(fileobj=file, mode="rb")


def _zstandard(file: BinaryIO) -> io.BufferedIOBase:
    try:
        import pyarrow as pa
    except ImportError as error:
        raise MissingExtraError("an archive compressed by Zstandard", "parquet") from error
    stream = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")
    return cast(io.BufferedIOBase, stream)


class _Decompressed(io.RawIOBase):
    """What a compressed file holds; `seek` only says where the next `read` is."""

    def __init__(self, file: BinaryIO, decompress: _Decompress) -> None:
        self._file = file
        self._decompress = decompress
        self._streams: list[_Stream] = []  # the one that was read last comes last
        self._at = 0
        self._stream()  # raises MissingExtraError

    def readable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def seekable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def tell(self) -> int:
        """See `io.RawIOBase`."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """See `io.RawIOBase`; where the end is, is not known before all is decompressed."""
        if whence == os.SEEK_END:
            raise io.UnsupportedOperation("a compressed file has no known end")
        self._at = max(0, offset if whence == os.SEEK_SET else self._at + offset)
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """See `io.RawIOBase`, but it is short only at the end, or where it breaks off.

        Raises:
            MemberError: it breaks off here.
        """
        if size is None or size < 0:
            return self.readall()
        stream = self._stream()
        try:
            data = stream.read(self._at, size)
        except MemberError:
            raise
        except OSError:  # what it had read of the file is lost
            self._streams.remove(stream)
            raise
        self._at += len(data)
        return data

    def readinto(self, buffer: Any) -> int:
        """See `io.RawIOBase`."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _stream(self) -> "_Stream":
        """One that is at the place to read from, or as little before it as there is."""
        before = [each for each in self._streams if each.at <= self._at]
        if before:
            found = max(before, key=lambda each: each.at)
            self._streams.remove(found)
        else:
            del self._streams[: len(self._streams) - _STREAMS + 1]
            found = _Stream(self._file, self._decompress)
        self._streams.append(found)
        return found


class _Stream:
    """Decompresses the `file`, which it shares with others, from its start on."""

    def __init__(self, file: BinaryIO, decompress: _Decompress) -> None:
        self.at = 0
        self._compressed = _View(file)
        self._source = decompress(cast(BinaryIO, self._compressed))
        self._break: Reason | None = None  # why it does not go on

    def read(self, place: int, size: int) -> bytes:
        """`size` bytes from `place` on, fewer at the end or where it breaks off.

        Raises:
            MemberError: there is none before it breaks off.
            OSError: the file can't be read.
        """
        while self.at < place:
            if not self._piece(place - self.at):
                return b""
        pieces: list[bytes] = []
        try:
            while size and (piece := self._piece(size)):
                pieces.append(piece)
                size -= len(piece)
        except MemberError:
            if not pieces:
                raise
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _piece(self, most: int) -> bytes:
        if self._break is None:
            try:
                piece = self._source.read1(min(most, _PIECE))
            except EOFError:
                self._break = CUT_SHORT
            except (zlib.error, gzip.BadGzipFile):
                self._break = _DAMAGED
            except OSError as error:
                if error.errno is not None:  # of the disk or store, not pyarrow's of the data
                    raise
                if _TOO_FAR in str(error):
                    self._break = _LONG_WINDOW
                else:
                    self._break = CUT_SHORT if self._compressed.has_ended else _DAMAGED
            else:
                self.at += len(piece)
                return piece
        raise MemberError(self._break)


class _View(io.RawIOBase):
    """The `file` from its start on, wherever others that share it are."""

    def __init__(self, file: BinaryIO) -> None:
        self.has_ended = False  # whether more was asked for than there is
        self._file = file
        self._at = 0

    def readable(self) -> bool:
        """See `io.RawIOBase`."""
        return True

    def readinto(self, buffer: Any) -> int:
        """See `io.RawIOBase`."""
        self._file.seek(self._at)
        data = self._file.read(len(buffer))
        self.has_ended = not data
        self._at += len(data)
        buffer[: len(data)] = data
        return len(data)
