"""Thrift's compact protocol, as far as the headers and footers of Parquet files need it: structs.

See github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

_TRUE, _FALSE, _BYTE, _DOUBLE = 1, 2, 3, 7  # types of fields
_I16, _I32, _I64, _BINARY, _LIST, _SET, _STRUCT = 4, 5, 6, 8, 9, 10, 12
_DEEPEST: Final = 8  # structs and lists in each other
_FIELD_NUMBERS: Final = 1 << 16  # they are of 16 bits, and what is more wraps around
_LONGEST_NUMBER: Final = 10  # bytes
_COUNT_FOLLOWS: Final = 15  # in the place of how many items a list has

#: of a struct that is written: its number, its type, and its value as bytes
Field: TypeAlias = tuple[int, int, bytes]


def read_struct(data: bytes) -> tuple[dict[int, Any], int]:
    """The struct at the start of `data`, by the numbers of its fields, and where it ends.

    Raises:
        IndexError: it does not end in `data`.
        ValueError: it is none.
    """
    return _read_fields(data, 0, _DEEPEST)


def _read_fields(data: bytes, at: int, deepest: int) -> tuple[dict[int, Any], int]:
    fields: dict[int, Any] = {}
    number = 0
    while data[at]:
        number, kind, at = _read_head(data, at, number)
        fields[number], at = _read_value(data, at, kind, deepest)
    return fields, at + 1


def _read_head(data: bytes, at: int, last: int) -> tuple[int, int, int]:
    """Of the field at `at`, after the one numbered `last`: number, type, where its value begins."""
    first = data[at]
    if first >> 4:
        return last + (first >> 4), first & 15, at + 1
    number, at = _read_number(data, at + 1)
    return number, first & 15, at


def _read_value(data: bytes, at: int, kind: int, deepest: int) -> tuple[Any, int]:
    """The value at `at`, None for a kind that nobody here needs, and where it ends."""
    if kind in (_TRUE, _FALSE):
        return kind == _TRUE, at
    if kind in (_BYTE, _DOUBLE):
        return None, at + (1 if kind == _BYTE else 8)
    if kind in (_I16, _I32, _I64):
        return _read_number(data, at)
    if kind == _BINARY:
        length, at = _read_varint(data, at)
        return None, at + length
    if kind == _STRUCT and deepest:
        return _read_fields(data, at, deepest - 1)
    raise ValueError("no header of a page has such a field")


def has_struct(data: bytes, path: Sequence[int]) -> bool:
    """Whether the struct at the start of `data` has a struct at `path`.

    That is the number of its field, before it the numbers of the fields that it is in: each is a
    struct, or a list of some, of which one is enough. Nothing is kept of what is passed over.

    Raises:
        IndexError: it does not end in `data`.
        ValueError: it is none.
    """
    try:
        _pass_over(data, 0, _STRUCT, path, _DEEPEST)
    except _FoundError:
        return True
    return False


class _FoundError(Exception):
    """What was looked for is there."""


def _pass_over(data: bytes, at: int, kind: int, path: Sequence[int], deepest: int) -> int:
    """Where the value at `at` ends; raises _FoundError where it has a struct at `path`."""
    if kind == _STRUCT and deepest:
        return _pass_fields(data, at, path, deepest - 1)
    if kind in (_LIST, _SET) and deepest:
        return _pass_items(data, at, path, deepest - 1)
    return _read_value(data, at, kind, 0)[1]


def _pass_fields(data: bytes, at: int, path: Sequence[int], deepest: int) -> int:
    number = 0
    while data[at]:
        number, kind, at = _read_head(data, at, number)
        rest: Sequence[int] = ()
        if path and number % _FIELD_NUMBERS == path[0]:
            rest = path[1:]
            if not rest and kind == _STRUCT:
                raise _FoundError
        at = _pass_over(data, at, kind, rest, deepest)
    return at + 1


def _pass_items(data: bytes, at: int, path: Sequence[int], deepest: int) -> int:
    count, kind = data[at] >> 4, data[at] & 15
    at += 1
    if count == _COUNT_FOLLOWS:
        count, at = _read_varint(data, at)
    if kind in (_TRUE, _FALSE):  # here each is a byte
        return at + count
    for _ in range(count):
        at = _pass_over(data, at, kind, path, deepest)
    return at


def _read_number(data: bytes, at: int) -> tuple[int, int]:
    coded, at = _read_varint(data, at)
    return (coded >> 1) ^ -(coded & 1), at


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(_LONGEST_NUMBER):
        byte = data[at + place]
        value |= (byte & 127) << 7 * place
        if byte < 128:
            return value, at + place + 1
    raise ValueError("too long a number")


def struct(*fields: Field) -> bytes:
    """Of fields in the order of their numbers, each no more than 15 after the one before."""
    written, last = bytearray(), 0
    for number, kind, value in fields:
        written += bytes([(number - last) << 4 | kind]) + value
        last = number
    return bytes(written) + b"\0"


def i32(number: int, value: int) -> Field:
    """A field that is a number of 32 bits."""
    return number, _I32, _number(value)


def i64(number: int, value: int) -> Field:
    """A field that is a number of 64 bits."""
    return number, _I64, _number(value)


def binary(number: int, value: bytes) -> Field:
    """A field that is bytes."""
    return number, _BINARY, _bytes(value)


def inner(number: int, value: bytes) -> Field:
    """A field that is a struct."""
    return number, _STRUCT, value


def i32s(number: int, values: Sequence[int]) -> Field:
    """A field that is a list of up to 14 numbers of 32 bits."""
    return number, _LIST, _list(_I32, map(_number, values))


def binaries(number: int, values: Sequence[bytes]) -> Field:
    """A field that is a list of up to 14 times bytes."""
    return number, _LIST, _list(_BINARY, map(_bytes, values))


def structs(number: int, values: Sequence[bytes]) -> Field:
    """A field that is a list of up to 14 structs."""
    return number, _LIST, _list(_STRUCT, values)


def _list(kind: int, values: Iterable[bytes]) -> bytes:
    items = list(values)
    return bytes([len(items) << 4 | kind]) + b"".join(items)


def _bytes(value: bytes) -> bytes:
    return _varint(len(value)) + value


def _number(value: int) -> bytes:
    return _varint(value << 1 if value >= 0 else ~(value << 1))


def _varint(value: int) -> bytes:
    written = bytearray()
    while value >= 128:
        written.append(value & 127 | 128)
        value >>= 7
    written.append(value)
    return bytes(written)
