"""From the map of the ink to 28x28 in MNIST's form, by steps that are continuous in the map.

Where the map differs a little, as between two runtimes, the reading differs a little, and never by
a piece of the digit: nothing here is kept or dropped as a whole, counted, or moved by whole pixels.
The bounding box comes from running maxima, the width of the strokes from their area and total
variation, a wider pen from a grey dilation whose radius may lie between whole ones.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.mnist_form import CENTRE
from batch_predict.opencv import cv2
from batch_predict.records import PIXEL_MAX, SIDE

BOX: Final = 20  # pixels of a reading: the longer side of the digit's box, as in MNIST
# These three were chosen by the accuracy and the likelihood of `digits` on readings of 1,400
# rendered photos and small pictures of MNIST's first 5,000; a fifth more or less costs nothing.
RIM: Final = 0.5  # of full: the level of the map at the rim of a stroke
GAIN: Final = 1.5  # how much steeper rims become; at 1 they stay as soft as the map has them
PEN: Final = 2.35  # pixels of a reading: narrower strokes are widened to it, as MNIST's median pen
# The least ink that is read. The smallest digit that a person reads covers 0.1%.
LEAST_INK: Final = 0.0004  # of a square on the picture's longer side

FINE: Final = 4  # fine pixels along a pixel of the reading: strokes are widened there
FINE_SIDE: Final = FINE * SIDE
LEAST_FINE: Final = 3.0  # fine pixels: narrower strokes are widened before the map is reduced
BLUR: Final = 0.4  # of what a reduction leaves out
LEAST_SIDE: Final = 1.0  # map pixels: no digit is shorter, however its box comes out
AROUND: Final = 2  # map pixels around what is not zero, so that every rim is seen

Floats = NDArray[np.float32]
Edges = tuple[float, float, float, float]  # left, top, right, bottom pixels


class MapReading(NamedTuple):
    """A reading of the map, and what the map says about it."""

    pixels: NDArray[np.uint8]  # (28, 28), light on zero
    box: Edges  # of the ink, map pixels: examples/stages.py draws it
    at_frame: float  # share of the ink that lies within a stroke's width of the frame
    other: float  # share of the other writing in all that is written; above 0.5: it was read
    clearness: float  # mean certainty of the ink, 0 where all is half full, 1 where all is full


def read_maps(maps: NDArray[np.uint8], rim: float = RIM) -> MapReading | None:
    """`maps` (h, w, 3) uint8, the picture's part: the digit's ink, other writing, print.

    `rim` is the level of the map at the rim of a stroke, of full. Where other writing is all there
    is, that is read. None where nothing is written.
    """
    ink, other = (covered / PIXEL_MAX for covered in cv2.sumElems(maps)[:2])
    least = LEAST_INK * max(maps.shape) ** 2
    # Ink may be a shade that is gone once its rims are steep: then, too, other writing is all.
    mark = _mark(maps[..., 0], rim, ink, least) or _mark(maps[..., 1], rim, other, least)
    if mark is None:
        return None
    level, (left, top), area = mark
    box, stroke = soft_box(level), stroke_width(level)
    return MapReading(
        _placed(level, box, stroke),
        (left + box[0], top + box[1], left + box[2], top + box[3]),
        _at_frame(level, stroke, (left, top), maps.shape[:2]) / area,
        other / (ink + other),
        float((np.abs(2 * level - 1) * level).sum()) / area,
    )


class _Mark(NamedTuple):
    """The part of a map where something is written."""

    level: Floats  # coverage in [0, 1]
    corner: tuple[int, int]  # x and y in the map
    area: float  # pixels


def _mark(map_: NDArray[np.uint8], rim: float, covered: float, least: float) -> _Mark | None:
    """What `map_` (h, w) marks, `covered` pixels in all; None for less than `least`."""
    if covered < least:
        return None
    seen = np.ascontiguousarray(map_)
    left, top, width, height = cv2.boundingRect(seen)
    left, top = max(0, left - AROUND), max(0, top - AROUND)
    level = _level(seen[top : top + height + 2 * AROUND, left : left + width + 2 * AROUND], rim)
    area = float(level.sum())
    return None if area < least else _Mark(level, (left, top), area)


def _level(map_: NDArray[np.uint8], rim: float) -> Floats:
    """The map's levels as coverage in [0, 1], half at `rim`, its rims `GAIN` times as steep."""
    gain = max(GAIN, 0.5 / rim)  # what is not covered stays 0
    level: Floats = np.clip(
        map_ * np.float32(gain / PIXEL_MAX) + np.float32(0.5 - gain * rim), 0, 1
    )
    return level


