"""Reads truths by path from a labels file."""

import os

from batch_predict.storage.staging import sha256
from batch_predict.tables import csv_paths
from batch_predict.truth.findings import Finding, Tally
from batch_predict.truth.labels_table import parse_digit, read_table


class LabelsFile:
    """Truths by path: as in the CSV, relative to in_dir or to the file, or a file name if unique.

    Where `has_bare_names`, call `count_name` for every picture before the first `of`.
    """

    def __init__(self, file: str, in_dir: str, name: str) -> None:
        self.name = name
        self.sha256 = sha256(file)
        self._table = read_table(file)
        self._used = bytearray(len(self._table.paths))
        self._ambiguous_names = Tally(
            "bare names in the labels file that several pictures have (not used)"
        )
        self._no_groups = Tally("columns of the labels file that group nothing")
        for column in self._table.no_groups:
            self._no_groups.add(column)
        self._duplicates = Tally("rows of the labels file that repeat a path")
        self._contradictions = Tally("paths with different labels in the labels file (not used)")
        self._not_digits = Tally("labels that are not 0 to 9 (not used)")
        self._digits = [parse_digit(label) for label in self._table.labels]
        self._rows: dict[str, int] = {}
        # The same for paths that are absolute or relative to the labels file
        self._beside: dict[str, int] = {}
        base, root = os.path.dirname(os.path.abspath(file)), os.path.abspath(in_dir)
        for row, text in enumerate(self._table.paths):
            name = csv_paths.from_csv(text.strip())
            self._add_row(row, csv_paths.to_csv(os.path.normpath(name)))
            if base != root or os.path.isabs(name):
                beside = os.path.normpath(os.path.join(base, name))
                if beside.startswith(f"{root}/"):
                    self._beside.setdefault(csv_paths.to_csv(beside[len(root) + 1 :]), row)
        # Of the file's bare names only, so that memory grows with the file, not with the pictures
        bare = (key.removeprefix("./") for key in self._rows)
        self._pictures_named = {key: 0 for key in bare if "/" not in key}

    def _add_row(self, row: int, key: str) -> None:
        first = self._rows.setdefault(key, row)
        if first != row:
            self._duplicates.add(f"{key} (line {row + 2})")
            self._used[row] = True
            if self._digits[first] != self._digits[row]:
                self._contradictions.add(key)
                self._digits[first] = None
        elif self._digits[row] is None and self._table.labels[row].strip():
            self._not_digits.add(f"{key}: {self._table.labels[row]}")

    @property
    def has_bare_names(self) -> bool:
        """Whether some rows name a file without its folder."""
        return bool(self._pictures_named)

    def count_name(self, name: str) -> None:
        """Note that a picture has the file name `name`, as at the end of its path in the CSV."""
        if name in self._pictures_named:
            self._pictures_named[name] += 1

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
        """What is odd about the file; complete once `of` was called for every picture."""
        unused = Tally("rows of the labels file without a picture")
        for row, used in enumerate(self._used):
            if not used:
                unused.add(self._table.paths[row])
        paths = (unused, self._ambiguous_names, self._duplicates)
        labels = (self._contradictions, self._not_digits, self._no_groups)
        return [tally.finding() for tally in (*paths, *labels)]

    def _row(self, path: str) -> int | None:
        row = self._rows.get(path, self._beside.get(path))
        if row is not None or "/" not in path:
            return row
        name = csv_paths.to_csv(csv_paths.from_csv(path.rpartition("/")[2]))
        row = self._rows.get(name)
        if row is None or self._pictures_named[name.removeprefix("./")] < 2:
            return row
        if not self._used[row]:
            self._ambiguous_names.add(name)
            self._used[row] = True
        return None
