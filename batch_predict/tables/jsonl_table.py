"""JSON Lines: one object a row, the columns as its names."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, Final

from batch_predict.rows import Rows
from batch_predict.tables.cells import cells_of
from batch_predict.tables.columns import Column

if TYPE_CHECKING:  # a run has no use for it
    import pandas as pd

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
    try:
        row = json.loads(file.readline(_LONGEST_ROW))
    except RecursionError as error:
        raise ValueError("the first row is nested deeply") from error
    if not isinstance(row, dict):
        raise ValueError("the first row is no object")
    return list(row)


def read_frames(path: str, columns: Sequence[Column], frame_rows: int) -> "Iterator[pd.DataFrame]":
    """See `Reader`."""
    import pandas as pd

    names = [column.name for column in columns]
    # A picture may be called "1e3": no string is taken for a number.
    with pd.read_json(path, lines=True, dtype=False, chunksize=frame_rows) as frames:
        for frame in frames:
            yield frame.filter(items=names)
