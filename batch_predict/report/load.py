"""An output of this program -> compact columns, and back to the few paths that are wanted.

10 million rows take 80 MB; no column of strings is kept.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from operator import lt
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.audit.frame import TOP
from batch_predict.evaluate.evaluation import Grouping, Scored
from batch_predict.records import Status
from batch_predict.rows import NONE, STATUSES
from batch_predict.runtimes.padded import TOLERANCE, are_probabilities, off_sum
from batch_predict.tables.block import Block
from batch_predict.tables.coded import digits, model_confidences, model_labels, statuses
from batch_predict.tables.columns import COLUMNS, columns_named
from batch_predict.tables.csv_paths import top_folder
from batch_predict.tables.registry import read_blocks

if TYPE_CHECKING:
    from batch_predict.truth.labels_file import LabelsFile

PROBABILITIES: Final = tuple(c.name for c in COLUMNS if c.field == "probabilities")
NEEDED: Final = columns_named(("path", "label", "confidence", "status"))
OPTIONAL: Final = columns_named(
    ("truth", "model_label", "model_confidence", *PROBABILITIES, "no_digit")
)
EMPTY: Final = "(empty)"
_SCORED: Final = [STATUSES.index(status) for status in (Status.OK, Status.REVIEW)]
_DECIDED: Final = STATUSES.index(Status.DECIDED)
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
    folders, columns = _Groups(TOP), [_Groups(EMPTY) for _ in extra]
    parts = []
    last, in_order = "", True
    for block in read_blocks(csv, NEEDED, OPTIONAL):
        paths = block.texts["path"]
        in_order &= all(map(lt, [last, *paths], paths))
        last = paths[-1] if paths else last
        parts.append(_arrays(block, relabel))
        folders.add(map(top_folder, paths))
        if labels:
            for at, groups in enumerate(columns):
                groups.add(labels.extras(path)[at] for path in paths)
    if not in_order:  # as no run writes it
        _check_distinct(csv)
    by_column = {name: of.whole() for name, of in zip(extra, columns, strict=True)}
    return Scored(
        *map(np.concatenate, zip(*parts, strict=True)),
        by_folder=folders.whole(),
        by_column={name: grouping for name, grouping in by_column.items() if grouping},
    )


class _Groups:
    """Gathers the groups of rows; `of_none` names that of "".

    A group that has this name itself stands in quotes.
    """

    def __init__(self, of_none: str) -> None:
        self._names = {"": of_none, of_none: f'"{of_none}"'}
        self._codes: dict[str, int] = {}
        self._parts: list[NDArray[np.int32]] = []

    def add(self, values: Iterable[str]) -> None:
        """One value for each row."""
        codes = self._codes
        found = [codes.setdefault(value, len(codes)) for value in values]
        self._parts.append(np.array(found, np.int32))

    def whole(self) -> Grouping | None:
        """Of all rows; None where they are one group only, which is no breakdown."""
        if len(self._codes) < 2:
            return None
        names = [self._names.get(value, value) for value in self._codes]
        return Grouping(names, np.concatenate(self._parts))


def paths(csv: str) -> Iterator[str]:
    """The paths in `csv`, in order."""
    for block in read_blocks(csv, columns_named(("path",))):
        yield from block.texts["path"]


def texts(csv: str, rows: Collection[int]) -> dict[int, Text]:
    """Path and reason of the rows with the numbers `rows`, from 0."""
    found = {}
    start = 0
    for block in read_blocks(csv, columns_named(("path",)), columns_named(("reason",))):
        paths, reasons = block.texts["path"], block.texts.get("reason")
        for row in rows:
            if start <= row < start + len(paths):
                at = row - start
                found[row] = Text(paths[at], reasons[at] if reasons else "")
        start += len(paths)
    return found


def _arrays(block: Block, relabel: Callable[[str], int | None] | None) -> tuple[NDArray[Any], ...]:
    """The columns of `Scored`, the last one only where `block` has it."""
    paths = block.texts["path"]
    status = statuses(block)
    if relabel:
        stated = map(relabel, paths)
        truth = np.array([NONE if digit is None else digit for digit in stated], np.int8)
    elif "truth" in block.numbers:
        truth = digits(block, "truth")
    else:
        truth = np.full(len(paths), NONE, np.int8)
    written, label = digits(block, "label"), model_labels(block, status)
    has_label, is_decided = label != NONE, status == _DECIDED
    contradict = ~is_decided & (has_label != np.isin(status, _SCORED))
    _check_rows(paths, contradict, "its status and label contradict each other")
    changed = ~is_decided & (label != written)
    _check_rows(paths, changed, "its label is not the model's, though nobody decided it")
    confidence = shares(model_confidences(block), has_label)
    if "no_digit" in block.numbers:
        shares(block.numbers["no_digit"], has_label)
    if not all(name in block.numbers for name in PROBABILITIES):
        return label, confidence, status, truth, written
    probabilities = np.stack(
        [shares(block.numbers[name], has_label) for name in PROBABILITIES], axis=1
    )
    if off_sum(probabilities[has_label]) > TOLERANCE:
        raise ValueError("a label's ten probabilities do not sum to 1")
    of_label = probabilities[np.arange(len(label)), label]
    beaten = has_label & (of_label < probabilities.max(axis=1, initial=0) - _ROUNDING)
    _check_rows(paths, beaten, "its probabilities contradict its label")
    off = has_label & (np.abs(of_label - confidence) > TOLERANCE)
    _check_rows(paths, off, "its confidence is not the probability of its label")
    return label, confidence, status, truth, written, probabilities


def _check_rows(paths: list[str], bad: NDArray[np.bool_], words: str) -> None:
    """Raises ValueError with `words` and the path of the first row that is `bad`, if any."""
    if bad.any():
        raise ValueError(f"{paths[int(np.argmax(bad))]}: {words}")


def _check_distinct(csv: str) -> None:
    """Raises ValueError where two rows of `csv` have one path; 8 bytes a row are in memory."""
    hashes = np.fromiter(map(hash, paths(csv)), np.int64)
    values, counts = np.unique(hashes, return_counts=True)
    if len(values) == len(hashes):
        return
    seen = set()
    for text in texts(csv, np.flatnonzero(np.isin(hashes, values[counts > 1])).tolist()).values():
        if text.path in seen:  # no two paths of one hash
            raise ValueError(f"two rows are for {text.path}")
        seen.add(text.path)


def shares(found: NDArray[np.float64], has_label: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The column `found` (n,), NaN where a row has no label, whatever stands there.

    Raises ValueError where a row with a label has no share of 1.
    """
    if not are_probabilities(found[has_label]):
        raise ValueError("a label's confidence and probabilities are not from 0 to 1")
    return np.where(has_label, found, np.nan).astype(np.float32)
