"""What is written as the middle lines of its strokes, to be drawn by any pen at any size.

A pen is a threshold on the distance to the middle line, so where strokes meet they join, however
thin the pen.
"""

from typing import NamedTuple

import cv2
import numpy as np

from tests.bench.thinning import middle_lines
from train.drawn.draw import pick
from train.drawn.forms import DIGITS, Way
from train.drawn.handwriting import write
from train.drawn.signs import SIGNS
from train.drawn.spline import parse

SIDE = 240  # px: the longer side of the writing in its fields
ROOM = 60  # px around it, for the widest pens
RIM = 12  # px of these that the blurred outline needs
SMALLEST_LOOP = 25  # px in area
SMOOTH = 1.5  # px: the spread of the Gaussian that takes the pixels' stairs out of a middle line
# Such a Gaussian turns the distance |x| into about sqrt(x^2 + (0.8 SMOOTH)^2).
LIFT = (0.8 * SMOOTH) ** 2
FAINTEST = 90  # of 255: the middle of a stroke is darker
# Of that, where a rim may lie: those that tear nothing apart, of them the first with most loops.
LEVELS = (0.5, 0.62, 0.74, 0.86, 0.35, 0.22)
HERSHEY = (
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
)
LETTERS = "ACEFHKMNPRTVWXYefhkmnprtuvwxy&%#?@"  # none that is also a way to write a digit


class Strokes(NamedTuple):
    """Distances in shares of the writing's longer side, (h, w) float32."""

    middle: np.ndarray  # to the nearest middle line
    outline: np.ndarray  # to the outline as it was written; below 0 inside


def strokes_of(ink) -> Strokes:
    """The strokes of `ink`, (s, s) uint8 coverage of any size."""
    rows, columns = (np.flatnonzero(ink.max(axis=axis) > 40) for axis in (1, 0))
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = SIDE / max(cut.shape)
    size = tuple(max(1, round(n * scale)) for n in cut.shape[::-1])
    large = cv2.resize(np.float32(cut), size, interpolation=cv2.INTER_CUBIC)
    large = cv2.copyMakeBorder(large, RIM, RIM, RIM, RIM, cv2.BORDER_CONSTANT)
    large = cv2.GaussianBlur(large, (0, 0), max(1.5, 0.35 * scale))
    reach = 2 * round(max(4, 1.5 * scale)) + 1
    darkest = cv2.blur(cv2.dilate(large, np.ones((reach, reach), np.uint8)), (reach, reach))
    masks = [large > level * np.maximum(darkest, FAINTEST) for level in LEVELS]
    parts = [cv2.connectedComponents(np.uint8(mask))[0] for mask in masks]
    whole = [mask for mask, count in zip(masks, parts, strict=True) if count == min(parts)]
    mask = max(whole, key=_loops)
    return _measured(*(np.pad(each, ROOM - RIM) for each in (mask, middle_lines(mask))))


def _loops(mask):
    """How many holes of some size there are."""
    ground = cv2.connectedComponentsWithStats(np.uint8(~mask), connectivity=4)[2]
    return int((ground[:, cv2.CC_STAT_AREA] > SMALLEST_LOOP).sum())


def _measured(mask, lines) -> Strokes:
    away = cv2.distanceTransform(np.uint8(~lines), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    away = cv2.GaussianBlur(away, (0, 0), SMOOTH)
    middle = np.sqrt(np.maximum(away * away - LIFT, 0))
    inside, outside = (
        cv2.distanceTransform(np.uint8(part), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        for part in (mask, ~mask)
    )
    outline = cv2.GaussianBlur(outside - inside, (0, 0), 2 * SMOOTH)
    return Strokes(np.float32(middle / SIDE), np.float32(outline / SIDE))


def pen_model_digit(rng):
    """A digit of the pen model as thin ink, and which it is."""
    digit = int(rng.integers(10))
    return _path_ink(rng, DIGITS[digit]), digit


def letter(rng):
    """A letter or sign, by the pen model or in a Hershey font written by an unsteady hand."""
    if rng.random() < 0.5:
        return _path_ink(rng, SIGNS), None
    sign = LETTERS[rng.integers(len(LETTERS))]
    canvas = np.zeros((400, 400), np.uint8)
    font = HERSHEY[rng.integers(len(HERSHEY))]
    cv2.putText(canvas, sign, (90, 290), font, 8, 255, 9, cv2.LINE_AA)
    return _unsteady(rng, canvas), None


def _path_ink(rng, ways: tuple[Way, ...]):
    form = parse(pick(rng, [(way.weight, way) for way in ways]).strokes)
    path = write(rng, form)
    path = (path - path.min(axis=0)) * (SIDE / np.ptp(path, axis=0).max()) + 8
    canvas = np.zeros((SIDE + 16, SIDE + 16), np.uint8)
    for stroke in np.unique(form.stroke):
        points = np.int32(np.rint(path[form.stroke == stroke] * 16))
        cv2.polylines(canvas, [points.reshape(-1, 1, 2)], False, 255, 6, cv2.LINE_AA, 4)
    return canvas


def _unsteady(rng, canvas):
    y, x = np.indices(canvas.shape, dtype=np.float32)
    size = canvas.shape[::-1]
    dx, dy = (
        cv2.resize(np.float32(rng.normal(0, 13, (5, 5))), size, interpolation=cv2.INTER_CUBIC)
        for _ in range(2)
    )
    lean = np.float32(rng.normal(0, 0.2)) * (y - len(canvas) / 2)
    return cv2.remap(canvas, x + dx + lean, y + dy, cv2.INTER_LINEAR)
