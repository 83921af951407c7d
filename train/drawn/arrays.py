"""The arrays that drawing is done in."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float32]
Ink = NDArray[np.uint8]  # (h, w) coverage by ink: 0 none, 255 full
Size = tuple[int, int]  # height, width in px

SUBPIXEL_BITS = 4  # OpenCV draws at fixed-point coordinates
LINE_EXCESS = 2  # px that OpenCV's anti-aliased lines are wider than asked


def f32(values: ArrayLike) -> Floats:
    """The same values as float32; no copy if they are."""
    return np.asarray(values, np.float32)


def fixed(points: Floats) -> NDArray[np.int32]:
    """(n, 2) pixels -> (n, 1, 2) fixed-point coordinates, as OpenCV takes polygons."""
    return np.rint(points * (1 << SUBPIXEL_BITS)).astype(np.int32).reshape(-1, 1, 2)


def rotation(angle: float) -> NDArray[np.float64]:
    """(2, 2): turns points (x, y) by `angle` radians, clockwise where y points down."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, -sin], [sin, cos]])


def on_page(size: Size, unit: float, at: ArrayLike) -> NDArray[np.float64]:
    """(3, 3): pixels of a picture of `size` -> page coordinates; its middle is `at` (x, y).

    `unit` of its pixels are 1 on the page.
    """
    height, width = size
    x, y = np.asarray(at, float)
    left, top = x - width / unit / 2, y - height / unit / 2
    return np.array([[1 / unit, 0, left], [0, 1 / unit, top], [0, 0, 1]])


def scaled(size: Size, factor: float) -> Size:
    """A picture's size times `factor`, at least a pixel each way."""
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))
