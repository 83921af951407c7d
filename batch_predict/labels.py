"""A labels file as people write them: CSV or TSV, with a column of paths and one of digits."""

import codecs
import csv
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from batch_predict import paths
from batch_predict.findings import Finding, Tally

PATH_NAMES: Final = (
    "path",
    "filepath",
    "filename",
    "file",
    "image",
    "img",
    "picture",
    "photo",
    "name",
    "id",
)
LABEL_NAMES: Final = (
    *("truth", "groundtruth", "label", "digit", "class", "target"),
    *("expected", "actual", "category", "annotation", "number", "value", "gt", "y"),
)
DELIMITERS: Final = ",;\t|"
MOST_GROUPS: Final = 50  # a column with more values than this groups nothing: an id, a note
DIGIT: Final = re.compile(r"([0-9])(?:\.0*)?")  # 7, or 7.0 as a spreadsheet with gaps writes it
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def digit(text: str) -> int | None:
    """The digit that `text` states, or None."""
    match = DIGIT.fullmatch(text.strip())
    return int(match[1]) if match else None


class Table(NamedTuple):
    """A labels file's columns, one entry a line below the header."""

    paths: list[str]
    labels: list[str]
    extras: dict[str, list[str]]  # the other columns that have at most MOST_GROUPS values


def read_table(file: str) -> Table:
    """Read `file`; its header may use any usual name, in any case, with spaces or underscores.

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
    columns = dict(enumerate(zip(*(row[:width] for row in rows), strict=True)))
    extras = {
        header[at] or f"column {at + 1}": list(cells)
        for at, cells in columns.items()
        if at not in (path_at, label_at) and 1 < len(set(cells)) <= MOST_GROUPS
    }
    return Table([row[path_at] for row in rows], [row[label_at] for row in rows], extras)


def _column(
    header: Sequence[str], names: Sequence[str], what: str, taken: int | None = None
) -> int:
    """Where in `header` the first of `names` stands: alone, or else as a part (`image_name`)."""
    plain = {
        at: re.sub(r"[\W_]+", "", name.casefold()) for at, name in enumerate(header) if at != taken
    }
    for fits in (str.__eq__, str.__contains__):
        for name in names:
            for at, text in plain.items():
                if fits(text, name):
                    return at
    known = ", ".join(names)
    raise ValueError(
        f"no column with {what} in its first line {','.join(header)!r}; name it one of {known}"
    )


class LabelsFile:
    """Truths by path: as in the CSV, relative to in_dir or to the file, or bare names where unique.

    `every_path` gives the paths of all pictures; it is asked once, for the first bare name.
    """

    def __init__(
        self, file: str, in_dir: str, name: str, every_path: Callable[[], Iterable[str]]
    ) -> None:
        self.name = name
        self._table = read_table(file)
        self._every_path = every_path
        self._repeated: frozenset[str] | None = None
        self._used = bytearray(len(self._table.paths))
        self._duplicates = Tally("rows of the labels file that repeat a path")
        self._clashes = Tally("paths with different labels in the labels file (not used)")
        self._not_digits = Tally("labels that are not 0 to 9 (not used)")
        self._digits = [digit(label) for label in self._table.labels]
        self._rows: dict[str, int] = {}
        self._beside: dict[str, int] = {}  # the same, for paths relative to a file outside in_dir
        base, root = os.path.dirname(os.path.abspath(file)), os.path.abspath(in_dir)
        for row, text in enumerate(self._table.paths):
            name = paths.from_csv(text.strip())
            self._place(row, paths.to_csv(os.path.normpath(name)))
            if base != root:
                beside = os.path.normpath(os.path.join(base, name))
                if beside.startswith(f"{root}/"):
                    self._beside.setdefault(paths.to_csv(beside[len(root) + 1 :]), row)

    def _place(self, row: int, key: str) -> None:
        first = self._rows.setdefault(key, row)
        if first != row:
            self._duplicates.add(f"{key} (line {row + 2})")
            self._used[row] = True
            if self._digits[first] != self._digits[row]:
                self._clashes.add(key)
                self._digits[first] = None
        elif self._digits[row] is None and self._table.labels[row].strip():
            self._not_digits.add(f"{key}: {self._table.labels[row]}")

    def of(self, path: str) -> int | None:
        """The truth for `path` (as in the CSV), or None."""
        row = self._row(path)
        if row is None:
            return None
        self._used[row] = True
        return self._digits[row]

    def extras(self, path: str) -> tuple[str, ...]:
        """The cells of `extra_columns` for `path`; empty strings where it has no row."""
        row = self._row(path)
        return tuple("" if row is None else cells[row] for cells in self._table.extras.values())

    @property
    def extra_columns(self) -> tuple[str, ...]:
        """The names of the extra columns that group rows."""
        return tuple(self._table.extras)

    def findings(self) -> list[Finding]:
        """What is odd about the file, after all pictures were asked for."""
        unused = Tally("rows of the labels file without a picture")
        for row, used in enumerate(self._used):
            if not used:
                unused.add(self._table.paths[row])
        return [
            tally.finding() for tally in (unused, self._duplicates, self._clashes, self._not_digits)
        ]

    def _row(self, path: str) -> int | None:
        row = self._rows.get(path, self._beside.get(path))
        if row is not None or "/" not in path:
            return row
        name = paths.to_csv(paths.from_csv(path.rpartition("/")[2]))
        return self._rows.get(name) if name in self._rows and not self._is_repeated(name) else None

    def _is_repeated(self, name: str) -> bool:
        if self._repeated is None:
            names = Counter(path.rpartition("/")[2] for path in self._every_path())
            self._repeated = frozenset(each for each, count in names.items() if count > 1)
        return name.removeprefix("./") in self._repeated
