"""A picture -> how much every pixel stands out from its ground, as ink does.

Colours are weighed by Fisher's linear discriminant between ink and paper, so that coloured ink
stands out as far as its colour lets it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.ground import SHEET_SIDE
from batch_predict.normalize.modes import Polarity
from batch_predict.normalize.polarity import polarity_of
from batch_predict.normalize.sheet import on_sheet
from batch_predict.opencv import cv2

WORK_SIDE = 512  # pixels, longer side of what is worked on: a tenth still is twice MNIST's box
SMALL_SIDE = 128  # pixels: smaller pictures are enlarged to it, so that masks are finer than pixels
NOISE_FLOOR = 0.8  # grey levels: rounding, and what a synthetic canvas lacks
VIVID = 60.0  # grey levels: no grain reaches so far above its ground
SURELY = 12.0  # standard deviations of the ground: vivid ink stands out by more
RIDGE = 4.0  # grey levels squared, added to the covariance of the paper
SMOOTHINGS = (0.8, 2.0)  # working pixels, sigma: a stroke is wider, grain is not
CLEAR = 15.0  # standard deviations of the ground: ink this dark needs no more smoothing


class Work(NamedTuple):
    """A picture at working size, its ink darker than its ground."""

    pixels: NDArray[np.uint8]  # (h, w, channels)
    longest: int  # pixels, the longer side of the picture
    polarity: Polarity  # before it was turned

    @property
    def scale(self) -> float:
        """Working pixels per picture pixel."""
        height, width = self.pixels.shape[:2]
        return float(max(height, width) / self.longest)


class Contrast(NamedTuple):
    """What stands out."""

    level: NDArray[np.float32]  # (h, w), 0 is ground, ink is positive; unit: grey levels
    darkness: NDArray[np.float32]  # (h, w), the same without its ground taken away
    noise: float  # standard deviation of the ground, same unit


def at_work(pixels: NDArray[np.uint8], polarity: Polarity) -> Work:
    """`pixels` (h, w) or (h, w, 3) uint8 at working size, dark on light."""
    longest = max(pixels.shape[:2])
    work = _resized(pixels, longest)
    if longest > SHEET_SIDE:
        work = on_sheet(work)
    if polarity is Polarity.AUTO:
        polarity = polarity_of(work, longest)
    turned = ~work if polarity is Polarity.LIGHT_ON_DARK else work
    return Work(turned, longest, polarity)


def contrast(work: Work, ground: NDArray[np.float32]) -> Contrast:
    """What stands out in `work` from `ground`, (h, w, channels)."""
    residual = ground - work.pixels
    axis = np.ones(1, np.float32) if residual.shape[2] == 1 else _discriminant(residual)
    raw, darkness = residual @ axis, -(work.pixels @ axis)
    for smoothing in SMOOTHINGS:
        level = np.asarray(cv2.GaussianBlur(raw, (0, 0), smoothing), np.float32)
        peak = float(np.percentile(level[::2, ::2], 99.5))
        noise = _noise(level, peak)
        if peak > CLEAR * noise:
            break
    darkness = np.asarray(cv2.GaussianBlur(darkness, (0, 0), smoothing), np.float32)
    return Contrast(level, darkness, noise)


def _noise(level: NDArray[np.float32], peak: float) -> float:
    """The standard deviation of the ground, from the half of it that no ink reaches.

    In a cutting that a soft digit fills, little is ground: `peak` tells that there is ink.
    """
    sample = level[::2, ::2]
    lighter = sample[sample <= 0]
    noise = -1.4826 * float(np.median(lighter)) if lighter.size else 0.0
    return max(NOISE_FLOOR, min(noise, peak / SURELY) if peak > VIVID else noise)


def _resized(pixels: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    """At working size, always (h, w, channels)."""
    height, width = pixels.shape[:2]
    if longest > WORK_SIDE:
        scale, method = WORK_SIDE / longest, cv2.INTER_AREA
    else:
        scale, method = max(1, round(SMALL_SIDE / longest)), cv2.INTER_CUBIC
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    work = cv2.resize(pixels, size, interpolation=method)
    return np.asarray(np.atleast_3d(work), np.uint8)


def _discriminant(residual: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fisher's discriminant (1936): where ink stands out most from the paper's noise."""
    flat = residual.reshape(-1, 3)
    strength = np.maximum(np.maximum(flat[:, 0], flat[:, 1]), flat[:, 2])
    middle, peak = np.percentile(strength[::2], [60, 99.9])
    ink = flat[strength >= peak / 2].mean(axis=0)
    paper = flat[strength <= middle][::4]
    covariance = np.cov(paper, rowvar=False) + RIDGE * np.eye(3)
    axis = np.linalg.solve(covariance, ink)
    axis *= np.linalg.norm(ink) / max(float(axis @ ink), 1e-6)
    return axis.astype(np.float32)
