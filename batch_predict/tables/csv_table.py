"""The default form: CSV after RFC 4180, UTF-8, `\\n` at line ends."""

import csv
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.records import Row
from batch_predict.rows import Rows
from batch_predict.tables.block import Block
from batch_predict.tables.cells import Parsers, cells_of, row_maker
from batch_predict.tables.columns import (
    COLUMNS,
    Cell,
    Column,
    ColumnType,
    Presence,
    check_single,
)
from batch_predict.tables.lines import lines_of

_PARTING: Final = ',";\t\r\n'  # what a cell is quoted for
_IS_PARTED: Final = re.compile(f"[{_PARTING}]")
_MAY_PART: Final = (ColumnType.TEXT, ColumnType.REASONS)  # other cells hold none of it
_LONGEST_HEADER: Final = 1 << 16  # bytes
_MILLIONTHS: Final = 10 ** np.arange(6, -1, -1)  # of the digits of 0.123456
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

    The file is not held open, see `lines_of`.

    Raises:
        OSError: the file can't be read.
        ValueError: it is no such CSV.
    """
    lines = csv.reader(lines_of(path))
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


def read_blocks(path: str, columns: Sequence[Column], block_rows: int) -> Iterator[Block]:
    """See `Reader`. Blank lines are passed over."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        header, read = _first_row(file)
        check_single(header, columns)
        found = [(header.index(c.name), c) for c in columns if c.name in header]
        yield _block([[]] * len(header), found)
        while lines := list(islice(file, block_rows)):
            cells = _plain_columns("".join(lines), len(header))
            if cells is None:
                cells, more = _columns(chain(lines, file), len(lines), len(header), read)
                read += more
            else:
                read += len(lines)
            yield _block(cells, found)


def _first_row(file: Iterable[str]) -> tuple[list[str], int]:
    """The names of the columns, and in how many lines they are."""
    reader = csv.reader(file, strict=True)
    try:
        return next(reader, []), reader.line_num
    except csv.Error as error:  # a cell of over 128 KiB, or quotes that don't end
        raise ValueError(str(error)) from error


def _plain_columns(text: str, width: int) -> list[list[str]] | None:
    """The cells of whole lines, column by column, where each has `width` and none has quotes.

    Else None. A third of the csv module's time.
    """
    if '"' in text or "\r" in text:
        return None
    cells = text.removesuffix("\n").replace("\n", ",\n,").split(",")
    ends = set(cells[width :: width + 1])
    if ends - {"\n"} or len(cells) % (width + 1) != width:
        return None
    return [cells[at :: width + 1] for at in range(width)]


def _columns(
    lines: Iterable[str], count: int, width: int, before: int
) -> tuple[list[list[str]], int]:
    """The cells of the rows that begin in the next `count` of `lines`, column by column.

    And how many lines were read: a row may go on behind those. `before` them, so many were.
    """
    reader = csv.reader(lines, strict=True)
    rows = []
    try:
        while reader.line_num < count:
            row = next(reader)
            if row and len(row) != width:
                raise ValueError(f"the line of {row[0]} has {len(row)} cells, not {width}")
            rows += [row] if row else []
    except csv.Error as error:
        raise ValueError(f"line {before + reader.line_num}: {error}") from error
    return [[row[at] for row in rows] for at in range(width)], reader.line_num


def _block(cells: Sequence[list[str]], found: Sequence[tuple[int, Column]]) -> Block:
    """The columns, of those with `cells`, at the places that `found` tells."""
    return Block(
        {column.name: cells[at] for at, column in found if column.is_text},
        {column.name: _numbers(cells[at]) for at, column in found if not column.is_text},
    )


def _numbers(cells: list[str]) -> NDArray[np.float64]:
    """Cells as float64 (n,), NaN where one is empty; raises ValueError for what is no number."""
    if "" in cells:
        numbers = np.full(len(cells), np.nan)
        numbers[[bool(cell) for cell in cells]] = _numbers([cell for cell in cells if cell])
        return numbers
    found = _six_decimals(cells)
    return np.array([_number(cell) for cell in cells]) if found is None else found


def _number(cell: str) -> float:
    """`cell` as Python reads it, but for "nan", which would be taken for an empty cell."""
    number = float(cell)
    if math.isnan(number):
        raise ValueError(f"{cell!r} is no number")
    return number


def _six_decimals(cells: list[str]) -> NDArray[np.float64] | None:
    """Cells that are all like 0.123456, as a run writes them, at once; None where some are not.

    That takes a sixth of the time, and gives the same: a quotient of two integers is rounded once.
    """
    text = "".join(cells)
    if set(map(len, cells)) != {8} or not text.isascii():
        return None
    signs = np.frombuffer(text.encode(), np.uint8).reshape(len(cells), 8)
    digits = np.delete(signs, 1, axis=1) - np.uint8(ord("0"))  # of what is below "0": over 9
    if (signs[:, 1] != ord(".")).any() or (digits > 9).any():
        return None
    return digits @ _MILLIONTHS / 1e6


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
    cells: list[Any] = cells_of(rows, column)
    if column.is_text:
        return cells
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
