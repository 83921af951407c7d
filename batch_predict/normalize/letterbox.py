"""A picture of any shape on a square of fixed side, as the ink network takes it."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2

# Pixels, the sides of the squares that the network was trained on.
SMALL: Final = 64
LARGE: Final = 192
SMALL_UP_TO: Final = 40  # pixels, the longer side of a picture that goes on the small square
# Times the size that it is to have: so large a picture is first halved, which averages four pixels
# at a time and takes a tenth of the time of areas with parts of pixels. What is left, four times
# or more, is averaged by area, so that no edge moves by more than a tenth of a pixel.
HALVED_FROM: Final = 8


def side_of(pixels: NDArray[np.uint8]) -> int:
    """The side of the square for a picture (h, w, ...), reduced or not."""
    return SMALL if max(pixels.shape[:2]) <= SMALL_UP_TO else LARGE


def reduced(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`pixels` (h, w[, 3]), no larger than on its square; `letterbox` makes the same of both."""
    side = side_of(pixels)
    return pixels if max(pixels.shape[:2]) <= side else resized(pixels, box_of(pixels.shape, side))


class Box(NamedTuple):
    """Where the picture lies in its square, pixels of the square."""

    top: int
    left: int
    height: int
    width: int

    def cut(self, square: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The picture's part of `square` (side, side[, channels]): a view."""
        rows = slice(self.top, self.top + self.height)
        return square[rows, self.left : self.left + self.width]


def box_of(shape: tuple[int, ...], side: int) -> Box:
    """Where a picture of `shape` (h, w, ...) lies: its longer side fills the square, centred."""
    height, width = shape[:2]
    scale = side / max(height, width)
    inside = max(1, round(height * scale)), max(1, round(width * scale))
    return Box((side - inside[0]) // 2, (side - inside[1]) // 2, *inside)


def letterbox(pixels: NDArray[np.uint8], side: int) -> tuple[NDArray[np.uint8], Box]:
    """`pixels` (h, w) grey or (h, w, 3) RGB uint8 -> (side, side, 3) uint8 and the picture's place.

    Its border pixels are repeated to the rim of the square. Pictures that shrink are averaged by
    area, those that grow are interpolated linearly.
    """
    box = box_of(pixels.shape, side)
    scaled = resized(pixels, box)
    if scaled.ndim == 2:
        scaled = np.repeat(scaled[:, :, None], 3, axis=2)
    return _bordered(scaled, box, side, cv2.BORDER_REPLICATE), box


def on_zeros(maps: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """`maps` (h, w, channels) uint8 as `letterbox` places a picture, with zeros around it."""
    box = box_of(maps.shape, side)
    return _bordered(resized(maps, box), box, side, cv2.BORDER_CONSTANT)


def resized(pixels: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """`pixels` (h, w[, channels]) at the size of `box`."""
    height, width = pixels.shape[:2]
    while min(height // box.height, width // box.width) >= HALVED_FROM:
        even = pixels[: height & ~1, : width & ~1]
        height, width = height // 2, width // 2
        pixels = np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA))
    shrinks = max(height, width) > max(box.height, box.width)
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (box.width, box.height), interpolation=method), np.uint8)


def _bordered(inner: NDArray[np.uint8], box: Box, side: int, border: int) -> NDArray[np.uint8]:
    below, right = side - box.top - box.height, side - box.left - box.width
    square = cv2.copyMakeBorder(inner, box.top, below, box.left, right, border)
    return np.asarray(square, np.uint8)
