"""Digits, letters and signs as ink on a square: a form, a hand and a pen picked at random."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from batch_predict.opencv import cv2

from .arrays import Ink
from .forms import DIGITS, Way
from .handwriting import write
from .pen import PENS, grain, pen_widths, place, stroke_lines
from .signs import SIGNS
from .spline import parse

COARSEST = 128  # px: smaller pictures are drawn this large and reduced

T = TypeVar("T")


def draw_digit(
    rng: np.random.Generator, digit: int, size: int = 64, form: str | None = None
) -> Ink:
    """`digit` 0..9 in any of its forms (or the one named) -> (size, size) uint8 coverage by ink."""
    named = [(way.weight, way) for way in DIGITS[digit] if form in (None, way.name)]
    return _draw(rng, pick(rng, named), size)


def draw_sign(rng: np.random.Generator, size: int = 64) -> Ink:
    """A letter or sign that is no digit -> (size, size) uint8 coverage by ink."""
    return _draw(rng, pick(rng, [(way.weight, way) for way in SIGNS]), size)


def _draw(rng: np.random.Generator, way: Way, size: int) -> Ink:
    """A form by a random hand with a random pen -> (size, size) uint8 coverage, 255 is full."""
    form = parse(way.strokes)
    path = write(rng, form)
    pen = pick(rng, [(pen.weight, pen) for pen in PENS.values()])
    widths = pen_widths(rng, path, form.stroke, pen)
    side = size * max(1, round(COARSEST / size))
    path, widths = place(rng, path, widths, side)
    canvas = stroke_lines(path, widths, form.stroke, side)
    if pen.grain:
        canvas = grain(rng, canvas, pen.grain)
    if side != size:
        canvas = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA).astype(np.uint8)
    return canvas


def pick(rng: np.random.Generator, choices: Sequence[tuple[float, T]]) -> T:
    """One of `choices`, each with its weight."""
    shares = np.cumsum([weight for weight, _ in choices])
    return choices[int(np.searchsorted(shares, rng.random() * shares[-1]))][1]
