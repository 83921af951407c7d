"""Handwriting as strokes: paths with widths, in units of the writing's height."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..drawn.arrays import Floats, f32
from ..drawn.draw import pick
from ..drawn.forms import DIGITS, Way
from ..drawn.handwriting import write
from ..drawn.pen import Pen, pen_widths
from ..drawn.signs import SIGNS
from ..drawn.spline import parse

Rng = np.random.Generator


class Strokes(NamedTuple):
    """A pen's path; the larger of its two extents is 1 and its middle is the origin."""

    path: Floats  # (m, 2) x, y
    widths: Floats  # (m,)
    stroke: NDArray[np.intp]  # (m,) which stroke a point belongs to


def digit_strokes(rng: Rng, digit: int, pen: Pen) -> Strokes:
    """`digit` 0..9 in any of its forms by a random hand."""
    return _by_hand(rng, pick(rng, [(way.weight, way) for way in DIGITS[digit]]), pen)


def sign_strokes(rng: Rng, pen: Pen) -> Strokes:
    """A letter or sign that is no digit."""
    return _by_hand(rng, pick(rng, [(way.weight, way) for way in SIGNS]), pen)


def scratch_strokes(rng: Rng, pen: Pen) -> Strokes:
    """Strokes back and forth, as one crosses something out or tries a pen."""
    turns = int(rng.integers(3, 10))
    reach = np.where(np.arange(turns) % 2, 1, -1) * rng.uniform(0.2, 0.5, turns)
    zigzag = np.stack([reach, np.linspace(-0.5, 0.5, turns) * rng.uniform(0.2, 1)], 1)
    steps = np.linspace(0, turns - 1, 8 * turns)
    path = np.stack([np.interp(steps, np.arange(turns), zigzag[:, i]) for i in range(2)], 1)
    stroke = np.zeros(len(path), np.intp)
    return Strokes(f32(path), pen_widths(rng, f32(path), stroke, pen), stroke)


def _by_hand(rng: Rng, way: Way, pen: Pen) -> Strokes:
    form = parse(way.strokes)
    path = write(rng, form)
    low, high = path.min(axis=0), path.max(axis=0)
    path = f32((path - (low + high) / 2) / float((high - low).max()))
    return Strokes(path, pen_widths(rng, path, form.stroke, pen), form.stroke)
