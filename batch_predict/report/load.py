"""An output of this program -> compact columns, and back to the few paths that are wanted.

10 million rows take 70 MB; no column of strings is kept.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from operator import lt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from batch_predict.evaluate.evaluation import NONE, STATUSES, Scored
from batch_predict.records import CLASSES, Status
from batch_predict.runtimes.padded import TOLERANCE, are_probabilities, off_sum
from batch_predict.tables.columns import COLUMNS, columns_named
from batch_predict.tables.registry import read_frames

if TYPE_CHECKING:
    from batch_predict.truth.labels_file import LabelsFile

PROBABILITIES: Final = tuple(c.name for c in COLUMNS if c.field == "probabilities")
NEEDED: Final = columns_named(("path", "label", "confidence", "status"))
OPTIONAL: Final = columns_named(("truth", *PROBABILITIES, "no_digit"))
TOP: Final = "(top level)"  # pictures directly in in_dir
EMPTY: Final = "(empty)"
_SCORED: Final = [STATUSES.index(status) for status in (Status.OK, Status.REVIEW)]
# A label's probability may be below another by so much: six decimals, twice.
_ROUNDING: Final = 2e-6


class Text(NamedTuple):
    """The words of a row."""

    path: str
    reason: str


def load(
    csv: str,
    relabel: Callable[[str], int | None] | None = None,
    labels: "LabelsFile | None" = None,
) -> Scored:
    """All rows of `csv`; truths by `relabel` where given, further breakdowns from `labels`.

    Raises OSError or ValueError for a file that can't be read, lacks a column, holds no digits, has
    a path twice or a row that contradicts itself.
    """
    extra = labels.extra_columns if labels else ()
    folders: list[pd.Categorical[str]] = []
    columns: dict[str, list[pd.Categorical[str]]] = {name: [] for name in extra}
    parts = []
    last, in_order = "", True
    for frame in read_frames(csv, NEEDED, OPTIONAL):
        paths = frame["path"].tolist()
        in_order &= all(map(lt, [last, *paths], paths))
        last = paths[-1] if paths else last
        if relabel:
            frame["truth"] = pd.array([relabel(path) for path in paths], "Int8")
        parts.append(_arrays(frame))
        folders.append(_categories(map(_folder, paths), TOP))
        if labels:
            for at, name in enumerate(extra):
                columns[name].append(_categories((labels.extras(p)[at] for p in paths), EMPTY))
    if not in_order:  # as no run writes it
        _check_distinct(csv)
    by_column = {name: _breakdown(codes) for name, codes in columns.items()}
    return Scored(
        *map(np.concatenate, zip(*parts, strict=True)),
        by_folder=_breakdown(folders),
        by_column={name: codes for name, codes in by_column.items() if codes is not None},
    )


def paths(csv: str) -> Iterator[str]:
    """The paths in `csv`, in order."""
    for frame in read_frames(csv, columns_named(("path",))):
        yield from frame["path"]


def texts(csv: str, rows: Collection[int]) -> dict[int, Text]:
    """Path and reason of the rows with the numbers `rows`, from 0."""
    found = {}
    start = 0
    for frame in read_frames(csv, columns_named(("path",)), columns_named(("reason",))):
        words = frame.reindex(columns=list(Text._fields), fill_value="")
        for row in rows:
            if start <= row < start + len(frame):
                found[row] = Text(*map(str, words.iloc[row - start]))
        start += len(frame)
    return found


def _arrays(frame: pd.DataFrame) -> tuple[NDArray[Any], ...]:
    """The columns of `Scored`, the last one only where `frame` has it."""
    status = pd.Index(list(STATUSES)).get_indexer(pd.Index(frame["status"])).astype(np.int8)
    if (status < 0).any():
        strange = frame["status"][status < 0].iloc[0]
        raise ValueError(f"status {strange!r} is none of {', '.join(STATUSES)}")
    truth = digits(frame["truth"]) if "truth" in frame else np.full(len(frame), NONE, np.int8)
    label = digits(frame["label"])
    scored = np.isin(status, _SCORED)
    _check_rows(frame, (label == NONE) != scored, "its status and label contradict each other")
    known = (label, shares(frame["confidence"], label), status, truth)
    if "no_digit" in frame:
        shares(frame["no_digit"], label)
    ten = frame.filter(items=PROBABILITIES)
    if len(ten.columns) < CLASSES:
        return known
    probabilities = shares(ten, label)
    if off_sum(probabilities[label != NONE]) > TOLERANCE:
        raise ValueError("a label's ten probabilities do not sum to 1")
    at_label = probabilities[np.arange(len(label)), label]
    beaten = (label != NONE) & (at_label < probabilities.max(axis=1, initial=0) - _ROUNDING)
    _check_rows(frame, ~beaten, "its probabilities contradict its label")
    off = (label != NONE) & (np.abs(at_label - known[1]) > TOLERANCE)
    _check_rows(frame, ~off, "its confidence is not the probability of its label")
    return (*known, probabilities)


def _check_rows(frame: pd.DataFrame, well: NDArray[np.bool_], words: str) -> None:
    """Raises ValueError with `words` and the path of the first row that is not `well`, if any."""
    if not well.all():
        raise ValueError(f"{frame['path'].iloc[int(np.argmin(well))]}: {words}")


def _check_distinct(csv: str) -> None:
    """Raises ValueError where two rows of `csv` have one path; 8 bytes a row are in memory."""
    frames = read_frames(csv, columns_named(("path",)))
    hashes = np.concatenate([pd.util.hash_array(np.array(f["path"], object)) for f in frames])
    values, counts = np.unique(hashes, return_counts=True)
    if len(values) == len(hashes):
        return
    seen = set()
    for text in texts(csv, np.flatnonzero(np.isin(hashes, values[counts > 1])).tolist()).values():
        if text.path in seen:  # no two paths of one hash
            raise ValueError(f"two rows are for {text.path}")
        seen.add(text.path)


def digits(column: "pd.Series[Any]") -> NDArray[np.int8]:
    """`column` (n,) as int8, NONE where it is empty; raises ValueError for other numbers."""
    if not column.dropna().between(0, CLASSES - 1).all():
        raise ValueError(f"{column.name} is not 0 to 9: {column.min()} to {column.max()}")
    return column.to_numpy(np.int8, na_value=NONE)


def shares(columns: "pd.DataFrame | pd.Series[Any]", label: NDArray[np.int8]) -> NDArray[Any]:
    """`columns` (n,) or (n, k) as float32; raises ValueError where a row with a label lacks one."""
    found = columns.to_numpy(np.float32)
    if not are_probabilities(found[label != NONE]):
        raise ValueError("a label's confidence and probabilities are not from 0 to 1")
    return found


def _folder(path: str) -> str:
    return path.removeprefix("./").rpartition("/")[0].partition("/")[0]


def _categories(values: Iterable[str], of_none: str) -> "pd.Categorical[str]":
    """`values` as groups, "" as that named `of_none`; a value that reads so stands in quotes."""
    names = {"": of_none, of_none: f'"{of_none}"'}
    return pd.Categorical(pd.Series([names.get(value, value) for value in values], dtype=str))


def _breakdown(parts: "list[pd.Categorical[str]]") -> "pd.Categorical[str] | None":
    """All `parts` as one; None where there is one group only, which is no breakdown."""
    whole = union_categoricals(parts)
    return whole if len(whole.categories) > 1 else None
