"""Whether the ink is darker or lighter than its ground."""

import cv2
import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.ground import CUTTING_SIDE
from batch_predict.normalize.modes import Polarity

GLANCE_SIDE = 96  # pixels, longer side of the picture that is looked at
WINDOW = 0.5  # of the shorter side
FAINT = 0.25  # of the strongest contrast: what is fainter is texture


def polarity_of(work: NDArray[np.uint8], longest: int) -> Polarity:
    """`work` (h, w, channels) uint8 of a picture whose longer side was `longest` pixels."""
    is_dark = _cutting_is_dark(work) if longest <= CUTTING_SIDE else _photo_is_dark(work)
    return Polarity.DARK_ON_LIGHT if is_dark else Polarity.LIGHT_ON_DARK


def _cutting_is_dark(work: NDArray[np.uint8]) -> bool:
    """A digit fills less than its ground of the area and of the frame: Otsu's classes compared."""
    grey = work.max(axis=2)
    _, light = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    frame = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    return bool(light.mean() + frame.mean() > 1)


def _photo_is_dark(work: NDArray[np.uint8]) -> bool:
    """Ink is on the side of the ground, a large median, where more contrast lies."""
    height, width = work.shape[:2]
    scale = min(1.0, GLANCE_SIDE / max(height, width))
    size = (max(3, round(width * scale)), max(3, round(height * scale)))
    small = np.atleast_3d(cv2.resize(work, size, interpolation=cv2.INTER_AREA))
    median = np.atleast_3d(cv2.medianBlur(small, int(min(size) * WINDOW) | 1))
    darker = median.astype(np.float32) - small
    least = FAINT * float(np.percentile(np.abs(darker), 99.5))
    return bool(np.maximum(darker - least, 0).sum() >= np.maximum(-darker - least, 0).sum())
