"""Labels whose path is no picture's as it stands: which picture is meant all the same?

A path may have been through a Mac, Windows or a spreadsheet since the picture got its name. Such a
label is taken only where one picture fits it, and no other one fits it as well.
"""

import posixpath
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

from batch_predict.storage.picture_names import PICTURE_SUFFIXES
from batch_predict.tables.csv_paths import from_csv

_Rewrite: TypeAlias = Callable[[str], str]
_NUMBER: Final = re.compile(r"0*([0-9]+?)(?:\.0*)?")  # 0012, 12 or 12.0
#: what only some of FOLDS look at: most names have none of it, and there may be a million
_UNUSUAL: Final = re.compile(r"[^!-\[\]-~]|//|(?:^|/)\.|/$")
_EXCEL: Final = "cp1252"  # in which Excel of Western Windows writes a CSV


def _same(name: str) -> str:
    return name


def _composed(name: str) -> str:
    return name if name.isascii() else unicodedata.normalize("NFC", name)


def _from_windows(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError:  # a byte of it is not UTF-8
        decoded = name.encode(errors="surrogateescape").decode(_EXCEL, errors="replace")
        return _composed(decoded)
    return name


def _with_slashes(name: str) -> str:
    return posixpath.normpath(name.replace("\\", "/"))


def _with_plain_spaces(name: str) -> str:
    return "/".join(" ".join(part.split()) for part in name.split("/"))


def _in_one_case(name: str) -> str:
    folded = name.casefold()
    if folded.isascii():
        return folded
    return _composed(folded.replace("i\u0307", "i").replace("\u0131", "i"))  # Turkish


def _without_suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    named = stem and not stem.endswith("/") and f".{suffix.lower()}" in PICTURE_SUFFIXES
    return stem if dot and named else name


def _as_number(name: str) -> str:
    folder, slash, last = name.rpartition("/")
    number = _NUMBER.fullmatch(last)
    return f"{folder}{slash}{number[1]}" if number else name


class Fold(NamedTuple):
    """A difference that is overlooked, and how each side is rid of it."""

    how: str  # as a finding says it
    of_label: _Rewrite
    of_picture: _Rewrite


#: each is tried on top of those before it
FOLDS: Final = (
    Fold("as they stand", _same, _same),
    Fold("in another Unicode form", _composed, _composed),
    Fold("in Windows-1252", _from_windows, _same),
    Fold("with backslashes", _with_slashes, _with_slashes),
    Fold("with other spaces", _with_plain_spaces, _with_plain_spaces),
    Fold("in another case", _in_one_case, _in_one_case),
    Fold("without suffix", _same, _without_suffix),  # a label's own suffix says another file
    Fold("without leading zeros", _as_number, _as_number),
)
#: the paths agree from the end on: one has folders before that the other lacks
BY_END: Final = "by the end of their path"
HOW: Final = (*(fold.how for fold in FOLDS[1:]), BY_END)
_SEVERAL: Final = -1  # in place of a row

#: how far a label and a picture are apart: whether only their ends agree, and by which of FOLDS
_Distance: TypeAlias = tuple[bool, int]


class _Best(NamedTuple):
    """The pictures nearest to a label."""

    distance: _Distance
    paths: tuple[str, ...]  # of two, at most


class Folding:
    """Finds the pictures of `labels`, rows with their paths as the file has them.

    `depths` are the numbers of folders that the pictures' paths have. Memory grows with the labels,
    not with the pictures.
    """

    def __init__(self, labels: Iterable[tuple[int, str]], depths: Collection[int]) -> None:
        self._labels = dict(labels)
        self._rows: dict[str, list[int]] = {}  # by what folding leaves of a path
        self._ends: dict[str, int] = {}  # by the end of that; _SEVERAL where it is of several
        self._best: dict[int, _Best] = {}
        for row, path in self._labels.items():
            key = _folded_label(path)
            self._rows.setdefault(key, []).append(row)
            parts = key.split("/")
            for depth in depths:
                if depth + 1 < len(parts):
                    end = "/".join(parts[-depth - 1 :])
                    self._ends[end] = _SEVERAL if end in self._ends else row

    def see(self, path: str) -> None:
        """Compare the picture at `path`, which has no label yet."""
        name = from_csv(path)
        for row in self._candidates(_folded_picture(name)):
            distance = _distance(self._labels[row], name)
            best = self._best.get(row)
            if distance is None or (best and best.distance < distance):
                continue
            known = best.paths if best and best.distance == distance else ()
            self._best[row] = _Best(distance, (*known, path)[:2])

    def _candidates(self, key: str) -> Iterator[int]:
        yield from self._rows.get(key, ())
        row = self._ends.get(key, _SEVERAL)
        if row != _SEVERAL:
            yield row
        at = key.find("/")
        while at >= 0:
            yield from self._rows.get(key[at + 1 :], ())
            at = key.find("/", at + 1)

    def result(self) -> "Folded":
        """What was found, once all pictures were seen."""
        pictures: dict[str, int] = {}
        how: dict[int, str] = {}
        shared: dict[int, tuple[str, ...]] = {}
        for row, best in sorted(self._best.items(), key=lambda item: (item[1].distance, item[0])):
            if len(best.paths) > 1 or best.paths[0] in pictures:
                shared[row] = best.paths
                continue
            pictures[best.paths[0]] = row
            only_ends, fold = best.distance
            how[row] = BY_END if only_ends else FOLDS[fold].how
        return Folded(pictures, how, shared)


class Folded(NamedTuple):
    """Which pictures the labels are of."""

    pictures: dict[str, int]  # path -> row
    how: dict[int, str]  # row -> one of HOW
    shared: dict[int, tuple[str, ...]]  # row -> paths that fit it, or that another label has


def _distance(label: str, picture: str) -> _Distance | None:
    for number, fold in enumerate(FOLDS):
        label, picture = fold.of_label(label), fold.of_picture(picture)
        if label == picture:
            return False, number
        if picture.endswith(f"/{label}"):
            return "/" in label, number
        if label.endswith(f"/{picture}"):
            return True, number
    return None


def _folded_label(name: str) -> str:
    if _UNUSUAL.search(name):
        for fold in FOLDS:
            name = fold.of_label(name)
    else:
        name = name.lower()
    return _as_number(_without_suffix(name))  # as the picture's, whatever suffix it has


def _folded_picture(name: str) -> str:
    if not _UNUSUAL.search(name):
        return _as_number(_without_suffix(name.lower()))
    for fold in FOLDS:
        name = fold.of_picture(name)
    return name
