"""Ways to degrade a picture in MNIST's form that leave it readable."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2
from batch_predict.records import PIXEL_MAX, SIDE

Rng = np.random.Generator
Picture = NDArray[np.uint8]


def degrade(rng: Rng, picture: Picture) -> Picture:
    """One of `DEGRADATIONS`, or two."""
    for _ in range(1 + (rng.random() < 0.3)):
        picture = DEGRADATIONS[rng.integers(len(DEGRADATIONS))](rng, picture)
    return picture


def thicker(rng: Rng, picture: Picture) -> Picture:
    """Strokes a half to one and a half pixels wider."""
    return _stroke(picture, cv2.dilate, int(rng.integers(2, 4)))


def thinner(rng: Rng, picture: Picture) -> Picture:
    """Strokes thinner by as much, as far as something is left of them."""
    thin = _stroke(picture, cv2.erode, int(rng.integers(2, 4)))
    peak = int(thin.max())
    if peak < 100:
        return picture
    return np.asarray(cv2.convertScaleAbs(thin, alpha=PIXEL_MAX / peak), np.uint8)


def _stroke(picture: Picture, change: Callable[..., Any], width: int) -> Picture:
    large = cv2.resize(picture, (2 * SIDE, 2 * SIDE), interpolation=cv2.INTER_LINEAR)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
    return np.asarray(cv2.resize(change(large, kernel), (SIDE, SIDE), interpolation=cv2.INTER_AREA))


def blurred(rng: Rng, picture: Picture) -> Picture:
    """Out of focus."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.3)), np.uint8)


def coarse(rng: Rng, picture: Picture) -> Picture:
    """Once stored in few pixels, perhaps pulled towards the square or as 1 bit; enlarged again."""
    top, left, height, width = _box(picture)
    one_bit = rng.random() < 0.4
    side = int(rng.integers(12, 19)) if one_bit else int(rng.integers(8, 15))
    shorter = max(4, round(side * min(height, width) / max(height, width)))
    other = shorter if rng.random() < 0.5 else int(rng.integers(shorter, side + 1))
    size = (other, side) if height > width else (side, other)
    inked = picture[top : top + height, left : left + width]
    small = cv2.resize(inked, size, interpolation=cv2.INTER_AREA)
    if one_bit:
        small = np.where(small > rng.integers(60, 140), np.uint8(PIXEL_MAX), np.uint8(0))
    how = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA)[rng.integers(4)]
    scale = 20 / max(size)
    large = cv2.resize(small, (round(size[0] * scale), round(size[1] * scale)), interpolation=how)
    out = np.zeros_like(picture)
    y, x = (SIDE - large.shape[0]) // 2, (SIDE - large.shape[1]) // 2
    out[y : y + large.shape[0], x : x + large.shape[1]] = large
    return out


def stretched(rng: Rng, picture: Picture) -> Picture:
    """Pulled to fill the square, or well on the way there."""
    top, left, height, width = _box(picture)
    long = max(height, width)
    side = [round(s + (long - s) * rng.uniform(0.3, 1)) for s in (width, height)]
    inked = picture[top : top + height, left : left + width]
    large = cv2.resize(inked, side, interpolation=cv2.INTER_LINEAR)
    out = np.zeros_like(picture)
    y, x = (SIDE - side[1]) // 2, (SIDE - side[0]) // 2
    out[y : y + side[1], x : x + side[0]] = large
    return out


def _box(picture: Picture) -> tuple[int, int, int, int]:
    left, top, width, height = cv2.boundingRect((picture > 40).astype(np.uint8))
    return (top, left, height, width) if width else (0, 0, SIDE, SIDE)


def two_tone(rng: Rng, picture: Picture) -> Picture:
    """1 bit: black or white, at any threshold."""
    return np.where(picture > rng.integers(40, 200), np.uint8(PIXEL_MAX), np.uint8(0))


def uneven(rng: Rng, picture: Picture) -> Picture:
    """Ink fading from one side to another, and another gamma."""
    levels = cv2.resize(rng.uniform(0.35, 1, (2, 2)), (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    curve = (picture / PIXEL_MAX) ** np.exp(rng.normal(0, 0.5))
    uneven_ink: Picture = (PIXEL_MAX * curve * levels / levels.max()).astype(np.uint8)
    return uneven_ink


def noisy(rng: Rng, picture: Picture) -> Picture:
    """Grain, everywhere or in the ink only."""
    grain = rng.normal(0, rng.uniform(8, 60), picture.shape)
    grain *= (picture > 20) if rng.random() < 0.5 else 1
    return np.clip(picture + grain, 0, PIXEL_MAX).astype(np.uint8)


def broken(rng: Rng, picture: Picture) -> Picture:
    """Strokes cut by one to three gaps."""
    out = picture.copy()
    for _ in range(rng.integers(1, 4)):
        ends = rng.integers(2, SIDE - 2, (2, 2)).tolist()
        cv2.line(out, ends[0], ends[1], 0, int(rng.integers(1, 3)))
    return out


def overlaid(rng: Rng, picture: Picture) -> Picture:
    """A line, straight across or short, or a few specks: what was not told from the digit."""
    out = picture.copy()
    light = int(rng.integers(90, 256))
    if rng.random() < 0.5:
        ends = rng.integers(0, SIDE, (2, 2)).tolist()
        cv2.line(out, ends[0], ends[1], light, int(rng.integers(1, 3)), cv2.LINE_AA)
    else:
        for x, y in rng.integers(0, SIDE, (rng.integers(1, 7), 2)).tolist():
            cv2.circle(out, (x, y), int(rng.integers(0, 2)), light, -1)
    return out


def clipped(rng: Rng, picture: Picture) -> Picture:
    """Cut off by the frame: up to three of its twenty pixels lost on one side."""
    out = picture.copy()
    side = np.rot90(out, int(rng.integers(4)))  # a view
    side[: 4 + int(rng.integers(0, 4))] = 0
    return out


DEGRADATIONS: Final[tuple[Callable[[Rng, Picture], Picture], ...]] = (
    thicker, thicker, thinner, thinner, blurred, coarse, coarse, stretched, two_tone, uneven,
    noisy, broken, overlaid, clipped,
)  # fmt: skip
