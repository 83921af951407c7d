"""The default form: CSV after RFC 4180, UTF-8, `\\n` at line ends."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, Final

from batch_predict.records import Row
from batch_predict.rows import Rows
from batch_predict.tables.cells import Parsers, cells_of, row_maker
from batch_predict.tables.columns import (
    COLUMNS,
    Cell,
    Column,
    ColumnType,
    Presence,
    check_single,
)

if TYPE_CHECKING:  # a run has no use for it
    import pandas as pd

_PARTING: Final = ',";\t\r\n'  # what a cell is quoted for
_IS_PARTED: Final = re.compile(f"[{_PARTING}]")
_MAY_PART: Final = (ColumnType.TEXT, ColumnType.REASONS)  # other cells hold none of it
_LONGEST_HEADER: Final = 1 << 16  # bytes
_PARSERS: Final[Parsers] = {
    ColumnType.DIGIT: int,
    ColumnType.PROBABILITY: float,
    ColumnType.BYTES: int,
}


def write(path: str, rows: Iterable[Rows], columns: Sequence[Column]) -> None:
    """See `Writer`."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(quoted_line(column.name for column in columns))
        for some in rows:
            file.writelines(_lines(some, columns))


def read_rows(path: str, columns: Sequence[Column] = COLUMNS) -> Iterator[Row]:
    """The rows of a CSV that `write` wrote with some of `columns`, in their order.

    Raises:
        OSError: the file can't be read.
        ValueError: it is no such CSV.
    """
    with open(path, encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        try:
            header = next(lines, [])
            make_row = row_maker(_columns_in(header, columns), _PARSERS)
            for line in lines:
                if len(line) != len(header):
                    number = lines.line_num
                    raise ValueError(f"line {number} has {len(line)} cells, not {len(header)}")
                yield make_row(line)
        except csv.Error as error:  # a cell of over 128 KiB
            raise ValueError(f"line {lines.line_num}: {error}") from error


def read_frames(path: str, columns: Sequence[Column], frame_rows: int) -> "Iterator[pd.DataFrame]":
    """See `Reader`."""
    import pandas as pd

    _check_header(path, columns)
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


def _check_header(path: str, columns: Sequence[Column]) -> None:
    """Raises ValueError where one of `columns` is there twice: pandas would take the first."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        try:
            header = next(csv.reader(file), [])
        except csv.Error as error:
            raise ValueError(str(error)) from error
    check_single(header, columns)


def read_names(file: BinaryIO) -> list[str]:
    """The names in the first line; raises as `registry.read_names`."""
    line = file.readline(_LONGEST_HEADER).decode("utf-8-sig")
    try:
        return next(csv.reader([line]), [])
    except csv.Error as error:
        raise ValueError(str(error)) from error


def _columns_in(header: Sequence[str], columns: Sequence[Column]) -> list[Column]:
    """The columns that `header` names.

    Raises:
        ValueError: it lacks one that goes with those it has, has another, or is in another order.
    """
    present = {column.presence for column in columns if column.name in header}
    expected = [c for c in columns if c.presence in present | {Presence.ALWAYS}]
    found = [c for c in expected if c.name in header or not c.since_1_1]
    names = [column.name for column in found]
    if missing := [name for name in names if name not in header]:
        raise ValueError(f"columns not found: {', '.join(missing)}")
    if header != names:
        raise ValueError(f"its columns are {', '.join(header)}, not {', '.join(names)}")
    return found


def _lines(rows: Rows, columns: Sequence[Column]) -> list[str]:
    """The lines of `rows`, each with its end."""
    texts = [_texts(rows, column) for column in columns]
    quoted = [_quoted(each, column.type) for each, column in zip(texts, columns, strict=True)]
    lines = [",".join(cells) + "\n" for cells in zip(*quoted, strict=True)]
    for index, ref in enumerate(rows.refs):
        if "\r" in ref.path:
            lines[index] = quoted_line([each[index] for each in texts], every_cell=True)
    return lines


def _texts(rows: Rows, column: Column) -> list[str]:
    cells = cells_of(rows, column)
    if column.type is ColumnType.PROBABILITY:
        return ["" if cell is None else f"{cell:.6f}" for cell in cells]
    return ["" if cell is None else str(cell) for cell in cells]


def _quoted(texts: list[str], of: ColumnType) -> list[str]:
    """`texts` of a column, in quotes where `quoted_line` has it so; most columns need none."""
    if of not in _MAY_PART or not any(map("".join(texts).__contains__, _PARTING)):
        return texts
    return [_in_quotes(text) if text and _IS_PARTED.search(text) else text for text in texts]


def quoted_line(cells: Iterable[Cell], *, every_cell: bool = False) -> str:
    """A line of CSV with its end, and with quotes where the csv module leaves them out.

    Spreadsheets part cells at semicolons and tabs too, and what is behind one may be a formula. A
    bare carriage return ends a line for some readers.
    """
    texts = ("" if cell is None else str(cell) for cell in cells)
    parted = (_in_quotes(t) if every_cell or _IS_PARTED.search(t) else t for t in texts)
    return ",".join(parted) + "\n"


def _in_quotes(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
