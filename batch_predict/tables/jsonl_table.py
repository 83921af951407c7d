"""JSON Lines: one object a row, the columns as its names."""

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO, Final

from batch_predict.rows import Rows
from batch_predict.tables.block import Block
from batch_predict.tables.cells import cells_of
from batch_predict.tables.columns import Column

_LONGEST_ROW: Final = 1 << 20  # bytes


def write(path: str, rows: Iterable[Rows], columns: Sequence[Column]) -> None:
    """See `Writer`."""
    names = [column.name for column in columns]
    encode = json.JSONEncoder(ensure_ascii=False).encode
    with open(path, "w", encoding="utf-8", newline="") as file:
        for some in rows:
            for cells in zip(*(cells_of(some, column) for column in columns), strict=True):
                file.write(encode(dict(zip(names, cells, strict=True))) + "\n")


def read_names(file: BinaryIO) -> list[str]:
    """The names in the first row; raises as `registry.read_names`."""
    return list(_parsed(file.readline(_LONGEST_ROW).decode()))


def read_blocks(path: str, columns: Sequence[Column], block_rows: int) -> Iterator[Block]:
    """See `Reader`. Blank lines are passed over; a name is there once it is in the first row."""
    with open(path, encoding="utf-8", newline="\n") as file:
        rows = map(_parsed, (line for line in file if not line.isspace()))
        names = None
        while block := list(islice(rows, block_rows)):
            names = names or [column.name for column in columns if column.name in block[0]]
            yield Block.of(columns, {name: [row.get(name) for row in block] for name in names})


def _parsed(line: str) -> dict[str, Any]:
    """The object of a line; raises ValueError for what is none."""
    try:
        row = json.loads(line)
    except RecursionError as error:
        raise ValueError("a row is nested deeply") from error
    if not isinstance(row, dict):
        raise ValueError("a row is no object")
    return row
