"""Where the directory of a zip archive is, and the records in it: APPNOTE.TXT 6.3.10, 4.3.12 on.

Only what tells where a record ends is read here, and its name; `zip_archive` has the rest from
`zipfile`.
"""

import struct
import zlib
from collections.abc import Iterator
from os import SEEK_END
from typing import BinaryIO, Final, NamedTuple

from batch_predict.records import Code, Reason
from batch_predict.storage.archives.archive import MemberError

_RECORD: Final = struct.Struct("<4s x B 2x H 18x HHH 4x L 4x")
_RECORD_SIGN: Final = b"PK\1\2"
_SIGNATURE_SIGN: Final = b"PK\5\5"  # of a digital signature, the last in a directory
_END: Final = struct.Struct("<4sHH2xHLLH")
_END_SIGN: Final = b"PK\5\6"
_END64: Final = struct.Struct("<4s12xLL8x3Q")
_END64_SIGN: Final = b"PK\6\6"
_LOCATOR: Final = struct.Struct("<4s4xQL")  # of the end record of zip64, just before the other
_LOCATOR_SIGN: Final = b"PK\6\7"
_WHOLE_END64: Final = struct.Struct("<4sQHHLL4Q")
_WHOLE_END: Final = struct.Struct("<4s4HLLH")
_MOST_COMMENT: Final = 0xFFFF  # bytes, after the end record
_COUNTED: Final = 1 << 16  # members: an end record without zip64 counts no further
_BLOCK: Final = 256 << 10  # bytes of the directory at a time: more than the longest record

_IS_UTF8: Final = 0x800  # flag of a name
UNIX: Final = (3, 19)  # systems that made a member: here a name is bytes, most often UTF-8
_WINDOWS: Final = (0, 10, 11, 14)  # and here `\` parts folders, whatever the standard says
_UNICODE_NAME: Final = 0x7075  # an extra field: the name in UTF-8

BAD_RECORD: Final = Reason(Code.CORRUPT, "its record in the archive's directory is damaged")
_BAD_DIRECTORY: Final = Reason(Code.CORRUPT, "the archive's directory is damaged")
_NO_END: Final = Reason(Code.TRUNCATED, "it is cut short, or no zip archive: its end is missing")
_IN_PARTS: Final = Reason(Code.UNSUPPORTED, "it is one of the parts of a zip archive: join them")
_PACKED: Final = Reason(Code.UNSUPPORTED, "it is a compressed zip archive: unpack it first")


class Record(NamedTuple):
    """What the directory has of a member; sizes may stand in its extra field, see `zipfile`."""

    data: bytes  # all of it
    system: int  # that made it
    flags: int
    name: bytes
    extra: bytes
    mode: int  # as Unix has it; 0 where another system made it

    @classmethod
    def at(cls, place: int, data: bytes) -> "Record | None":
        """The one at `place` in `data`; None where no whole one is there."""
        start = place + _RECORD.size
        if not data.startswith(_RECORD_SIGN, place) or start > len(data):
            return None
        _, system, flags, *lengths, attributes = _RECORD.unpack_from(data, place)
        name, extra, comment = lengths
        end = start + name + extra + comment
        if end > len(data):
            return None
        return cls(
            data[place:end],
            system,
            flags,
            data[start : start + name],
            data[start + name : end - comment],
            attributes >> 16 if system in UNIX else 0,
        )

    def text(self) -> str:
        """The name, `/` between parts, as whoever made the archive saw it."""
        name = self._unicode_name()
        if name is None:
            is_utf8 = self.flags & _IS_UTF8 or self.system in UNIX
            name = self.name.decode("utf-8" if is_utf8 else "cp437", "surrogateescape")
        name = name.partition("\0")[0]
        if self.system in _WINDOWS and "/" not in name:
            return name.replace("\\", "/")
        return name

    def _unicode_name(self) -> str | None:
        at = 0
        while at + 9 <= len(self.extra):
            kind, length, version, checksum = struct.unpack_from("<HHBL", self.extra, at)
            end = at + 4 + length
            if kind == _UNICODE_NAME and version == 1 and checksum == zlib.crc32(self.name):
                return self.extra[at + 9 : end].decode("utf-8", "surrogateescape")
            at = end
        return None


class _End(NamedTuple):
    """What the end of an archive says of its directory."""

    place: int  # where the directory should end
    members: int  # how many
    is_exact: bool  # whether there can be no more than `members`
    size: int  # bytes of the directory
    offset: int  # where it begins, in the archive as it was made


