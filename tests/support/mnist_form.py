"""Ink brought to MNIST's form as LeCun did it, for pictures that pass as they are."""

import cv2
import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.mnist_form import CENTRE
from batch_predict.records import PIXEL_MAX, SIDE


def place(ink: NDArray[np.float32]) -> NDArray[np.uint8]:
    """`ink` (h, w) float32 in [0, 1], cut to its box -> (28, 28) uint8 in MNIST's form."""
    height, width = ink.shape
    scale = 20 / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    grey = np.rint(small * (PIXEL_MAX / float(small.max()))).astype(np.uint8)
    moments = cv2.moments(grey)
    across, down = moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]
    height, width = grey.shape
    left = min(max(round(CENTRE - across), 0), SIDE - width)
    top = min(max(round(CENTRE - down), 0), SIDE - height)
    placed = np.zeros((SIDE, SIDE), np.uint8)
    placed[top : top + height, left : left + width] = grey
    return placed
