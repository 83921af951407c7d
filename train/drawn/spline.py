"""Strokes in words -> matrices that turn control points into the pen's path.

Between corners the pen follows a Catmull-Rom spline through the points (Catmull and Rom, "A class
of local interpolating splines", 1974).
"""

from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from .arrays import Floats, f32

POINTS_PER_SPAN = 12
GRID = 100  # the height of a digit on the grid


class Form(NamedTuple):
    """One way to write a character; `m` points of pen path from `k` control points."""

    control: Floats  # (k, 2), the height of a digit is 1
    sharp: Floats  # (m, k): control points -> path that turns on the spot at corners
    smooth: Floats  # (m, k): the same with the corners taken as curves
    stroke: NDArray[np.intp]  # (m,): which stroke a point of the path belongs to
    ends: tuple[tuple[int, int], ...]  # first and last control point of each stroke


@cache
def parse(strokes: str) -> Form:
    """The strokes as one pair of matrices, so that drawing a form is one product."""
    control: list[tuple[float, float]] = []
    blocks: list[tuple[Floats, Floats]] = []
    ends: list[tuple[int, int]] = []
    for part in strokes.split("|"):
        words = part.split()
        corners = [i for i, word in enumerate(words) if word.endswith("!")]
        ends.append((len(control), len(control) + len(words) - 1))
        for word in words:
            x, y = word.rstrip("!").split(",")
            control.append((float(x) / GRID, float(y) / GRID))
        blocks.append((spline(len(words), corners), spline(len(words), [])))
    return Form(
        np.array(control, np.float32),
        f32(block_diag(*(sharp for sharp, _ in blocks))),
        f32(block_diag(*(smooth for _, smooth in blocks))),
        np.repeat(np.arange(len(blocks)), [len(sharp) for sharp, _ in blocks]),
        tuple(ends),
    )


def spline(points: int, corners: list[int]) -> Floats:
    """(m, points): the Catmull-Rom spline as a matrix, broken at `corners`."""
    stops = sorted({0, *corners, points - 1})
    matrix = np.zeros(((points - 1) * POINTS_PER_SPAN + 1, points), np.float32)
    for first, last in pairwise(stops):
        for i in range(first, last):
            rows = slice(i * POINTS_PER_SPAN, (i + 1) * POINTS_PER_SPAN + 1)
            matrix[rows] = 0
            for offset, weights in zip((-1, 0, 1, 2), _WEIGHTS, strict=True):
                _add(matrix[rows], i + offset, first, last, weights)
    return matrix


def _add(rows: Floats, at: int, first: int, last: int, weights: Floats) -> None:
    """Adds a control point's weights; one past the end is the end's mirror image."""
    if at < first:
        rows[:, first] += 2 * weights
        rows[:, first + 1] -= weights
    elif at > last:
        rows[:, last] += 2 * weights
        rows[:, last - 1] -= weights
    else:
        rows[:, at] += weights


_T: Floats = np.linspace(0, 1, POINTS_PER_SPAN + 1, dtype=np.float32)
_WEIGHTS = tuple(
    f32(weights)
    for weights in (
        (-(_T**3) + 2 * _T**2 - _T) / 2,
        (3 * _T**3 - 5 * _T**2 + 2) / 2,
        (-3 * _T**3 + 4 * _T**2 + _T) / 2,
        (_T**3 - _T**2) / 2,
    )
)
