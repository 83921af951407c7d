"""Reads truths by path from a labels file."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from batch_predict.storage.file_hash import file_sha256
from batch_predict.storage.system_names import from_system, to_system
from batch_predict.tables import csv_paths
from batch_predict.truth.findings import Finding, Tally
from batch_predict.truth.folding import HOW, Folding
from batch_predict.truth.labels_table import parse_digit, read_table

_UNUSED: Final = "rows of the labels file without a picture"
#: a finding of this form, for each of HOW, says how many labels were matched so
MATCHED = {how: f"labels matched {how}" for how in HOW}


class LabelsFile:
    """Truths by path: as in the CSV, relative to in_dir or to the file, or a file name if unique.

    A label that fits none so is folded (see `folding`). Call `match` before all else.
    """

    def __init__(self, file: str, in_dir: str, name: str) -> None:
        self.name = name
        self.sha256 = file_sha256(file)
        self._in_dir = in_dir
        self._table = read_table(file)
        self._digits = [parse_digit(label) for label in self._table.labels]
        self._settled = bytearray(len(self._digits))  # rows whose picture, or fault, is known
        self._unused = Tally(_UNUSED, ("label fits no picture", "labels fit no picture"))
        self._ambiguous_names = Tally(
            "bare names in the labels file that several pictures have (not used)",
            ("label names several pictures", "labels name several pictures each"),
        )
        self._shared = Tally(
            "labels that fit several pictures, or one that another label has (not used)",
            ("label fits no picture alone", "labels fit no picture alone"),
        )
        self._no_groups = Tally("columns of the labels file that group nothing")
        for column in self._table.no_groups:
            self._no_groups.add(column)
        self._duplicates = Tally("rows of the labels file that repeat a path")
        self._contradictions = Tally(
            "paths with different labels in the labels file (not used)",
            ("path has different labels", "paths have different labels"),
        )
        self._not_digits = Tally(
            "labels that are not 0 to 9 (not used)",
            ("label is not 0 to 9", "labels are not 0 to 9"),
        )
        self._answers = Tally(
            "labels that a run answered, unless a person went through them",
            (
                "label is what a run answered, unless a person went through them",
                "labels are what a run answered, unless a person went through them",
            ),
        )
        if self._table.of_a_run:
            for row in range(len(self._digits)):
                self._answers.add(self._table.paths[row], self._as_it_stands(row))
        self._matched = {how: Tally(words) for how, words in MATCHED.items()}
        self._rows: dict[str, int] = {}
        # The same for paths that are absolute or relative to the labels file
        self._beside: dict[str, int] = {}
        self._folded: dict[str, int] = {}
        contradicted: set[int] = set()
        base = from_system(os.path.dirname(os.path.abspath(file)))
        root = from_system(os.path.abspath(in_dir))
        for row, text in enumerate(self._table.paths):
            name = csv_paths.from_csv(text.strip())
            self._add_row(row, csv_paths.to_csv(os.path.normpath(name)), contradicted)
            if base != root or os.path.isabs(name):
                beside = os.path.normpath(os.path.join(base, name))
                if beside.startswith(f"{root}/"):
                    self._beside.setdefault(csv_paths.to_csv(beside[len(root) + 1 :]), row)
        # Of the file's bare names only, so that memory grows with the file, not with the pictures
        bare = ((key.removeprefix("./"), row) for key, row in self._rows.items())
        self._bare = {name: row for name, row in bare if "/" not in name}
        self._pictures_named: Counter[str] = Counter()

    def _add_row(self, row: int, key: str, contradicted: set[int]) -> None:
        first = self._rows.setdefault(key, row)
        if first != row:
            self._duplicates.add(f"{key} (line {self._table.lines[row]})")
            self._settled[row] = True
            if self._digits[first] != self._digits[row] and first not in contradicted:
                contradicted.add(first)
                self._contradictions.add(key, self._as_it_stands(row))
                self._digits[first] = None
        elif self._digits[row] is None and self._table.labels[row].strip():
            label = self._table.labels[row]
            in_words = f'"{label.strip()}" (line {self._table.lines[row]})'
            self._not_digits.add(f"{key}: {label}", in_words)

    def _as_it_stands(self, row: int) -> str:
        return f'"{self._table.paths[row]}" (line {self._table.lines[row]})'

    def match(self, paths: Callable[[], Iterable[str]], *, are_all: bool = True) -> None:
        """Find the picture of each label among all `paths`, those of other shards too.

        They are as in the CSV, and asked for again where a label fits none as it stands. Unless
        they `are_all` that there are, a label that fits none is nothing to warn of.
        """
        if not are_all:
            self._unused = Tally(_UNUSED)
        depths = set()
        for path in paths():
            row = self._at(path)
            if row is not None:
                self._settled[row] = True
            name = path.rpartition("/")[2]
            if name in self._bare:
                self._pictures_named[name] += 1
            depths.add(path.removeprefix("./").count("/"))
        for name, pictures in self._pictures_named.items():
            row = self._bare[name]
            if pictures > 1 and not self._settled[row]:
                self._ambiguous_names.add(name, self._as_it_stands(row))
            self._settled[row] = True
        if any(True for _ in self._unsettled()):
            self._fold(paths, depths)
        for row in self._unsettled():
            self._unused.add(self._table.paths[row], self._why_unused(row))

    def _unsettled(self) -> Iterator[int]:
        """The rows that state a label and have no picture yet; a comment is none."""
        for row, settled in enumerate(self._settled):
            if not settled and self._table.labels[row].strip() and row not in self._table.commented:
                yield row

    def _fold(self, paths: Callable[[], Iterable[str]], depths: set[int]) -> None:
        texts = self._table.paths
        folding = Folding(((row, texts[row].strip()) for row in self._unsettled()), depths)
        for path in paths():
            if self._row(path) is None:
                folding.see(path)
        found = folding.result()
        self._folded = found.pictures
        for path, row in found.pictures.items():
            self._matched[found.how[row]].add(f"{texts[row]}: {path}")
            self._settled[row] = True
        for row, fitting in found.shared.items():
            what = f"{texts[row]}: {', '.join(fitting)}"
            self._shared.add(what, f"{self._as_it_stands(row)}: {', '.join(fitting)}")
            self._settled[row] = True

    def _why_unused(self, row: int) -> str:
        shown, name = self._as_it_stands(row), csv_paths.from_csv(self._table.paths[row].strip())
        there = "\0" not in name and os.path.isfile(os.path.join(self._in_dir, to_system(name)))
        return f"{shown}: {'the file is left out' if there else 'no picture has this name'}"

    def of(self, path: str) -> int | None:
        """The truth for `path` (as in the CSV), or None."""
        row = self._row(path)
        return None if row is None else self._digits[row]

    def extras(self, path: str) -> tuple[str, ...]:
        """The cells of `extra_columns` for `path`; empty strings where it has no row."""
        row = self._row(path)
        return tuple("" if row is None else cells[row] for cells in self._table.extras.values())

    @property
    def extra_columns(self) -> tuple[str, ...]:
        """The names of the extra columns that group rows."""
        return tuple(self._table.extras)

    def findings(self) -> list[Finding]:
        """What is odd about the file, and how many labels were matched in which way."""
        return [tally.finding() for tally in (*self._tallies(), *self._matched.values())]

    def warnings(self) -> list[str]:
        """What is worth a warning about it: labels that are not used, and why."""
        return [words for tally in self._tallies() if (words := tally.warning())]

    def _tallies(self) -> tuple[Tally, ...]:
        paths = (self._unused, self._ambiguous_names, self._shared, self._duplicates)
        return (*paths, self._contradictions, self._not_digits, self._no_groups, self._answers)

    def _at(self, path: str) -> int | None:
        return self._rows.get(path, self._beside.get(path))

    def _row(self, path: str) -> int | None:
        row = self._at(path)
        if row is not None:
            return row
        name = path.rpartition("/")[2]
        if self._pictures_named.get(name) == 1:
            return self._bare[name]
        return self._folded.get(path)
