"""Light on the page, and what a phone's camera makes of it."""

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2

from .arrays import Floats, Size, f32, scaled
from .difficulty import Difficulty
from .paper import cloud

Photo = NDArray[np.uint8]  # (h, w, 3) RGB

COARSEST = 256  # px: shadows and gradients are made this large and enlarged


def illuminate(rng: np.random.Generator, page: Floats, difficulty: Difficulty) -> Floats:
    """Reflectance (h, w, 3) -> light that reaches the lens, [0, 1]."""
    height, width = page.shape[:2]
    size = scaled((height, width), min(1.0, COARSEST / max(height, width)))
    light = _gradient(rng, size, difficulty.light) * _shadows(rng, size, difficulty.shadow)
    light = f32(cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR))
    warmth = rng.normal(0, 0.04)
    cast = np.array([1 + warmth, 1, 1 - warmth]) * rng.uniform(0.75, 1.05)
    return page * light[:, :, None] * cast.astype(np.float32)


def _gradient(rng: np.random.Generator, size: Size, much: float) -> Floats:
    """Light from one side, a lamp's cloud, and a lens darker towards its corners."""
    y, x = np.linspace(-0.5, 0.5, size[0])[:, None], np.linspace(-0.5, 0.5, size[1])
    angle = rng.uniform(0, 2 * np.pi)
    slope = 0.7 * much * (x * np.cos(angle) + y * np.sin(angle))
    corner = 1.2 * much * rng.random() * (x * x + y * y)
    light = 0.95 + slope - corner + 0.04 * much * cloud(rng, size, 3)
    return f32(np.clip(light, 0.12, 1.3))


def _shadows(rng: np.random.Generator, size: Size, much: float) -> Floats:
    """One or two soft-edged shadows: of a hand, the phone, a window's frame."""
    light = np.ones(size, np.float32)
    if not much:
        return light
    side = max(size)
    for _ in range(rng.integers(1, 3)):
        shade = np.zeros(size, np.uint8)
        centre = rng.uniform(0, 1, 2) * size[::-1]
        around = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 8)))
        reach = rng.uniform(0.3, 0.9, len(around)) * side
        outline = centre + np.stack([np.cos(around), np.sin(around)], 1) * reach[:, None]
        cv2.fillPoly(shade, [outline.astype(np.int32).reshape(-1, 1, 2)], 255)
        soft = cv2.GaussianBlur(shade, (0, 0), side * rng.uniform(0.004, 0.04))
        light *= 1 - soft.astype(np.float32) / 255 * np.float32(0.65 * much)
    return light


def develop(rng: np.random.Generator, light: Floats, difficulty: Difficulty) -> Photo:
    """Light (h, w, 3) -> focus, motion, sensor noise, tone and JPEG -> RGB uint8."""
    unit = min(light.shape[:2])
    if difficulty.blur:
        light = f32(cv2.GaussianBlur(light, (0, 0), max(0.3, difficulty.blur * 0.015 * unit)))
    if difficulty.motion:
        light = f32(cv2.filter2D(light, -1, _trail(rng, round(difficulty.motion * 0.03 * unit))))
    if difficulty.noise:
        light = light + _grain(rng, light.shape[:2], difficulty.noise)
    tone = np.clip(light, 0, 1) ** np.float32(rng.uniform(0.8, 1.15))
    pixels: Photo = np.rint(tone * 255).astype(np.uint8)
    if difficulty.jpeg:
        quality = round(95 - 80 * difficulty.jpeg)
        pixels = as_jpeg(pixels, quality)
    return pixels


def as_jpeg(pixels: Photo, quality: int) -> Photo:
    """What JPEG of this quality, 1 to 100, leaves of `pixels`."""
    _, packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def _trail(rng: np.random.Generator, length: int) -> Floats:
    """The path of a point while the shutter is open, as a kernel of sum 1."""
    side = 2 * max(1, length // 2) + 1
    kernel = np.zeros((side, side), np.float32)
    angle = rng.uniform(0, np.pi)
    reach = side / 2 * np.array([np.cos(angle), np.sin(angle)])
    start, end = np.rint(side // 2 - reach), np.rint(side // 2 + reach)
    cv2.line(kernel, start.astype(int).tolist(), end.astype(int).tolist(), 1.0, 1)
    return f32(kernel / kernel.sum())


def _grain(rng: np.random.Generator, size: Size, much: float) -> Floats:
    """Sensor noise (h, w, 3): mostly of brightness, some of colour."""
    scale = np.float32(0.06 * much)
    grey = rng.standard_normal((*size, 1), np.float32)
    return scale * (grey + np.float32(0.4) * rng.standard_normal((*size, 3), np.float32))
