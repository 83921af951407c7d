"""Parts the rows of a run into strata by what the model says, and allots a sample to them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.audit.frame import Frame
from batch_predict.records import Status

#: Confidence says that the surest rows are hardly ever wrong. How far that is to be believed is
#: what an audit is for: no row is allotted less than one that is wrong once in 250 times. With
#: 0.002 intervals of few errors are a fifth wider, with 0.01 more labels are needed (docs/log.md).
LEAST_ERROR: Final = 0.004
#: Nothing is calibrated for "nothing is written here": blank rows are allotted as if so many were
#: wrong.
BLANK_ERROR: Final = 0.02
MOST_BY_CONFIDENCE: Final = 4  # strata of one status, and group
MOST_BY_GROUP: Final = 3  # the largest groups, each a stratum of its own; the others together
LEAST_SHARE_OF_GROUP: Final = 0.1  # of the rows, for a stratum of its own
PICTURES_PER_STRATUM: Final = 25  # on average at least, so that an interval is not all floors
LEAST_DRAWN: Final = 3  # from each stratum, so that none goes unseen
LEAST_FOR_GROUPS: Final = 200  # pictures in all, for strata by group
NO_STRATUM: Final = -1


@dataclass(frozen=True)
class Stratum:
    """Rows that are drawn from alike."""

    name: str
    status: str
    size: int
    drawn: int
    expected_error: float  # mean of 1 - confidence, or what stands for it


@dataclass(frozen=True)
class Strata:
    """The strata of a run; a row that is not drawn from has NO_STRATUM."""

    of_row: NDArray[np.int16]  # (n,) index into `strata`
    strata: tuple[Stratum, ...]


def stratify(frame: Frame, number: int) -> Strata:
    """The strata of `frame` for a sample of `number` pictures, each with how many are drawn.

    `review` and `ok` are cut by confidence, `ok` by its largest groups too; `blank` is one. A row
    that failed has nothing to show, and one that a person decided has its answer: neither is drawn.
    The cuts by confidence give each part the same sum of standard deviations, so that Neyman's
    allocation gives each the same number of pictures (Dalenius and Hodges, JASA 1959).
    """
    of_row = np.full(len(frame.status), NO_STRATUM, np.int16)
    error = np.where(np.isnan(frame.confidence), BLANK_ERROR, 1 - frame.confidence.astype(float))
    found: list[tuple[str, str, NDArray[np.intp]]] = []
    budget = max(number // PICTURES_PER_STRATUM, 1)
    for status in (Status.REVIEW, Status.BLANK, Status.OK):
        rows = np.flatnonzero(frame.is_(status))
        by_group = list(_by_group(frame, rows, status == Status.OK and number >= LEAST_FOR_GROUPS))
        for name, members in by_group:
            cuts = _by_confidence(error[members], _parts(status, budget, len(by_group)))
            parts = int(cuts.max()) + 1
            for part in range(parts):
                found.append((_name(status, name, part, parts), status, members[cuts == part]))
    sizes = np.array([len(rows) for _, _, rows in found], np.int64)
    expected = np.array([float(error[rows].mean()) for _, _, rows in found], np.float64)
    drawn = allocate(sizes, expected, number)
    for at, (_, _, rows) in enumerate(found):
        of_row[rows] = at
    return Strata(
        of_row,
        tuple(
            Stratum(name, status, int(size), int(n), float(mean))
            for (name, status, _), size, n, mean in zip(found, sizes, drawn, expected, strict=True)
        ),
    )


def allocate(
    sizes: NDArray[np.int64], expected_error: NDArray[np.float64], number: int
) -> NDArray[np.int64]:
    """How many of `number` pictures are drawn from each stratum, all (h,); Neyman, JRSS 1934.

    In proportion to size times standard deviation of "it is wrong", but at least LEAST_DRAWN, as
    far as `number` goes, and at most all. They sum to `number`, or to all there are.
    """
    if number >= sizes.sum():
        return sizes
    weight = sizes * _deviation(expected_error)
    floor = np.minimum(sizes, min(LEAST_DRAWN, number // max(len(sizes), 1)))
    low, high = 0.0, float((sizes / weight).max())
    for _ in range(100):  # the scale at which the clipped shares sum to `number`
        middle = (low + high) / 2
        if np.clip(middle * weight, floor, sizes).sum() > number:
            high = middle
        else:
            low = middle
    share = np.clip(low * weight, floor, sizes)
    drawn = np.floor(share + 1e-9).astype(np.int64)
    order = np.argsort(-np.where(drawn < sizes, share - drawn, -1), kind="stable")
    drawn[order[: number - int(drawn.sum())]] += 1
    return drawn


def _parts(status: Status, budget: int, groups: int) -> int:
    if status == Status.BLANK:
        return 1
    share = budget // 4 if status == Status.REVIEW else budget // groups
    return min(max(share, 1), 2 if status == Status.REVIEW else MOST_BY_CONFIDENCE)


def _by_group(
    frame: Frame, rows: NDArray[np.intp], part: bool
) -> Iterator[tuple[str, NDArray[np.intp]]]:
    """The largest groups among `rows`, then the others; all as one where `part` is false."""
    counts = np.bincount(frame.group[rows], minlength=len(frame.groups))
    largest = np.argsort(-counts, kind="stable")[:MOST_BY_GROUP] if part else ()
    large = [int(g) for g in largest if counts[g] >= LEAST_SHARE_OF_GROUP * len(rows) > 0]
    for group in large:
        yield f", group {frame.groups[group]}", rows[frame.group[rows] == group]
    others = rows[~np.isin(frame.group[rows], large)]
    if len(others):
        yield (", other groups" if large else ""), others


def _by_confidence(error: NDArray[np.float64], parts: int) -> NDArray[np.intp]:
    """The part of each row, both (n,), 0 the least sure; equal confidences stay together."""
    values, inverse = np.unique(-error, return_inverse=True)
    of_value = np.bincount(inverse, weights=_deviation(error), minlength=len(values))
    summed = np.cumsum(of_value)
    part = np.floor((summed - of_value / 2) / summed[-1:] * parts).astype(np.intp)
    _, dense = np.unique(part, return_inverse=True)
    return dense[inverse]


def _deviation(error: NDArray[np.float64]) -> NDArray[np.float64]:
    """The standard deviation of "it is wrong" where that is so with probability `error`."""
    floored = np.clip(error, LEAST_ERROR, 0.5)
    return np.sqrt(floored * (1 - floored))


def _name(status: Status, group: str, part: int, parts: int) -> str:
    sure = "" if parts == 1 else f", part {part + 1} of {parts} by confidence"
    return f"{status}{sure}{group}"
