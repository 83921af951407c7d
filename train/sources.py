"""Where the training pictures besides MNIST come from, one function for each kind."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2
from batch_predict.records import CLASSES, PIXEL_MAX, SIDE
from train.corrupt import CORRUPTIONS
from train.data import Pictures
from train.drawn import Difficulty, draw_digit, draw_outlier, photograph
from train.drawn.arrays import scaled

NO_DIGIT: Final = CLASSES  # the label of an outlier

SMALLEST: Final = 8  # pixels, the longer side of a reduced digit
LARGE: Final = 64  # pixels, what it is reduced from

FAMILIES: Final = tuple(CORRUPTIONS)
# The hard ones more often; stripes seldom, for the normalizer undoes nearly all of them.
_WEIGHTS: Final = {"zigzag": 4.0, "motion_blur": 2.0, "dotted_line": 2.0, "stripe": 0.3}
_WEIGHED: Final = np.array([_WEIGHTS.get(name, 1.0) for name in FAMILIES])
_SHARES: Final = _WEIGHED / _WEIGHED.sum()

Rng = np.random.Generator
Sample = tuple[NDArray[np.uint8], int]  # pixels as a decoder gives them, label


def corrupted(rng: Rng, mnist: Pictures) -> Sample:
    """An MNIST digit corrupted by one of the fifteen families, now and then by two."""
    pixels, label = _pick(rng, mnist)
    for _ in range(1 + (rng.random() < 0.1)):
        pixels = CORRUPTIONS[rng.choice(FAMILIES, p=_SHARES)](rng, pixels)
    return pixels, label


def drawn(rng: Rng, mnist: Pictures) -> Sample:
    """A digit from the pen model, dark on light, scanned in anything from 20 to 100 pixels."""
    del mnist
    ink, label = _drawn(rng, int(rng.integers(20, 100)))
    return _scan(rng, ink), label


def _drawn(rng: Rng, size: int = 64) -> Sample:
    """Any digit in any of its forms: (size, size) coverage by ink."""
    label = int(rng.integers(CLASSES))
    return draw_digit(rng, label, size), label


def reduced(rng: Rng, mnist: Pictures) -> Sample:
    """A digit of any stroke in 8 to 20 pixels, grey or 1 bit, its shape kept or stretched."""
    ink, label = _drawn(rng) if rng.random() < 0.5 else _pick(rng, mnist)
    inked = _thickened(rng, ink)
    height, width = inked.shape
    least = min(width, height) / max(width, height)
    side = SMALLEST + int(13 * rng.random() ** 2)  # the smallest more often: they hold the least
    shorter = max(3, round(side * (least if rng.random() < 0.5 else rng.uniform(least, 1))))
    size = (shorter, side) if height > width else (side, shorter)
    small = np.asarray(cv2.resize(inked, size, interpolation=cv2.INTER_AREA), np.uint8)
    if side >= 14 and rng.random() < 0.5:
        inked_at = small > small.max() * rng.uniform(0.25, 0.55)
        small = np.where(inked_at, np.uint8(PIXEL_MAX), np.uint8(0))
    small = np.pad(small, rng.integers(0, 4, (2, 2)).tolist())
    return (PIXEL_MAX - small if rng.random() < 0.5 else small), label


def _thickened(rng: Rng, ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What is written, `LARGE` pixels on its longer side, half the time with a wider pen."""
    left, top, width, height = cv2.boundingRect(ink)
    size = scaled((width, height), LARGE / max(width, height))
    large = cv2.resize(ink[top : top + height, left : left + width], size)
    if rng.random() < 0.5:
        pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (int(rng.integers(2, 7)),) * 2)
        large = cv2.dilate(cv2.copyMakeBorder(large, 3, 3, 3, 3, cv2.BORDER_CONSTANT), pen)
    left, top, width, height = cv2.boundingRect(large)
    return np.asarray(large[top : top + height, left : left + width], np.uint8)


def framed(rng: Rng, mnist: Pictures) -> Sample:
    """A digit reduced to 28x28 as others do it: of any size, off the middle, soft, on grey."""
    ink, label = _drawn(rng) if rng.random() < 0.5 else _pick(rng, mnist)
    left, top, width, height = cv2.boundingRect(ink)
    scale = rng.uniform(13, SIDE) / max(width, height)
    corner = rng.random(2) * (SIDE - scale * np.array([width, height]))
    moved = np.column_stack([scale * np.eye(2), corner - scale * np.array([left, top])])
    soft = cv2.GaussianBlur(ink, (0, 0), max(0.3, 0.4 / scale))
    small = np.asarray(cv2.warpAffine(soft, moved, (SIDE, SIDE), flags=cv2.INTER_LINEAR), np.uint8)
    if rng.random() < 0.5:
        return small, label
    return _scan(rng, small), label


def photographed(rng: Rng, mnist: Pictures) -> Sample:
    """A photo of a drawn digit or of an MNIST digit written anew."""
    ink, label = _drawn(rng) if rng.random() < 0.6 else _pick(rng, mnist)
    return _photo(rng, ink), label


def outlier(rng: Rng, mnist: Pictures) -> Sample:
    """Letters, signs, blots, scratches; one in eight photographed."""
    del mnist
    ink = draw_outlier(rng, int(rng.integers(28, 80)))
    return (_photo(rng, ink) if rng.random() < 0.12 else _scan(rng, ink)), NO_DIGIT


def _pick(rng: Rng, pictures: Pictures) -> Sample:
    i = int(rng.integers(len(pictures.labels)))
    return pictures.pixels[i], int(pictures.labels[i])


def _scan(rng: Rng, ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    paper, depth = rng.integers(190, 256), rng.uniform(0.4, 1)
    grain = rng.normal(0, rng.uniform(0, 6), ink.shape)
    return np.clip(paper - depth * 190 * (ink / PIXEL_MAX) + grain, 0, PIXEL_MAX).astype(np.uint8)


def _photo(rng: Rng, ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    side = int(rng.integers(100, 260))
    return photograph(rng, ink, Difficulty.random(rng), (side, side))


class Source(NamedTuple):
    """One kind of training picture."""

    draw: Callable[[Rng, Pictures], Sample]
    pictures: int


SOURCES: Final[dict[str, Source]] = {
    "corrupted": Source(corrupted, 40_000),
    "drawn": Source(drawn, 40_000),
    "reduced": Source(reduced, 25_000),
    "framed": Source(framed, 12_000),
    "photographed": Source(photographed, 20_000),
    "outliers": Source(outlier, 15_000),
}
