"""A small picture in the making: what lies where on it, finer than its pixels."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2
from batch_predict.records import OTHER, PIXEL_MAX

from ..drawn.arrays import Floats, Ink, f32
from .sample import INK, WRITING
from .writing import stroke_width

LEAST_SIDE: Final = 96  # map px: so fine is the truth of the smallest pictures
LEAST_PEN: Final = 0.45  # px: thinner strokes leave hardly a trace in a picture
LEAST_FACTOR: Final = 3  # map px along a pixel of a small picture, at least
SMALL: Final = 64  # px


class Canvas:
    """Maps of `factor` x `factor` to a pixel, for a picture of `height` x `width` pixels."""

    def __init__(self, height: int, width: int) -> None:
        self.size = (height, width)
        longer = max(height, width)
        least = LEAST_FACTOR if longer <= SMALL else 1
        self.factor = max(least, -(-LEAST_SIDE // longer))
        self.maps = np.zeros((height * self.factor, width * self.factor, 3), np.uint8)

    def put(self, map_: int, ink: Ink, top: float, left: float) -> None:
        """Adds `ink`, in map pixels, its corner at `top` and `left` pixels; beyond is cut off."""
        y, x = round(top * self.factor), round(left * self.factor)
        height, width = self.maps.shape[:2]
        up, before = max(0, -y), max(0, -x)
        part = ink[up : max(up, height - y), before : max(before, width - x)]
        place = self.maps[y + up :, x + before :, map_][: part.shape[0], : part.shape[1]]
        np.maximum(place, part, out=place)

    def write(self, label: int, ink: Ink, top: float, left: float) -> None:
        """Adds what counts: a digit's ink, or, where it is no digit, other writing.

        Strokes that would hardly show are widened to `LEAST_PEN`.
        """
        grow = round(LEAST_PEN * self.factor - stroke_width(ink))
        if grow > 0:
            pen = np.ones((1 + grow, 1 + grow), np.uint8)
            ink = np.asarray(cv2.dilate(np.pad(ink, grow), pen), np.uint8)
            top, left = top - grow / self.factor, left - grow / self.factor
        self.put(WRITING if label == OTHER else INK, ink, top, left)

    def widen(self) -> None:
        """Makes what is written at least a pixel wide, as it must be in 1 bit."""
        written = self.maps[..., :2]
        grow = round(self.factor - stroke_width(written.max(axis=2)))
        if grow > 0:
            pen = np.ones((1 + grow, 1 + grow), np.uint8)
            self.maps[..., :2] = cv2.dilate(written, pen)

    def coverage(self) -> Floats:
        """(h, w, 3) in [0, 1]: the share of each pixel that each of the maps covers."""
        covered = cv2.resize(self.maps, self.size[::-1], interpolation=cv2.INTER_AREA)
        return f32(covered / np.float32(PIXEL_MAX))

    def sampled(self) -> NDArray[np.uint8]:
        """(h, w, 3): the maps at the middle of each pixel, as a reduction without averaging."""
        middle = self.factor // 2
        return self.maps[middle :: self.factor, middle :: self.factor]
