"""A Parquet file of one page, for pyarrow to read that alone."""

from typing import Final, NamedTuple

from batch_predict.storage.archives.thrift import (
    binaries,
    binary,
    i32,
    i32s,
    i64,
    inner,
    struct,
    structs,
)

MAGIC: Final = b"PAR1"  # at both ends of a file
_NAME: Final = b"a"  # of the column, and of each group that it is in
_REQUIRED, _OPTIONAL = 0, 1


class Form(NamedTuple):
    """How the cells of a column are written."""

    type: int  # of a cell, by Parquet's number
    levels: int  # at which one may be null: it is in so many optional groups, itself the last
    codec: int  # by which its pages are compressed, by Parquet's number


def file_of_page(page: bytes, rows: int, dictionary: bytes, form: Form) -> bytes:
    """The file of a `page` of so many `rows`, and of its `dictionary` page; b"" where it has none.

    See github.com/apache/parquet-format: parquet.thrift has the numbers of the fields.
    """
    size = len(dictionary) + len(page)
    names = [_NAME] * max(1, form.levels)
    repetition = _OPTIONAL if form.levels else _REQUIRED
    schema = [
        struct(binary(4, _NAME), i32(5, 1)),
        *[struct(i32(3, _OPTIONAL), binary(4, _NAME), i32(5, 1))] * (len(names) - 1),
        struct(i32(1, form.type), i32(3, repetition), binary(4, _NAME)),
    ]
    column = struct(
        i32(1, form.type),
        i32s(2, []),
        binaries(3, names),
        i32(4, form.codec),
        i64(5, rows),
        i64(6, size),
        i64(7, size),
        i64(9, len(MAGIC) + len(dictionary)),
        *([i64(11, len(MAGIC))] if dictionary else []),
    )
    group = struct(structs(1, [struct(i64(2, 0), inner(3, column))]), i64(2, size), i64(3, rows))
    footer = struct(i32(1, 1), structs(2, schema), i64(3, rows), structs(4, [group]))
    return b"".join((MAGIC, dictionary, page, footer, len(footer).to_bytes(4, "little"), MAGIC))
