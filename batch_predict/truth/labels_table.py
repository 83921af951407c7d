"""Reads the columns of a labels file: CSV or TSV, with a column of paths and one of digits."""

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple, TextIO

from batch_predict.tables.columns import begins_as_ours
from batch_predict.tables.csv_paths import as_text
from batch_predict.truth.labels_header import COMMENT, Header, find_header, reader

_ANSWERS: Final = "label"  # in an output of this program
_DIGIT: Final = re.compile(r"([0-9])(?:\.0*)?")  # 7, or 7.0 as a spreadsheet with gaps writes it
MOST_GROUPS: Final = 200  # a column with more values than this groups nothing: an id, a note
_CELL_MAX: Final = (1 << 31) - 1  # characters: all that the csv module can be told everywhere
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HEAD: Final = 16  # bytes, among which a workbook, or UTF-16 without its mark, has a zero


def parse_digit(text: str) -> int | None:
    """The digit that `text` states, or None."""
    match = _DIGIT.fullmatch(text.strip())
    return int(match[1]) if match else None


class Table(NamedTuple):
    """A labels file's columns, with one entry for each row below the header."""

    paths: list[str]
    labels: list[str]
    lines: list[int]  # the row's first line in the file, from 1
    commented: frozenset[int]  # rows that begin with #: comments, or of a picture named so
    extras: dict[str, list[str]]  # the other columns that group the rows
    no_groups: list[str]  # names of those that don't: one value only, or too many
    of_a_run: bool  # an output of this program, whose labels are answers


def read_table(file: str) -> Table:
    """Read `file`; its header may use any usual name, in any case, alone or as a word.

    A line `sep=;`, blank lines and lines of comment (`#`) may stand before it.

    Raises OSError, csv.Error or ValueError for a file that can't be read or has no such columns.
    """
    encoding = _encoding(file)
    with (
        _cells_of_any_size(),
        open(file, encoding=encoding, errors="surrogateescape", newline="") as text,
    ):
        header = find_header(text)
        _, path_at, label_at, *_ = header
        width = len(header.names)
        rows: list[list[str]] = []
        lines: list[int] = []
        commented: set[int] = set()
        for line, cells in _rows_below(text, header):
            row = cells + [""] * (width - len(cells))
            if row[0].startswith(COMMENT):
                commented.add(len(rows))
            rows.append(row)
            lines.append(line)
    extras = {
        name: [as_text(row[at]) for row in rows]
        for at, name in enumerate(_distinct(header.names))
        if at not in (path_at, label_at)
    }
    groups = {name: cells for name, cells in extras.items() if 1 < len(set(cells)) <= MOST_GROUPS}
    return Table(
        [row[path_at] for row in rows],
        [row[label_at] for row in rows],
        lines,
        frozenset(commented),
        groups,
        [name for name in extras if name not in groups],
        begins_as_ours(header.names) and header.names[label_at] == _ANSWERS,
    )


def _encoding(file: str) -> str:
    with open(file, "rb") as raw:
        head = raw.read(_HEAD)
    if head.startswith(_UTF16_MARKS):
        return "utf-16"
    if b"\0" in head:
        raise ValueError("it is a workbook, or no text at all: save it as CSV UTF-8")
    return "utf-8-sig"


@contextmanager
def _cells_of_any_size() -> Iterator[None]:
    """The csv module takes 128 KiB by default; a user's note may be longer."""
    before = csv.field_size_limit(_CELL_MAX)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _rows_below(text: TextIO, header: Header) -> Iterator[tuple[int, list[str]]]:
    """The rows below `header` that are not blank, each with the number of its first line.

    Raises ValueError for a quote that is never closed: it would take all that follows for one cell.
    """
    number = header.line - 1
    row_lines: list[str] = []  # of the row that is read

    def lines() -> Iterator[str]:
        nonlocal number
        for line in text:
            number += 1
            kept = row_lines or number == header.line or not line.startswith(COMMENT)
            if kept or _is_row(line, header):
                row_lines.append(line)
                yield line

    first, unclosed = header.line, False
    text.seek(header.start)
    for row in reader(lines(), header.delimiter):
        first = number - len(row_lines) + 1
        if first > header.line and any(map(str.strip, row)):
            yield first, row
        unclosed = len(row_lines) > 1 and "".join(row_lines).count('"') % 2 == 1
        row_lines.clear()
    if unclosed:
        raise ValueError(f"the quote that opens in line {first} is never closed")


def _is_row(line: str, header: Header) -> bool:
    """Whether a line that begins as a comment may be the row of a picture that is named so."""
    row = next(reader([line], header.delimiter), [])
    label = row[header.label_at] if header.label_at < len(row) else ""
    return header.path_at == 0 and parse_digit(label) is not None


def _distinct(header: Sequence[str]) -> list[str]:
    """A name for each column of `header`; one that is empty or there before says its number."""
    names: list[str] = []
    for number, cell in enumerate(header, 1):
        name = as_text(cell) or f"column {number}"
        while name in names:
            name += f" (column {number})"
        names.append(name)
    return names
