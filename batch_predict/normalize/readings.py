"""The readings of one picture: ways to 28x28 that really differ, for networks to judge.

Where the ways agree, the picture is plain. Where they do not, one of them has lost or added a
piece, and the networks see which. `docs/explanation/accuracy.md` says what each brings.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.letterbox import LARGE, SMALL, side_of
from batch_predict.normalize.map_reading import read_maps
from batch_predict.normalize.mnist_form import is_mnist_form
from batch_predict.opencv import cv2
from batch_predict.records import PIXEL_MAX, SIDE

#: side of the square on which a picture is marked a second time, by that of the first, pixels
SECOND_SIDE: Final = {SMALL: 96, LARGE: 128}
FAINT_RIM: Final = 0.3  # of full: the level of the map at the rim, where others have half
MUCH_OTHER: Final = 0.05  # of the ink: with so much other writing, both may be one digit
STEEPEST: Final = 1.0  # pixels aside for one down: a stroke that leans more is meant so
BRIGHT: Final = 99.0  # percentile of a picture's contrast that is taken for full ink
FAINTEST: Final = 8.0  # grey levels of contrast: what has less is not raised to full


class ReadingKind(StrEnum):
    """How a reading was made; the words are shown to people, too."""

    MAP = "map"
    FAINT = "faint strokes"  # the same map, cut at a fainter level
    OTHER_SIZE = "other size"  # a map of the picture on a square of another side
    ALL_WRITING = "all writing"  # ink and other writing as one mark
    UPRIGHT = "upright"  # the map's reading without its slant; the picture's, if nothing is marked
    STANDS = "as it stands"  # the picture itself, where it is small


class Reading(NamedTuple):
    """A picture as a classifier may see it."""

    kind: ReadingKind
    pixels: NDArray[np.uint8]  # (28, 28), light on zero


def readings(
    pixels: NDArray[np.uint8], maps: NDArray[np.uint8], again: NDArray[np.uint8]
) -> list[Reading]:
    """All readings of the picture `pixels` (h, w) or (h, w, 3) uint8 that differ.

    `maps` (h', w', 3) uint8 are those of the picture's part of its square, `again` those of its
    part of the square of its `SECOND_SIDE`: ink, other writing, print.
    """
    return _differing(_possible(pixels, maps, again))


def readings_unmarked(pixels: NDArray[np.uint8]) -> list[Reading]:
    """Those of a picture in MNIST's form (28, 28) uint8 that are made of it alone."""
    return _differing(
        [
            Reading(ReadingKind.STANDS, pixels),
            Reading(ReadingKind.UPRIGHT, upright(pixels)),
        ]
    )


def _differing(possible: Iterable[Reading]) -> list[Reading]:
    found: list[Reading] = []
    for reading in possible:
        if not any(np.array_equal(reading.pixels, each.pixels) for each in found):
            found.append(reading)
    return found


def _possible(
    pixels: NDArray[np.uint8], maps: NDArray[np.uint8], again: NDArray[np.uint8]
) -> Iterator[Reading]:
    if side_of(pixels) == SMALL:
        yield Reading(ReadingKind.STANDS, as_it_stands(pixels))
    tried = {
        ReadingKind.MAP: read_maps(maps),
        ReadingKind.FAINT: read_maps(maps, FAINT_RIM),
        ReadingKind.OTHER_SIZE: read_maps(again),
        ReadingKind.ALL_WRITING: read_maps(_all_writing(maps)) if _has_other(maps) else None,
    }
    for kind, reading in tried.items():
        if reading is not None:
            yield Reading(kind, reading.pixels)
    if (first := tried[ReadingKind.MAP]) is not None:
        yield Reading(ReadingKind.UPRIGHT, upright(first.pixels))


def _has_other(maps: NDArray[np.uint8]) -> bool:
    ink, other = cv2.sumElems(maps)[:2]
    return bool(other > MUCH_OTHER * ink)


def _all_writing(maps: NDArray[np.uint8]) -> NDArray[np.uint8]:
    joined = np.zeros_like(maps)
    joined[..., 0] = cv2.add(maps[..., 0], maps[..., 1])
    return joined


def upright(reading: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`reading` (28, 28) uint8, sheared until its moments show no slant."""
    moments = cv2.moments(reading)
    lean = moments["mu11"] / max(moments["mu02"], 1e-6)
    lean = float(np.clip(lean, -STEEPEST, STEEPEST))
    middle = moments["m01"] / max(moments["m00"], 1e-6)
    back = np.array([[1, lean, -lean * middle], [0, 1, 0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(reading, back, (SIDE, SIDE), flags=flags), np.uint8)


def as_it_stands(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A small picture (h, w) or (h, w, 3) uint8 itself, as (28, 28) uint8.

    It is grey, its border's median 0, its ink light, its longer side 28 pixels, in the middle. One
    in MNIST's form stays bit for bit.
    """
    if is_mnist_form(pixels):
        return pixels
    grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    level = np.asarray(grey, np.float32)
    ground = float(np.median(np.concatenate([level[0], level[-1], level[:, 0], level[:, -1]])))
    is_dark = ground - level.min() > level.max() - ground
    contrast = np.maximum(ground - level if is_dark else level - ground, 0)
    full = max(percentile(contrast, BRIGHT), FAINTEST)
    return _in_the_middle(np.rint(np.minimum(contrast / full, 1) * PIXEL_MAX).astype(np.uint8))


def percentile(values: NDArray[np.float32], percent: float) -> float:
    """`np.percentile` of numbers of any shape, in a seventh of its time for a few.

    Its last bit is that of NumPy 2.4; earlier versions have another at times.
    """
    last = values.size - 1
    at = percent / 100 * last
    low = int(at)
    high, share = min(low + 1, last), at - low
    ordered = np.partition(values, (low, high), axis=None)
    below, above = ordered[low], ordered[high]
    step = above - below
    return float(below + step * share if share < 0.5 else above - step * (1 - share))


def _in_the_middle(light: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`light` (h, w), its longer side 28 pixels, on a square of zeros."""
    if light.shape == (SIDE, SIDE):
        return light
    scale = SIDE / max(light.shape)
    height, width = (max(1, round(side * scale)) for side in light.shape)
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    square = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    inside = cv2.resize(light, (width, height), interpolation=method)
    square[top : top + height, left : left + width] = inside
    return square