def soft_box(level: Floats) -> Edges:
    """The box of what is written, each edge continuous in `level`, (h, w) in [0, 1].

    The running maximum from a side is the share of the fullest level that has been met so far; the
    edge lies where it is 1, and what is met before pulls the edge out by as much as it is full.
    """
    spans = []
    for profile in (level.max(axis=0), level.max(axis=1)):
        share = profile / max(float(profile.max()), 1e-6)
        ahead = float((1 - np.maximum.accumulate(share)).sum())
        behind = float((1 - np.maximum.accumulate(share[::-1])).sum())
        spans.append((ahead, len(share) - behind))
    (left, right), (top, bottom) = spans
    return left, top, right, bottom


def stroke_width(level: Floats) -> float:
    """Mean width of the strokes, pixels: twice their area over their total variation.

    A stroke has two rims, so its total variation is twice its length. The frame is no rim.
    """
    across = cv2.Sobel(level, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(level, cv2.CV_32F, 0, 1, scale=1 / 8)
    # Of `cv2.magnitude` the last bit of some pixels depends on where in memory they lie.
    rims = cv2.sumElems(np.sqrt(across * across + down * down))[0]
    return 2 * float(level.sum()) / max(rims, 1.0)


def _at_frame(
    level: Floats, stroke: float, corner: tuple[int, int], size: tuple[int, ...]
) -> float:
    """How much of `level`, whose corner is at (x, y) in a map of `size`, is near the frame."""
    far = []  # 1 where a column or a row is farther from the frame than a stroke's width
    for first, length, whole in zip(corner, level.shape[::-1], size[::-1], strict=True):
        at = np.arange(first, first + length)
        distance = np.minimum(at + 1, whole - at)
        far.append(np.clip(distance - stroke, 0, 1))
    return max(0.0, float(level.sum() - far[1] @ level @ far[0]))


def _placed(level: Floats, box: Edges, stroke: float) -> NDArray[np.uint8]:
    """`level` with its longer side 20 pixels, its pen at least `PEN`, its centre of mass at 14."""
    left, top, right, bottom = box
    longest = max(right - left, bottom - top, LEAST_SIDE)
    scale, grow = BOX / longest, 0.0
    if stroke * scale < PEN:  # the wider pen makes the box larger, too
        scale = (BOX - PEN) / max(longest - stroke, LEAST_SIDE)
        grow = max(PEN / scale - stroke, 0.0)
    middle = np.array([left + right - 1, top + bottom - 1]) / 2
    scale *= FINE
    before = min(grow, max(LEAST_FINE / scale - stroke, 0.0))
    room = int(before / 2) + 1
    padded = cv2.copyMakeBorder(level, *(room,) * 4, cv2.BORDER_CONSTANT)
    bold = _widened(np.asarray(padded, np.float32), before)
    return _centred(_widened(_scaled(bold, middle + room, scale), (grow - before) * scale))


def _scaled(level: Floats, middle: NDArray[np.float64], scale: float) -> Floats:
    """`level`, `scale` times as large, its `middle` (x, y) in the middle of a fine square."""
    if scale < 1:
        sigma = BLUR * np.sqrt(scale**-2 - 1) + 0.01
        level = np.asarray(cv2.GaussianBlur(level, (0, 0), sigma), np.float32)
    right, down = (FINE_SIDE - 1) / 2 - scale * middle
    move = np.array([[scale, 0, right], [0, scale, down]])
    return np.asarray(cv2.warpAffine(level, move, (FINE_SIDE, FINE_SIDE)), np.float32)


def _widened(level: Floats, grow: float) -> Floats:
    """Strokes `grow` pixels wider: grey dilations by discs, between two radii in proportion."""
    if not grow:
        return level
    radius = int(grow / 2)
    narrow, wide = (_dilated(level, each) for each in (radius, radius + 1))
    return narrow + np.float32(grow / 2 - radius) * (wide - narrow)


def _dilated(level: Floats, radius: int) -> Floats:
    if not radius:
        return level
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    return np.asarray(cv2.dilate(level, disc), np.float32)


def _centred(fine: Floats) -> NDArray[np.uint8]:
    """(112, 112) in [0, 1] -> (28, 28) uint8, moved by parts of a pixel, and not out of it."""
    moments = cv2.moments(fine)
    centre = np.array([moments["m10"], moments["m01"]]) / max(moments["m00"], 1e-6)
    left, top, right, bottom = soft_box(fine)
    wanted = FINE * (CENTRE + 0.5) - 0.5 - centre
    aside, down = np.clip(wanted, (-left, -top), (FINE_SIDE - right, FINE_SIDE - bottom))
    move = np.array([[1, 0, aside], [0, 1, down]])
    moved = cv2.warpAffine(fine, move, (FINE_SIDE, FINE_SIDE))
    small = cv2.resize(moved, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.rint(np.clip(small, 0, 1) * PIXEL_MAX).astype(np.uint8)
