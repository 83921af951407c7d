"""Reads the columns of a labels file: CSV or TSV, with a column of paths and one of digits."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple, TextIO

from batch_predict.tables.columns import begins_as_ours
from batch_predict.tables.csv_paths import as_text

PATH_NAMES: Final = "path filepath filename file image img picture photo name id".split()
LABEL_NAMES: Final = (
    "truth groundtruth gt gold expected actual label labels digit class target category annotation"
    " number value y"
).split()
#: words for what is true; `true_label` beside `label` says that `label` is somebody's answer
_TRUE: Final = frozenset("truth groundtruth ground gt true gold actual expected".split())
#: words for what a model answered, which is no truth whatever else the column is called
_ANSWERED: Final = frozenset(
    "predicted prediction predictions pred predict model confidence score probability".split()
)
#: names that count only as the whole of a column's name, not as a word in it: "page number"
_ONLY_ALONE: Final = frozenset({"number", "value"})
_BETWEEN_WORDS: Final = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")  # of "image_name", "imageName"
_ANSWERS: Final = "label"  # in an output of this program
DELIMITERS: Final = "\t;|,"  # the one that yields both columns; on a tie the first
_SEPARATOR: Final = re.compile(r'"?sep=(.?)', re.IGNORECASE)  # a first line for Excel
_COMMENT: Final = "#"
MOST_GROUPS: Final = 200  # a column with more values than this groups nothing: an id, a note
DIGIT: Final = re.compile(r"([0-9])(?:\.0*)?")  # 7, or 7.0 as a spreadsheet with gaps writes it
MOST_SHOWN: Final = 80  # characters of a first line that may be anything
_CELL_MAX: Final = (1 << 31) - 1  # characters: all that the csv module can be told everywhere
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def parse_digit(text: str) -> int | None:
    """The digit that `text` states, or None."""
    match = DIGIT.fullmatch(text.strip())
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


class _Header(NamedTuple):
    names: list[str]
    path_at: int
    label_at: int
    alone: int  # how many of the two are named by a usual name alone
    delimiter: str
    line: int  # where it begins, from 1
    start: int  # for `seek`


def read_table(file: str) -> Table:
    """Read `file`; its header may use any usual name, in any case, alone or as a word.

    A line `sep=;`, blank lines and lines of comment (`#`) may stand before it.

    Raises OSError, csv.Error or ValueError for a file that can't be read or has no such columns.
    """
    with open(file, "rb") as raw:
        encoding = "utf-16" if raw.read(2) in _UTF16_MARKS else "utf-8-sig"
    with (
        _cells_of_any_size(),
        open(file, encoding=encoding, errors="surrogateescape", newline="") as text,
    ):
        header = _find_header(text)
        _, path_at, label_at, *_ = header
        width = len(header.names)
        rows: list[list[str]] = []
        lines: list[int] = []
        commented: set[int] = set()
        for line, cells in _rows_below(text, header):
            row = cells + [""] * (width - len(cells))
            if row[0].startswith(_COMMENT):
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


@contextmanager
def _cells_of_any_size() -> Iterator[None]:
    """The csv module takes 128 KiB by default; a user's note may be longer."""
    before = csv.field_size_limit(_CELL_MAX)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _find_header(text: TextIO) -> _Header:
    """The first line that is neither blank nor a comment, read with the delimiter that fits.

    Where that names no columns, a comment before it may: `# path,label`.

    Raises ValueError where none does.
    """
    delimiters = DELIMITERS
    comments: list[tuple[int, int]] = []
    start, number = text.tell(), 1
    while line := text.readline():
        separator = _SEPARATOR.match(line)
        if separator:
            delimiters = separator[1].strip("\r\n") + DELIMITERS
        elif line.startswith(_COMMENT):
            comments.append((start, number))
        elif line.strip(f"{DELIMITERS} \r\n"):
            break
        start, number = text.tell(), number + 1
    found = _with_columns(text, start, number, delimiters)
    if found:
        return found
    for place in reversed(comments):
        found = _with_columns(text, *place, delimiters)
        if found and found.alone == 2:
            return found
    raise ValueError(_no_columns(line, delimiters))


