"""The outline of a thing in a mask."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2


class Outline(NamedTuple):
    """A closed line around something."""

    points: cv2.typing.MatLike  # (n, 1, 2) int32: x, y
    filled: NDArray[np.uint8]  # (h, w), 1 on it and within

    @property
    def area(self) -> float:
        """What it encloses, pixels."""
        return cv2.contourArea(self.points)


def outermost(mask: NDArray[np.uint8]) -> Outline | None:
    """The outline of the largest thing in `mask` (h, w) uint8, or None where that is empty."""
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    points = max(outlines, key=cv2.contourArea)
    filled = np.zeros_like(mask)
    cv2.drawContours(filled, [points], -1, 1, cv2.FILLED)
    return Outline(points, filled)
