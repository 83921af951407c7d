"""Real photos as if taken again: from elsewhere, in other light, by another phone."""

import os
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from tests.bench.shots import jpeg


@cache
def _files():
    return sorted(Path(os.environ["DIGITS_DATA"], "dev", "photos").glob("*/*"))


def dev_photo(rng):
    """One of the development photos, upright, (h, w, 3) uint8 RGB, and its digit."""
    file = _files()[rng.integers(len(_files()))]
    pixels = cv2.imread(str(file), cv2.IMREAD_COLOR_RGB)
    assert pixels is not None, file
    return pixels, int(file.parent.name)


def retaken(rng, pixels):
    """Reduced, turned, leant, nearer or further, in uneven light, blurred, noisy: a JPEG file."""
    light = _in_other_light(rng, _from_elsewhere(rng, pixels) / 255)
    noisy = light * 255 + rng.normal(0, rng.uniform(0, 10), light.shape)
    if rng.random() < 0.4:
        noisy = cv2.GaussianBlur(noisy, (0, 0), rng.uniform(0.3, 0.004 * max(light.shape) + 0.4))
    return jpeg(np.clip(noisy, 0, 255).astype(np.uint8), rng.integers(30, 95))


def _from_elsewhere(rng, pixels):
    side = min(max(pixels.shape), rng.uniform(120, 1200))
    scale = side / max(pixels.shape)
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape[:2]
    zoom, turn, lean = rng.uniform(0.75, 1.15), np.deg2rad(rng.normal(0, 6)), rng.normal(0, 0.06)
    cos, sin = zoom * np.cos(turn), zoom * np.sin(turn)
    matrix = np.array([[cos, lean - sin], [sin, cos]])
    centre = np.array([width, height]) / 2
    moved = np.column_stack([matrix, centre - matrix @ centre])
    return cv2.warpAffine(small, moved, (width, height), borderMode=cv2.BORDER_REFLECT_101)


def _in_other_light(rng, pixels):
    y, x = (np.linspace(-1, 1, side) for side in pixels.shape[:2])
    across, down = rng.uniform(-0.35, 0.35, 2)
    gradient = 1 + across * x + down * y[:, None]
    return pixels ** rng.uniform(0.6, 1.7) * gradient[:, :, None] * rng.uniform(0.6, 1.1)