def _with_columns(text: TextIO, start: int, line: int, delimiters: str) -> _Header | None:
    """The header at `start`, by the best of `delimiters`; None where none yields both columns."""
    found = []
    for delimiter in dict.fromkeys(delimiters):
        text.seek(start)
        names = next(_reader(text, delimiter), [])
        if names:
            names[0] = names[0].lstrip(f"{_COMMENT} ")
        path = _column(names, PATH_NAMES)
        label = _column(list(map(_as_truth, names)), LABEL_NAMES, taken=path and path[0])
        if path and label:
            alone = path[1] + label[1]
            found.append(_Header(names, path[0], label[0], alone, delimiter, line, start))
    return max(found, key=lambda each: (each.alone, len(each.names)), default=None)


def _rows_below(text: TextIO, header: _Header) -> Iterator[tuple[int, list[str]]]:
    """The rows below `header` that are not blank, each with the number of its first line.

    Raises ValueError for a quote that is never closed: it would take all that follows for one cell.
    """
    number = header.line - 1
    row_lines: list[str] = []  # of the row that is read

    def lines() -> Iterator[str]:
        nonlocal number
        for line in text:
            number += 1
            kept = row_lines or number == header.line or not line.startswith(_COMMENT)
            if kept or _is_row(line, header):
                row_lines.append(line)
                yield line

    first, unclosed = header.line, False
    text.seek(header.start)
    for row in _reader(lines(), header.delimiter):
        first = number - len(row_lines) + 1
        if first > header.line and any(map(str.strip, row)):
            yield first, row
        unclosed = len(row_lines) > 1 and "".join(row_lines).count('"') % 2 == 1
        row_lines.clear()
    if unclosed:
        raise ValueError(f"the quote that opens in line {first} is never closed")


def _is_row(line: str, header: _Header) -> bool:
    """Whether a line that begins as a comment may be the row of a picture that is named so."""
    row = next(_reader([line], header.delimiter), [])
    label = row[header.label_at] if header.label_at < len(row) else ""
    return header.path_at == 0 and parse_digit(label) is not None


def _reader(lines: Iterable[str], delimiter: str) -> "Iterator[list[str]]":
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True)


def _distinct(header: Sequence[str]) -> list[str]:
    """A name for each column of `header`; one that is empty or there before says its number."""
    names: list[str] = []
    for number, cell in enumerate(header, 1):
        name = as_text(cell) or f"column {number}"
        while name in names:
            name += f" (column {number})"
        names.append(name)
    return names


def _column(
    header: Sequence[str], names: Sequence[str], taken: int | None = None
) -> tuple[int, bool] | None:
    """The index in `header` of the first of `names`, and whether it stands alone.

    It may be a word of the column's name (`image_name`). None where there is none.
    """
    words = {
        at: [word.casefold() for word in _BETWEEN_WORDS.split(name)]
        for at, name in enumerate(header)
        if at != taken
    }
    alone = {at: {"".join(each)} for at, each in words.items()}
    parts = {at: set(each) - _ONLY_ALONE for at, each in words.items()}
    for known in (alone, parts):
        for name in names:
            for at, said in known.items():
                if name in said:
                    return at, known is alone
    return None


def _as_truth(name: str) -> str:
    """`truth` where `name` says that its column holds it, "" where it is of a model's answers."""
    words = {word.casefold() for word in _BETWEEN_WORDS.split(name) if word}
    if words & _ANSWERED:
        return ""
    is_true = words & _TRUE and words != {"ground"} and words <= _TRUE.union(LABEL_NAMES)
    return "truth" if is_true else name


def _no_columns(line: str, delimiters: str) -> str:
    """Which column is missing in `line`, which is shown as it stands in the file."""
    header = next(_reader([line], max(delimiters, key=line.count)), [])
    what, usual = ("labels", LABEL_NAMES) if _column(header, PATH_NAMES) else ("paths", PATH_NAMES)
    shown = as_text(line.rstrip("\r\n")[:MOST_SHOWN])
    names = ", ".join(usual)
    return f"no column with {what} in its first line '{shown}'; name it one of {names}"
