"""Where the members of a tar archive are: POSIX.1-2001 pax, with what GNU tar adds.

`tarfile` is not used for it: it takes a damaged header for the end of the archive, reads extended
headers of any length into memory, and takes three times as long for a header.
"""

import struct
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import BinaryIO, Final, NamedTuple

from batch_predict.records import Code, Reason
from batch_predict.storage.archives.archive import MemberError
from batch_predict.storage.archives.reasons import CUT_SHORT

BLOCK: Final = 512  # bytes: a header is one, and data are padded to whole ones
_HEADER: Final = struct.Struct("100s24x12s12x8sc100x8s80x155s12x")
_CHECKSUM: Final = slice(148, 156)  # of a header, counted as spaces
_SPACES: Final = 8 * ord(" ")
_ZERO: Final = bytes(BLOCK)  # the end mark; two of them, but tar takes one as well
# What follows the end mark is read, for the checksum after compressed data and for what was joined
# to the archive; zeros without end are not.
_PIECE: Final = 1 << 20  # bytes
_PIECES: Final = 64
_POSIX: Final = b"ustar\x0000"
_FIRST_BASE_256: Final = 0x80  # bit of a number's first byte: the others are its value
_SIZE_MAX: Final = 1 << 60  # bytes: more is no size, and no place that a file can be read at
_EXTENSION_MAX: Final = 1 << 20  # bytes of an extended header: far more than a name is long
_MORE_SPARSE: Final = 482, 504  # where a sparse member's header and its others say: more follow

_NO_END: Final = Reason(Code.TRUNCATED, "the archive is cut short: its end mark is missing")
_BAD_HEADER: Final = Reason(Code.CORRUPT, "a header in the archive is damaged")
_LONG_HEADER: Final = Reason(Code.UNSUPPORTED, "a header in the archive is longer than any name")


class Kind(Enum):
    """What an entry is."""

    FILE = auto()
    FOLDER = auto()
    LINK = auto()
    SPECIAL = auto()  # a device, a pipe, a file with holes, a part of a file
    AFTER_END = auto()  # something follows the end mark; no name


_KINDS: Final = {
    **dict.fromkeys((b"0", b"\0", b"7"), Kind.FILE),
    **dict.fromkeys((b"1", b"2"), Kind.LINK),
    b"5": Kind.FOLDER,
}
_WITHOUT_DATA: Final = frozenset((b"1", b"2", b"3", b"4", b"5", b"6"))  # whatever their size says
_SPARSE: Final = b"S"
_LONG_NAME: Final = b"L"
_LONG_LINK: Final = b"K"
_PAX: Final = (b"x", b"X")
_PAX_GLOBAL: Final = b"g"  # what it says of all members is none of what is read here
_PASSED: Final = (_LONG_LINK, _PAX_GLOBAL)
_EXTENSIONS: Final = frozenset((_LONG_NAME, *_PAX, *_PASSED))  # of the next member


class Entry(NamedTuple):
    """A member, or what stands in its place."""

    kind: Kind
    name: str  # as it is in the archive; a byte that is not UTF-8 is a surrogate
    place: int  # of its data: bytes from the archive's start
    size: int  # bytes
    is_cut: bool = False  # whether the archive ends in its data
    data: bytes | None = None  # where they were asked for


class _Header(NamedTuple):
    """What a block says of the member that follows."""

    type: bytes
    name: bytes
    size: int

    @classmethod
    def of(cls, block: bytes) -> "_Header":
        """Raises MemberError where it is none."""
        name, size, checksum, kind, magic, prefix = _HEADER.unpack(block)
        field = block[_CHECKSUM]
        expected = _number(checksum)
        if sum(block) - sum(field) + _SPACES != expected:
            signed = memoryview(block).cast("b")  # as some tars of old add them up
            if sum(signed) - sum(signed[_CHECKSUM]) + _SPACES != expected:
                raise MemberError(_BAD_HEADER)
        name = name.partition(b"\0")[0]
        if magic == _POSIX and prefix[0]:
            name = prefix.partition(b"\0")[0] + b"/" + name
        return cls(kind, name, _number(size))


def entries(
    file: BinaryIO, is_read: Callable[[str, int], bool] = lambda _name, _size: False
) -> Iterator[Entry]:
    """What the tar archive `file` holds, in its own order.

    Of files for whose name and size `is_read` says so the entry has the data.

    Raises:
        MemberError: it breaks off, or is none.
        OSError: it can't be read.
    """
    place = 0
    extensions = _Extensions()
    file.seek(place)
    block = file.read(BLOCK)
    while block != _ZERO:
        if len(block) < BLOCK:
            raise MemberError(CUT_SHORT if block or not place else _NO_END)
        header = _Header.of(block)
        place += BLOCK
        if header.type in _EXTENSIONS:
            extensions.read(file, place, header)
            block, place = _after(file, place, header.size, is_read=header.type not in _PASSED)
            continue
        if header.type == _SPARSE:
            place = _skip_sparse(file, block, place)
        kind, name, size = extensions.applied(header)
        data = None
        try:
            if kind is Kind.FILE and is_read(name, size):
                data = _data(file, place, size)
            block, after = _after(file, place, size, is_read=data is not None)
        except MemberError:
            yield Entry(kind, name, place, size, is_cut=True)
            raise
        yield Entry(kind, name, place, size, data=data)
        place, extensions = after, _Extensions()
    file.seek(place + BLOCK)
    if any(file.read(_PIECE).strip(b"\0") for _ in range(_PIECES)):
        yield Entry(Kind.AFTER_END, "", place, 0)


