"""A CSV of this program -> compact columns, and back again to the few paths that are wanted.

10 million rows take 70 MB; no column of strings is kept.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from batch_predict.evaluation import NONE, STATUSES, Scored
from batch_predict.records import CLASSES

if TYPE_CHECKING:
    from batch_predict.labels import LabelsFile

CHUNK: Final = 200_000  # rows read at a time
PROBABILITIES: Final = tuple(f"p{digit}" for digit in range(CLASSES))
FOLDER: Final = "folder"  # title of the breakdown by first-level folder
TOP: Final = "(top level)"  # pictures directly in in_dir
EMPTY: Final = "(empty)"
_STRINGS: Final = ("path", "status", "reason")
_DIGITS: Final = ("label", "truth")


class Text(NamedTuple):
    """The words of a row."""

    path: str
    reason: str


class Part(NamedTuple):
    """Some rows of a CSV as compact columns, as in `Scored`."""

    label: NDArray[np.int8]
    confidence: NDArray[np.float32]
    status: NDArray[np.int8]
    truth: NDArray[np.int8]
    probabilities: NDArray[np.float32]  # (n, 10) or (n, 0)


def load(
    csv: str,
    relabel: Callable[[str], int | None] | None = None,
    labels: "LabelsFile | None" = None,
) -> Scored:
    """All rows of `csv`; truths by `relabel` where given, further breakdowns from `labels`.

    Raises OSError or ValueError for a file that can't be read, lacks a column or holds no digits.
    """
    header = pd.read_csv(csv, nrows=0).columns
    optional = [name for name in ("truth", *PROBABILITIES) if name in header]
    groups = {title: _Codes() for title in (FOLDER, *(labels.extra_columns if labels else ()))}
    parts = []
    for chunk in _chunks(csv, ["path", "label", "confidence", "status", *optional]):
        paths = chunk["path"].tolist()
        if relabel:
            stated = map(relabel, paths)
            chunk["truth"] = np.array(
                [NONE if digit is None else digit for digit in stated], np.int8
            )
        parts.append(_part(chunk))
        groups[FOLDER].add(map(_folder, paths))
        if labels:
            for at, title in enumerate(labels.extra_columns):
                groups[title].add(labels.extras(path)[at] for path in paths)
    whole = Part(*map(np.concatenate, zip(*parts, strict=True)))
    return Scored(
        whole.label,
        whole.confidence,
        whole.status,
        whole.truth,
        whole.probabilities if whole.probabilities.shape[1] else None,
        groups={title: codes.categorical() for title, codes in groups.items() if codes.divide()},
    )


def paths(csv: str) -> Iterator[str]:
    """The paths in `csv`, in order."""
    for chunk in _chunks(csv, ["path"]):
        yield from chunk["path"]


def texts(csv: str, rows: Collection[int]) -> dict[int, Text]:
    """Path and reason of the rows at the places `rows`, from 0."""
    found = {}
    for start, chunk in zip(range(0, 2**63, CHUNK), _chunks(csv, ["path", "reason"]), strict=False):
        for row in rows:
            if start <= row < start + len(chunk):
                found[row] = Text(str(chunk.at[row, "path"]), str(chunk.at[row, "reason"]))
    return found


class Aligned(NamedTuple):
    """Another CSV's labels at this one's rows."""

    label: NDArray[np.int8]  # (n,), or NONE
    confidence: NDArray[np.float32]  # (n,), or NaN
    present: NDArray[np.bool_]  # (n,) the other has this path
    only_there: int  # rows of the other whose path is not here


def align(csv: str, other: str) -> Aligned:
    """The labels of `other` for the paths of `csv`, in its order; raises as `load`."""
    columns = _chunks(other, ["path", "label", "confidence"])
    theirs = pd.concat(columns).drop_duplicates("path").set_index("path")
    places = np.concatenate(
        [theirs.index.get_indexer(pd.Index(c["path"])) for c in _chunks(csv, ["path"])]
    )
    present = places >= 0
    label = np.full(len(places), NONE, np.int8)
    confidence = np.full(len(places), np.nan, np.float32)
    label[present] = _digits(theirs["label"])[places[present]]
    confidence[present] = theirs["confidence"].to_numpy()[places[present]]
    return Aligned(label, confidence, present, len(theirs) - int(present.sum()))


def _chunks(csv: str, columns: list[str]) -> Iterable[pd.DataFrame]:
    numbers = [name for name in columns if name not in _STRINGS]
    types: dict[str, Any] = dict.fromkeys(columns, np.float32)
    types |= {name: "Int8" if name in _DIGITS else str for name in (*_STRINGS, *_DIGITS)}
    # A picture may be called "NA": only a number can be missing.
    missing: dict[Any, Any] = {name: [""] for name in numbers}
    with pd.read_csv(
        csv,
        usecols=columns,
        dtype={name: types[name] for name in columns},
        na_values=missing,
        keep_default_na=False,
        chunksize=CHUNK,
    ) as reader:
        yield from reader


def _part(chunk: pd.DataFrame) -> Part:
    status = pd.Index(list(STATUSES)).get_indexer(pd.Index(chunk["status"])).astype(np.int8)
    if (status < 0).any():
        raise ValueError(f"status {chunk['status'][status < 0].iloc[0]!r} is none of {STATUSES}")
    nowhere = np.full(len(chunk), NONE, np.int8)
    return Part(
        _digits(chunk["label"]),
        chunk["confidence"].to_numpy(),
        status,
        _digits(chunk["truth"]) if "truth" in chunk else nowhere,
        chunk[[name for name in PROBABILITIES if name in chunk]].to_numpy(np.float32),
    )


def _digits(column: "pd.Series[Any]") -> NDArray[np.int8]:
    digits = column.to_numpy(np.int8, na_value=NONE)
    if digits.size and not NONE <= digits.min() <= digits.max() < CLASSES:
        raise ValueError(f"{column.name} is not 0 to 9: {digits.min()} to {digits.max()}")
    return digits


def _folder(path: str) -> str:
    first, slash, _ = path.removeprefix("./").partition("/")
    return first if slash else TOP


class _Codes:
    """Strings as small numbers, in the order in which they were met."""

    def __init__(self) -> None:
        self._names: dict[str, int] = {}
        self._codes: list[NDArray[np.int32]] = []

    def add(self, values: Iterable[str]) -> None:
        names = self._names
        codes = [names.setdefault(value or EMPTY, len(names)) for value in values]
        self._codes.append(np.array(codes, np.int32))

    def divide(self) -> bool:
        """There is more than one value."""
        return len(self._names) > 1

    def categorical(self) -> "pd.Categorical[str]":
        return pd.Categorical.from_codes(np.concatenate(self._codes), pd.Index(list(self._names)))
