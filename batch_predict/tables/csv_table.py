"""The default form: CSV after RFC 4180, UTF-8, `\\n` at line ends."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from batch_predict.records import Row
from batch_predict.tables.cells import Parsers, cells_maker, row_maker
from batch_predict.tables.columns import (
    COLUMNS,
    Cell,
    Column,
    ColumnType,
    Presence,
)

if TYPE_CHECKING:  # a run has no use for it
    import pandas as pd

_PARSERS: Final[Parsers] = {
    ColumnType.DIGIT: int,
    ColumnType.PROBABILITY: float,
    ColumnType.BYTES: int,
}


def write(path: str, rows: Iterable[Row], columns: Sequence[Column]) -> None:
    """See `Writer`."""
    cells_of = cells_maker(columns)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(column.name for column in columns)
        quoting = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for row in rows:
            # Before Python 3.13 the csv module leaves a bare carriage return unquoted.
            chosen = quoting if "\r" in row.ref.path else writer
            chosen.writerow(_line(cells_of(row)))


def read_rows(path: str, columns: Sequence[Column] = COLUMNS) -> Iterator[Row]:
    """The rows of a CSV that `write` wrote with some of `columns`, in their order.

    Raises:
        OSError: the file can't be read.
        ValueError: it is no such CSV.
    """
    with open(path, encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        header = next(lines, [])
        make_row = row_maker(_columns_in(header, columns), _PARSERS)
        for line in lines:
            if len(line) != len(header):
                raise ValueError(f"line {lines.line_num} has {len(line)} cells, not {len(header)}")
            yield make_row(line)


def read_frames(path: str, columns: Sequence[Column], frame_rows: int) -> "Iterator[pd.DataFrame]":
    """See `Reader`."""
    import pandas as pd

    # A picture may be called "NA": only a number can be missing.
    empty = {column.name: [""] for column in columns if not column.is_text}
    with pd.read_csv(
        path,
        usecols={column.name for column in columns}.__contains__,
        dtype={column.name: column.dtype for column in columns},
        na_values=empty,
        keep_default_na=False,
        chunksize=frame_rows,
    ) as frames:
        yield from frames


def _columns_in(header: Sequence[str], columns: Sequence[Column]) -> list[Column]:
    """The columns that `header` names.

    Raises:
        ValueError: it lacks one that goes with those it has, has another, or is in another order.
    """
    present = {column.presence for column in columns if column.name in header}
    found = [c for c in columns if c.presence in present | {Presence.ALWAYS}]
    names = [column.name for column in found]
    if missing := [name for name in names if name not in header]:
        raise ValueError(f"columns not found: {', '.join(missing)}")
    if header != names:
        raise ValueError(f"its columns are {', '.join(header)}, not {', '.join(names)}")
    return found


def _line(cells: list[Cell]) -> list[Cell]:
    return [f"{cell:.6f}" if isinstance(cell, float) else cell for cell in cells]