class _Extensions:
    """What the extended headers before a member say of it."""

    def __init__(self) -> None:
        self._name = b""
        self._pax: dict[bytes, bytes] = {}

    def read(self, file: BinaryIO, place: int, header: _Header) -> None:
        """Take the one of `header`, whose data are at `place`."""
        if header.type == _LONG_NAME:
            self._name = _data(file, place, header.size).partition(b"\0")[0]
        elif header.type in _PAX:
            self._pax = _pax(_data(file, place, header.size))

    def applied(self, header: _Header) -> tuple[Kind, str, int]:
        """What the member of `header` is, its name, and how many bytes of data it has."""
        name = self._pax.get(b"path") or self._name or header.name
        kind = _KINDS.get(header.type, Kind.SPECIAL)
        if kind is Kind.FILE and name.endswith(b"/"):  # so did tar before POSIX
            kind = Kind.FOLDER
        elif kind is Kind.FILE and any(key.startswith(b"GNU.sparse.") for key in self._pax):
            kind = Kind.SPECIAL
        size = header.size
        if header.type in _WITHOUT_DATA:
            size = 0
        elif b"size" in self._pax:
            size = _pax_size(self._pax[b"size"])
        return kind, name.decode("utf-8", "surrogateescape"), size


def _after(file: BinaryIO, place: int, size: int, *, is_read: bool) -> tuple[bytes, int]:
    """The block that follows `size` bytes of data at `place`, and where it is.

    Nothing that `is_read` is read again: in a compressed archive that is from its start.

    Raises:
        MemberError: the data are not all there.
    """
    end = place + size
    after = end + -size % BLOCK
    start = end if is_read or not size else end - 1  # the last byte shows that all are there
    file.seek(start)
    found = file.read(after - start + BLOCK)
    if start < end and not found:
        raise MemberError(CUT_SHORT)
    return found[after - start :], after


def _skip_sparse(file: BinaryIO, block: bytes, place: int) -> int:
    """Where the data of a sparse member begin, whose other headers are at `place`."""
    more = block[_MORE_SPARSE[0]]
    while more:
        file.seek(place)
        block = file.read(BLOCK)
        if len(block) < BLOCK:
            raise MemberError(CUT_SHORT)
        more = block[_MORE_SPARSE[1]]
        place += BLOCK
    return place


def _data(file: BinaryIO, place: int, size: int) -> bytes:
    """The data of an extended header."""
    if size > _EXTENSION_MAX:
        raise MemberError(_LONG_HEADER)
    file.seek(place)
    data = file.read(size)
    if len(data) < size:
        raise MemberError(CUT_SHORT)
    return data


def _pax(data: bytes) -> dict[bytes, bytes]:
    """The records of a pax header: each is `length key=value`, and a line end."""
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(data) and data[at]:
        length, space, _ = data[at : at + len(str(_EXTENSION_MAX)) + 1].partition(b" ")
        least = len(length) + len(b" =\n")  # or it would be read again and again
        if not (space and length.isdigit() and least <= int(length) <= len(data) - at):
            raise MemberError(_BAD_HEADER)
        end = at + int(length)
        key, equals, value = data[at + len(length) + 1 : end - 1].partition(b"=")
        if not equals:
            raise MemberError(_BAD_HEADER)
        found[key] = value
        at = end
    return found


def _pax_size(stated: bytes) -> int:
    if not stated.isdigit() or len(stated) > len(str(_SIZE_MAX)) or int(stated) > _SIZE_MAX:
        raise MemberError(_BAD_HEADER)
    return int(stated)


def _number(field: bytes) -> int:
    """A number of a header; raises MemberError where it is none, or below zero."""
    if field[0] & _FIRST_BASE_256:
        number = int.from_bytes(bytes((field[0] ^ _FIRST_BASE_256,)) + field[1:])
    else:
        text = field.partition(b"\0")[0].strip()
        try:
            number = int(text or b"0", 8)
        except ValueError as error:
            raise MemberError(_BAD_HEADER) from error
    if not 0 <= number <= _SIZE_MAX:  # of base 256, one below zero is larger than any
        raise MemberError(_BAD_HEADER)
    return number
