"""Zip archives, read by `zipfile`.

That keeps all of an archive's directory in memory: gigabytes, of ten million members. So it is
given a part of it at a time: the archive's bytes and, after them, the records of some members and
an end record, as if there were no others.
"""

import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from errno import ENOMEM
from io import BytesIO
from os import SEEK_CUR, SEEK_END, SEEK_SET, strerror
from shutil import copyfileobj
from typing import BinaryIO, ClassVar, Final, TypeAlias
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from batch_predict.records import Code, ImageRef, Reason
from batch_predict.storage.archives.archive import Beside, Member, MemberError, Skipped
from batch_predict.storage.archives.member_names import below
from batch_predict.storage.archives.zip_directory import (
    BAD_RECORD,
    Directory,
    Record,
    as_directory,
)
from batch_predict.storage.left_out import LeftOut

_TOGETHER: Final = 512  # members read by one part of the directory
_AT_A_TIME: Final = 1 << 20  # bytes of a member that are unpacked in one go
_KNOWN: Final = (ZIP_STORED, ZIP_DEFLATED)  # the others unpack gigabytes where a byte is asked for
_IS_ENCRYPTED: Final = 0x1 | 0x40 | 0x2000  # flags: as of old, strongly, and its names too
_ENCRYPTED: Final = Reason(Code.UNSUPPORTED, "it is encrypted")
_METHOD: Final = Reason(Code.UNSUPPORTED, "it is compressed in a way that nothing here reads")
_VERSION: Final = Reason(Code.UNSUPPORTED, "it is of a form of zip that nothing here reads")
_BAD_MEMBER: Final = Reason(Code.CORRUPT, "its bytes in the archive are damaged")
#: what `zipfile` and its decompressors raise of bytes that are not as they should be
_BAD: Final = (BadZipFile, zlib.error, EOFError, ValueError, struct.error, OverflowError)
#: a member and the archive, seen in part, that it can be read from; or why it can't be
_Opened: TypeAlias = tuple[ZipFile, ZipInfo] | Reason


class ZipArchive:
    """See `Archive`."""

    has_names: ClassVar = True

    def __init__(self, file: BinaryIO, beside: Beside) -> None:
        self._file = file
        self._directory = Directory(file)

    def members(self) -> Iterator[Member | Skipped]:
        """See `Archive`; a folder is no member."""
        for first, records in self._directory.blocks():
            place = first
            for record, opened in zip(records, self._opened(records), strict=True):
                found = _member(record, opened, place)
                if found is not None:
                    yield found
                place += len(record.data)

    def read_each(self, refs: Sequence[ImageRef]) -> Iterator[bytes | OSError]:
        """See `Archive`."""
        for first in range(0, len(refs), _TOGETHER):
            found = [self._record(ref) for ref in refs[first : first + _TOGETHER]]
            opened = iter(self._opened([each for each in found if isinstance(each, Record)]))
            for each in found:
                yield self._content(each, next(opened)) if isinstance(each, Record) else each

    def _record(self, ref: ImageRef) -> Record | OSError:
        try:
            return self._directory.record(ref.place or 0) or MemberError(BAD_RECORD)
        except OSError as error:
            return error

    def _content(self, record: Record, opened: _Opened) -> bytes | OSError:
        content = _content(opened)
        if isinstance(content, MemberError):  # a newer `zipfile` takes none that overlap others
            (opened,) = self._opened([record])
            content = _content(opened)
        return content

    def _opened(self, records: list[Record]) -> list[_Opened]:
        """Each of `records`, parsed; one that is damaged spoils no other."""
        if not records:
            return []
        reason = BAD_RECORD
        try:
            archive = ZipFile(_Part(self._file, self._directory, records))
            infos = archive.infolist()
            return [(archive, info) for _, info in zip(records, infos, strict=True)]
        except NotImplementedError:
            reason = _VERSION
        except _BAD:
            pass
        if len(records) == 1:
            return [reason]
        middle = len(records) // 2
        return self._opened(records[:middle]) + self._opened(records[middle:])


class _Part:
    """A file of the archive's bytes, and a directory of some of its `records` after them."""

    def __init__(self, file: BinaryIO, directory: Directory, records: list[Record]) -> None:
        self._file = file
        self._base = directory.base
        self._start = directory.file_size - directory.base  # of the directory in this file
        data = b"".join(record.data for record in records)
        self._directory = as_directory(data, len(records), self._start)
        self._at = 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        end = self._start + len(self._directory)
        self._at = offset + {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: end}[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes, never such of the archive and of the directory together."""
        if self._at >= self._start:
            at = self._at - self._start
            data = self._directory[at : None if size < 0 else at + size]
        elif self._base + self._at < 0:
            data = b""
        else:
            left = self._start - self._at
            self._file.seek(self._base + self._at)
            data = self._file.read(left if size < 0 else min(size, left))
        self._at += len(data)
        return data


def _member(record: Record, opened: _Opened, place: int) -> Member | Skipped | None:
    """The one of `record`, which is at `place`; None of a folder."""
    name, kind = record.text(), stat.S_IFMT(record.mode)
    if kind == stat.S_IFDIR or name.endswith("/"):
        return None
    if kind not in (0, stat.S_IFREG):
        return Skipped(LeftOut.LINK if kind == stat.S_IFLNK else LeftOut.SPECIAL)
    name, fault = below(name)
    if isinstance(opened, Reason):
        return Member(name, place, fault=opened)
    _, info = opened
    return Member(name, place, info.file_size, fault=fault or _fault(info))


def _fault(info: ZipInfo) -> Reason | None:
    if info.flag_bits & _IS_ENCRYPTED:
        return _ENCRYPTED
    return None if info.compress_type in _KNOWN else _METHOD


def _content(opened: _Opened) -> bytes | OSError:
    if isinstance(opened, Reason):
        return MemberError(opened)
    archive, info = opened
    fault = _fault(info)
    if fault is None:
        try:
            content = BytesIO()  # grows in place: what is joined is in memory twice
            with archive.open(info) as member:
                copyfileobj(member, content, _AT_A_TIME)
            if content.tell() == info.file_size:
                return content.getvalue()
            fault = _BAD_MEMBER
        except NotImplementedError:
            fault = _VERSION
        except _BAD:
            fault = _BAD_MEMBER
        except MemoryError:
            return OSError(ENOMEM, strerror(ENOMEM))
        except OSError as error:
            return error
    return MemberError(fault)
