"""Structs of Thrift's compact protocol are looked through without being read."""

import pytest

from batch_predict.storage.archives.thrift import (
    Field,
    binaries,
    binary,
    has_struct,
    i32,
    i32s,
    inner,
    struct,
    structs,
)

KEY = inner(8, struct(binary(1, b"k")))
OTHERS = [i32(1, -7), binary(2, b"\x8c\x00"), i32s(3, [1, 2]), binaries(4, [b"a", b"b"])]
#: fields of other kinds, each numbered one more than the one before: true, false, a byte, a double,
#: a list of 15 numbers, a list of three truths, a set of a number
ODD: Field = (
    1,
    1,
    b"\x12\x13\x05\x17" + bytes(8) + b"\x19\xf5\x0f" + bytes(15) + b"\x19\x31\1\2\1\x1a\x15\2",
)


def footer(*columns: bytes) -> bytes:
    group = struct(structs(1, columns), i32(2, 7))
    return struct(*OTHERS[:2], structs(4, [struct(i32(2, 1)), group]), i32(5, 0))


@pytest.mark.parametrize(
    ("data", "has"),
    [
        pytest.param(footer(struct(*OTHERS), struct(i32(1, 1), KEY)), True, id="there"),
        pytest.param(footer(struct(*OTHERS), struct(i32(1, 1))), False, id="not there"),
        pytest.param(footer(struct(ODD), struct(KEY)), True, id="after other kinds"),
        pytest.param(footer(struct(binary(8, b""))), False, id="no struct"),
        pytest.param(struct(inner(4, struct(KEY))), False, id="elsewhere"),
        pytest.param(footer(b"\x0c\x10\0\0"), True, id="its number in full"),
        pytest.param(footer(b"\x0c\x90\x80\x08\0\0"), True, id="a number that wraps around"),
    ],
)
def test_whether_there_is_a_struct(data: bytes, has: bool) -> None:
    assert has_struct(data, (4, 1, 8)) is has


def test_one_that_breaks_off() -> None:
    whole = footer(struct(*OTHERS))
    for size in range(len(whole)):
        with pytest.raises(IndexError):
            has_struct(whole[:size], (4, 1, 8))


@pytest.mark.parametrize(
    "data", [b"\x1c" * 100, b"\x19\x19" * 100, b"\x1d\0", b"\x15" + b"\xff" * 20]
)
def test_what_is_none(data: bytes) -> None:
    with pytest.raises(ValueError):
        has_struct(data, (4, 1, 8))