class Directory:
    """The records of the members of the zip archive `file`; `base` bytes come before that.

    Raises:
        MemberError: it has none, or only a part is there.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        try:
            self.file_size = file.seek(0, SEEK_END)
        except ValueError as error:  # what is decompressed has no end before it was read
            raise MemberError(_PACKED) from error
        end = self._find_end()
        self._count, self._is_exact = end.members, end.is_exact
        # Bytes before the archive move all of it; bytes after the directory do not.
        for start in (end.place - end.size, end.offset):
            if not end.members or self._read(start, len(_RECORD_SIGN)) == _RECORD_SIGN:
                break
        else:
            raise MemberError(_BAD_DIRECTORY)
        self._start, self._stop = start, min(end.place, start + end.size)
        self.base = start - end.offset

    def blocks(self) -> Iterator[tuple[int, list[Record]]]:
        """All records, some at a time, and where the first of them is.

        Raises:
            MemberError: there are no more that can be read, and should be.
        """
        place, found = self._start, 0
        while place < self._stop:
            data = self._read(place, min(_BLOCK, self._stop - place))
            at, records = 0, []
            while record := Record.at(at, data):
                records.append(record)
                at += len(record.data)
            if not records:
                if data.startswith(_SIGNATURE_SIGN):
                    break
                raise MemberError(_BAD_DIRECTORY)
            yield place, records
            place += at
            found += len(records)
        missing = self._count - found
        if missing if self._is_exact else missing % _COUNTED:
            raise MemberError(_BAD_DIRECTORY)

    def record(self, place: int) -> Record | None:
        """The one at `place`; None where there is none. Raises OSError."""
        data = self._read(place, _RECORD.size)
        if len(data) == _RECORD.size:
            data += self._file.read(sum(_RECORD.unpack(data)[3:6]))
        return Record.at(0, data)

    def _find_end(self) -> _End:
        tail_start = max(0, self.file_size - _END.size - _MOST_COMMENT)
        tail = self._read(tail_start, self.file_size - tail_start)
        last = at = tail.rfind(_END_SIGN, 0, len(tail) - _END.size + len(_END_SIGN))
        while at >= 0 and at + _END.size + _END.unpack_from(tail, at)[-1] != len(tail):
            at = tail.rfind(_END_SIGN, 0, at + len(_END_SIGN) - 1)
        if last < 0:
            raise MemberError(_NO_END)
        is_last = at >= 0
        at = at if is_last else last
        _, disk, first_disk, count, size, offset, _ = _END.unpack_from(tail, at)
        place = tail_start + at
        end = _End(place, count, False, size, offset)
        located = self._read(place - _LOCATOR.size, _LOCATOR.size)
        if located.startswith(_LOCATOR_SIGN):
            _, place64, disks = _LOCATOR.unpack(located)
            end, disk, first_disk = self._end_of_zip64(place - _LOCATOR.size, place64)
            disk = disk or disks > 1
        if disk or first_disk:
            raise MemberError(_IN_PARTS)
        # The last end record that bytes follow may be that of an archive in one that is cut short.
        if not is_last and end.place - end.size != end.offset:
            raise MemberError(_NO_END)
        return end

    def _end_of_zip64(self, before: int, place: int) -> tuple[_End, int, int]:
        """The end record that ends at `before`, or is at `place`, and its numbers of disks."""
        for at in (before - _WHOLE_END64.size, place):
            data = self._read(at, _WHOLE_END64.size)
            if data.startswith(_END64_SIGN) and len(data) == _WHOLE_END64.size:
                _, disk, first_disk, count, size, offset = _END64.unpack(data)
                return _End(at, count, True, size, offset), disk, first_disk
        raise MemberError(_BAD_DIRECTORY)

    def _read(self, place: int, size: int) -> bytes:
        """Up to `size` bytes from `place`; before the file and after it there are none."""
        if not 0 <= place <= self.file_size:
            return b""
        self._file.seek(place)
        return self._file.read(size)


def as_directory(records: bytes, count: int, offset: int) -> bytes:
    """`records` and an end record of zip64 behind them, as the directory at `offset`."""
    end = offset + len(records)
    of_64 = (_WHOLE_END64.size - 12, 45, 45, 0, 0, count, count, len(records), offset)
    full = (0, 0, *([_COUNTED - 1] * 2), *([(1 << 32) - 1] * 2), 0)
    return b"".join(
        (
            records,
            _WHOLE_END64.pack(_END64_SIGN, *of_64),
            struct.pack("<4sLQL", _LOCATOR_SIGN, 0, end, 1),
            _WHOLE_END.pack(_END_SIGN, *full),
        )
    )
