"""What is written: digits of MNIST and of the pen model as crisp ink, with any pen."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2
from batch_predict.records import CLASSES, OTHER, PIXEL_MAX, SIDE

from ..data import Pictures
from ..drawn import draw_digit, draw_sign, redraw
from ..drawn.arrays import Ink, f32, rotation, scaled
from ..drawn.outliers import blot, glyph, scratches, torn_pair

Rng = np.random.Generator

FINE: Final = 4  # map pixels along a pixel of MNIST's 28: edges are crisp to a quarter of it
SIZE: Final = FINE * SIDE  # px, about the longer side of what is written
NEAR: Final = 13  # map px: within as much of a stroke's rim lies its middle, three pixels of MNIST
FAINTEST: Final = 90  # of 255: weaker middles are soft rims of something, not strokes
CAREFULLY: Final = 0.6  # ink reduced to less has its pen looked at
GRAIN: Final = 5  # px: what chalk and pencil leave free is smaller
EDGE_GAIN: Final = 6.0  # how steep a rim is; at 1 it is as soft as the enlargement left it


class Writing(NamedTuple):
    """Something written, cut to its box."""

    ink: Ink
    label: int


def digit(rng: Rng, mnist: Pictures, mnist_share: float = 0.55) -> Writing:
    """A digit by one of MNIST's writers or by the pen model, now and then with another pen."""
    if rng.random() < mnist_share:
        i = int(rng.integers(len(mnist.labels)))
        ink, label = _rewritten(rng, mnist.pixels[i]), int(mnist.labels[i])
    else:
        label = int(rng.integers(CLASSES))
        drawn = draw_digit(rng, label, SIZE)  # a chalk's grain is too fine for small pictures
        ink = np.asarray(cv2.morphologyEx(drawn, cv2.MORPH_CLOSE, _round(GRAIN)), np.uint8)
    ink = cut(ink)
    if rng.random() < 0.4:
        ink = with_pen(rng, ink)
    return Writing(ink, label)


def no_digit(rng: Rng) -> Writing:
    """A letter, a sign, a blot, scratches, or the halves of two digits."""
    kinds = (draw_sign, glyph, scratches, torn_pair, blot)
    make = kinds[rng.choice(len(kinds), p=(0.5, 0.3, 0.08, 0.06, 0.06))]
    while not (ink := make(rng, SIZE)).any():
        pass
    return Writing(cut(ink), OTHER)


def _rewritten(rng: Rng, picture: NDArray[np.uint8]) -> Ink:
    """An MNIST digit as crisp ink, slanted, turned and stretched a little; seldom traced thinly."""
    if rng.random() < 0.05:
        height = SIZE * 3 // 4
        return redraw(picture, height, height * rng.uniform(0.03, 0.07))
    turn = rotation(rng.normal(0, 0.08))
    wide, lean = np.exp(rng.normal(0, 0.1)), rng.normal(0, 0.12)
    return crisp(picture, turn @ np.array([[wide, lean], [0, 1]]))


def crisp(picture: NDArray[np.uint8], bend: NDArray[np.float64] | None = None) -> Ink:
    """A soft picture of few pixels (h, w) as the crisp ink it came from: (4 h, 4 w).

    A rim lies where the level is half of what the middle of its stroke has, so thin strokes that
    never reach full black keep their width. `bend` (2, 2) turns it about the middle.
    """
    matrix = FINE * (np.eye(2) if bend is None else bend)
    size = np.array(picture.shape[::-1])
    shift = (FINE * size - 1) / 2 - matrix @ ((size - 1) / 2)
    fine = cv2.warpAffine(
        picture, np.column_stack([matrix, shift]), (FINE * size).tolist(), flags=cv2.INTER_CUBIC
    )
    middle = cv2.blur(cv2.dilate(fine, np.ones((NEAR, NEAR), np.uint8)), (NEAR, NEAR))
    share = f32(fine) / np.maximum(f32(middle), FAINTEST)
    sharp: Ink = np.clip(((share - 0.5) * EDGE_GAIN + 0.5) * PIXEL_MAX, 0, PIXEL_MAX).astype(
        np.uint8
    )
    return sharp


def with_pen(rng: Rng, ink: Ink) -> Ink:
    """The same with a wider pen, up to one that closes loops, or a narrower one."""
    ink = np.pad(ink, 16)
    wide = stroke_width(ink)
    if rng.random() < 0.7:
        grow = min(rng.exponential(0.05), 0.14) * max(ink.shape)
        bold = np.asarray(cv2.dilate(ink, _round(grow + 1)), np.uint8)
        return cut(ink if _is_blot(bold) else bold)
    thin = np.asarray(cv2.erode(ink, _round(wide * rng.uniform(0.15, 0.45))), np.uint8)
    return cut(thin) if thin.any() else cut(ink)


def _is_blot(ink: Ink) -> bool:
    """Whether hardly any ground is left in the box of what is written, so that nobody reads it."""
    box = cut(ink)
    narrow = min(box.shape) < 0.45 * max(box.shape)  # a 1 may fill its box
    return (
        not narrow and cv2.countNonZero((box > PIXEL_MAX // 2).astype(np.uint8)) > 0.62 * box.size
    )


def _round(diameter: float) -> cv2.typing.MatLike:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(1, round(diameter)),) * 2)


def stroke_width(ink: Ink) -> float:
    """How wide the strokes are, px: the mean depth of a stroke is a quarter of its width."""
    inside = (ink > PIXEL_MAX // 2).astype(np.uint8)
    if not inside.any():
        return 1.0
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_3)
    return 4 * float(cv2.mean(depth, inside)[0])


def cut(ink: Ink) -> Ink:
    """`ink` to the box of what is written."""
    left, top, width, height = cv2.boundingRect((ink > PIXEL_MAX // 4).astype(np.uint8))
    return ink[top : top + height, left : left + width] if width else ink


def fitted(ink: Ink, longer: float) -> Ink:
    """`ink` with its longer side `longer` px."""
    return resized(ink, scaled(ink.shape, longer / max(ink.shape)))


def resized(ink: Ink, size: tuple[int, int]) -> Ink:
    """`ink` at `size` (height, width); strokes stay at least a pixel wide."""
    shrinks = size[0] * size[1] < ink.size
    scale = min(size[0] / ink.shape[0], size[1] / ink.shape[1])
    if scale < CAREFULLY and (grow := 1 / scale - stroke_width(ink)) > 0:
        ink = np.asarray(cv2.dilate(ink, _round(1 + grow)), np.uint8)
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(ink, size[::-1], interpolation=method), np.uint8)
