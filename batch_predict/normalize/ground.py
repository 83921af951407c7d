"""The ground that a picture would show without its ink: paper, its shading, the table beyond."""

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2

CUTTING_SIDE = 64  # pixels: up to it a picture is a cutting, with one ground level
GROUND_SIDE = 256  # pixels, longer side of the picture that the ground is taken from
PENS = (0.08, 0.16, 0.3)  # of the longer side: no stroke of a pen, a marker, a brush is wider
SCRAP_PENS = (0.5,)  # the same for pictures up to SHEET_SIDE
SHEET_SIDE = 160  # pixels
EVEN = 3.0  # grey levels: what JPEG does to an even ground
CANVAS = 0.6  # of the picture: as much is even where it was drawn by a program or cut out
WINDOW = 0.6  # of the pen: the median that evens out what is left
FLAGGED = 0.25  # of the strongest contrast: this much darker than the closing is ink


def reduced(work: NDArray[np.uint8], longest: int) -> NDArray[np.uint8]:
    """`work` (h, w, channels) uint8, at most `longest` pixels long; one channel comes as (h, w)."""
    height, width = work.shape[:2]
    scale = min(1.0, longest / max(height, width))
    size = (max(3, round(width * scale)), max(3, round(height * scale)))
    return np.asarray(cv2.resize(work, size, interpolation=cv2.INTER_AREA), np.uint8)


def is_even(work: NDArray[np.uint8]) -> bool:
    """Whether most of `work` (h, w, channels) uint8 is of one level, as no paper in a photo is."""
    middle = np.median(work[::2, ::2], axis=(0, 1))
    off = np.abs(work[::2, ::2] - middle).max(axis=2)
    return bool((off <= EVEN).mean() > CANVAS)


def flat(work: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The ground of `work` (h, w, channels) uint8, dark on light, if it has one level: float32.

    The median of the lighter of Otsu's classes (Otsu 1979).
    """
    grey = work.max(axis=2)
    _, light = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    paper = work[light > 0] if light.any() else work.reshape(-1, work.shape[2])
    return np.broadcast_to(np.median(paper, axis=0).astype(np.float32), work.shape)


def _closed(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The closing by a square; beyond the frame all is dark, as a shadow that goes on there is."""
    padded = cv2.copyMakeBorder(picture, *(side,) * 4, cv2.BORDER_CONSTANT)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return np.asarray(closed[side:-side, side:-side], np.uint8)


def followed(work: NDArray[np.uint8], pen: float) -> NDArray[np.float32]:
    """The ground of `work` (h, w, channels) uint8, dark on light, wherever it leads: float32.

    No stroke is wider than `pen` of the longer side. A morphological closing wider than any
    stroke keeps the edges of shadows, pages and tables, and leaves whatever is wider than a
    stroke alone; then, where the ink was filled in, a median brings the ground from the upper
    envelope of the grain to its middle.
    """
    small = np.asarray(cv2.medianBlur(reduced(work, GROUND_SIDE), 3), np.uint8)
    side = int(max(small.shape[:2]) * pen) | 1
    closed = _closed(small, side)
    depth = cv2.subtract(closed, small)
    least = FLAGGED * np.percentile(depth, 99.8)
    filled = np.where(depth > least, closed, small)
    median = cv2.medianBlur(filled, max(3, int(side * WINDOW) | 1))
    ground = cv2.resize(median, work.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    tolerant = cv2.erode(ground, np.ones((3, 3), np.uint8))
    return np.atleast_3d(tolerant).astype(np.float32)
