"""A picture -> how much every pixel stands out from its ground, as ink does.

The ground is a large median (it follows shadows, and keeps their edges). Colours are weighed by
Fisher's linear discriminant between ink and paper, so that coloured ink stands out as far as its
colour lets it.
"""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.modes import Polarity

WORK_SIDE = (
    512  # pixels, longer side of what is worked on: a tenth of it is still twice MNIST's box
)
SMALL_SIDE = (
    128  # pixels: smaller pictures are enlarged to it, so that masks are finer than their pixels
)
FLAT_SIDE = 64  # pixels: up to it a picture is a cutting, with one ground level
GROUND_SIDE = 256  # pixels, longer side of the picture that the ground is taken from
GROUND_WINDOW = 0.5  # of the shorter side: more than twice the widest stroke
NOISE_FLOOR = 1.0  # grey levels
RIDGE = 1.0  # grey levels squared, added to the covariance of the paper


class Contrast(NamedTuple):
    """What stands out."""

    level: NDArray[np.float32]  # (h, w), 0 is ground, ink is positive; unit: grey levels
    noise: float  # standard deviation of the ground, same unit
    polarity: Polarity
    scale: float  # working pixels per picture pixel


def contrast(pixels: NDArray[np.uint8], polarity: Polarity) -> Contrast:
    """`pixels` (h, w) or (h, w, 3) uint8 -> its `Contrast` at working size."""
    longest = max(pixels.shape[:2])
    work = _resized(pixels, longest)
    scale = max(work.shape[:2]) / longest
    ground = _flat_ground(work, polarity) if longest <= FLAT_SIDE else _ground(work)
    residual = ground - work.astype(np.float32)
    if polarity is Polarity.AUTO:
        polarity = _polarity(residual)
    if polarity is Polarity.LIGHT_ON_DARK:
        residual = -residual
    level = residual[..., 0] if residual.shape[2] == 1 else _discriminant(residual)
    return Contrast(level, noise_of(level), polarity, scale)


def noise_of(level: NDArray[np.float32]) -> float:
    """The standard deviation of the ground, from the median absolute deviation."""
    sample = level[::2, ::2]
    return max(NOISE_FLOOR, 1.4826 * float(np.median(np.abs(sample - np.median(sample)))))


def _resized(pixels: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    """At working size, always (h, w, channels)."""
    height, width = pixels.shape[:2]
    if longest > WORK_SIDE:
        scale, method = WORK_SIDE / longest, cv2.INTER_AREA
    else:
        scale, method = max(1, round(SMALL_SIDE / longest)), cv2.INTER_CUBIC
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    work = pixels if scale == 1 else cv2.resize(pixels, size, interpolation=method)
    return np.asarray(np.atleast_3d(work), np.uint8)


def _ground(work: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The large median of every channel, (h, w, channels)."""
    height, width = work.shape[:2]
    scale = min(1.0, GROUND_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(work, size, interpolation=cv2.INTER_AREA)
    window = min(255, int(min(size) * GROUND_WINDOW) | 1)
    median = cv2.medianBlur(small, max(3, window))
    ground = cv2.resize(median, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.atleast_3d(ground).astype(np.float32)


def _flat_ground(work: NDArray[np.uint8], polarity: Polarity) -> NDArray[np.float32]:
    """One level for the whole cutting: the median of what holds more of area and frame."""
    grey = work.max(axis=2)
    _, light = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    frame = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    is_light = light.mean() + frame.mean() > 1
    if polarity is not Polarity.AUTO:
        is_light = polarity is Polarity.DARK_ON_LIGHT
    chosen = (
        work[(light == is_light)] if (light == is_light).any() else work.reshape(-1, work.shape[2])
    )
    return np.broadcast_to(np.median(chosen, axis=0).astype(np.float32), work.shape)


def _polarity(residual: NDArray[np.float32]) -> Polarity:
    """Ink is on the side of the ground where more contrast lies."""
    grey = residual.mean(axis=2)
    noise = noise_of(grey)
    dark = float(np.maximum(grey - 4 * noise, 0).sum())
    light = float(np.maximum(-grey - 4 * noise, 0).sum())
    return Polarity.DARK_ON_LIGHT if dark >= light else Polarity.LIGHT_ON_DARK


def _discriminant(residual: NDArray[np.float32]) -> NDArray[np.float32]:
    """Fisher's discriminant (1936): where ink stands out most from the paper's noise."""
    flat = residual.reshape(-1, 3)
    strength = flat.max(axis=1)
    order = np.percentile(strength[::4], [50, 99])
    ink = flat[strength >= order[1]].mean(axis=0)
    paper = flat[strength <= order[0]][::4]
    covariance = np.cov(paper, rowvar=False) + RIDGE * np.eye(3)
    axis = np.linalg.solve(covariance, ink)
    axis *= np.linalg.norm(ink) / max(float(axis @ ink), 1e-6)
    return np.asarray((flat @ axis.astype(np.float32)).reshape(residual.shape[:2]), np.float32)
