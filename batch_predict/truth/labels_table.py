"""Reads the columns of a labels file: CSV or TSV, with a column of paths and one of digits."""

import codecs
import csv
import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from batch_predict.tables.csv_paths import as_text

PATH_NAMES: Final = "path filepath filename file image img picture photo name id".split()
LABEL_NAMES: Final = (
    "truth groundtruth label labels digit class target expected actual category annotation"
    " number value gt y"
).split()
#: names that count only as the whole of a column's name, not as a word in it: "page number"
_ONLY_ALONE: Final = frozenset({"number", "value"})
_BETWEEN_WORDS: Final = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")  # of "image_name", "imageName"
DELIMITERS: Final = "\t;|,"  # the most frequent in the first line; on a tie the first
MOST_GROUPS: Final = 200  # a column with more values than this groups nothing: an id, a note
DIGIT: Final = re.compile(r"([0-9])(?:\.0*)?")  # 7, or 7.0 as a spreadsheet with gaps writes it
MOST_SHOWN: Final = 80  # characters of a first line that may be anything
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def parse_digit(text: str) -> int | None:
    """The digit that `text` states, or None."""
    match = DIGIT.fullmatch(text.strip())
    return int(match[1]) if match else None


class Table(NamedTuple):
    """A labels file's columns, with one entry for each line below the header."""

    paths: list[str]
    labels: list[str]
    extras: dict[str, list[str]]  # the other columns that group the rows
    no_groups: list[str]  # names of those that don't: one value only, or too many


def read_table(file: str) -> Table:
    """Read `file`; its header may use any usual name, in any case, alone or as a word.

    Raises OSError, csv.Error or ValueError for a file that can't be read or has no such columns.
    """
    with open(file, "rb") as raw:
        encoding = "utf-16" if raw.read(2) in _UTF16_MARKS else "utf-8-sig"
    with open(file, encoding=encoding, errors="surrogateescape", newline="") as text:
        first = text.readline()
        text.seek(0)
        reader = csv.reader(text, delimiter=max(DELIMITERS, key=first.count))
        header = next(reader, [])
        path_at = _column(header, PATH_NAMES, "paths")
        label_at = _column(header, LABEL_NAMES, "labels", taken=path_at)
        width = len(header)
        rows = [row + [""] * (width - len(row)) for row in reader if any(row)]
    extras = {
        name: [as_text(row[at]) for row in rows]
        for at, name in enumerate(_distinct(header))
        if at not in (path_at, label_at)
    }
    groups = {name: cells for name, cells in extras.items() if 1 < len(set(cells)) <= MOST_GROUPS}
    no_groups = [name for name in extras if name not in groups]
    return Table([row[path_at] for row in rows], [row[label_at] for row in rows], groups, no_groups)


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
    header: Sequence[str], names: Sequence[str], what: str, taken: int | None = None
) -> int:
    """The index in `header` of the first of `names`: alone, or else as a word (`image_name`).

    Raises ValueError where there is none.
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
                    return at
    first, usual = ",".join(header)[:MOST_SHOWN], ", ".join(names)
    raise ValueError(f"no column with {what} in its first line {first!r}; name it one of {usual}")
