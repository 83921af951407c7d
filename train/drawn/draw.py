"""Digits, letters and signs as ink on a square: a form, a hand and a pen picked at random."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from train.drawn.arrays import Ink
from train.drawn.forms import DIGITS, Way
from train.drawn.hand import write
from train.drawn.pen import PENS, grain, pen_widths, place, stroke_lines
from train.drawn.signs import SIGNS
from train.drawn.spline import Form, parse

COARSEST = 128  # px: smaller pictures are drawn this large and reduced


class Forms(NamedTuple):
    """Parsed forms and their cumulative shares."""

    names: tuple[str, ...]
    forms: tuple[Form, ...]
    shares: NDArray[np.float64]


def _prepare(ways: tuple[Way, ...]) -> Forms:
    weights = np.array([way.weight for way in ways])
    return Forms(
        tuple(way.name for way in ways),
        tuple(parse(way.strokes) for way in ways),
        np.cumsum(weights) / weights.sum(),
    )


_DIGITS = tuple(_prepare(ways) for ways in DIGITS)
_SIGNS = _prepare(SIGNS)


_PENS = tuple(PENS.values())
_PEN_SHARES = np.cumsum([pen.weight for pen in _PENS]) / sum(pen.weight for pen in _PENS)


def draw_digit(
    rng: np.random.Generator, digit: int, size: int = 64, form: str | None = None
) -> Ink:
    """`digit` 0..9 in any of its forms (or the one named) -> (size, size) uint8 coverage by ink."""
    forms = _DIGITS[digit]
    chosen = _pick(rng, forms.shares) if form is None else forms.names.index(form)
    return draw_form(rng, forms.forms[chosen], size)


def draw_sign(rng: np.random.Generator, size: int = 64) -> Ink:
    """A letter or sign that is no digit -> (size, size) uint8 coverage by ink."""
    return draw_form(rng, _SIGNS.forms[_pick(rng, _SIGNS.shares)], size)


def draw_form(rng: np.random.Generator, form: Form, size: int) -> Ink:
    """A form by a random hand with a random pen -> (size, size) uint8 coverage, 255 is full."""
    path = write(rng, form)
    pen = _PENS[_pick(rng, _PEN_SHARES)]
    widths = pen_widths(rng, path, form.stroke, pen)
    side = size * max(1, round(COARSEST / size))
    path, widths = place(rng, path, widths, side)
    canvas = stroke_lines(path, widths, form.stroke, side)
    if pen.grain:
        canvas = grain(rng, canvas, pen.grain)
    if side != size:
        canvas = cv2.resize(canvas, (size, size), interpolation=cv2.INTER_AREA).astype(np.uint8)
    return canvas


def _pick(rng: np.random.Generator, shares: NDArray[np.float64]) -> int:
    return int(np.searchsorted(shares, rng.random()))
