"""Whether the ink is darker or lighter than its ground."""

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.ground import CUTTING_SIDE, reduced
from batch_predict.normalize.modes import Polarity
from batch_predict.opencv import cv2

GLANCE_SIDE = 96  # pixels, longer side of the picture that is looked at
WINDOW = 0.25  # of the shorter side: the median that is taken for the ground
FAINT = 0.25  # of the strongest contrast: what is fainter is texture
BRIGHT = 220  # grey level of a ground on which nothing lighter is written
DIM = 120  # grey level of a ground on which light ink is as likely as dark
CLEAN = 0.9  # of the variance between Otsu's classes: two levels and nothing else
FRAMED = 0.9  # of the frame: so much of one level is ground


def polarity_of(work: NDArray[np.uint8], longest: int) -> Polarity:
    """`work` (h, w, channels) uint8 of a picture whose longer side was `longest` pixels."""
    grey = np.asarray(work.max(axis=2))
    _, split = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    light = split > 0
    frame = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]]).mean()
    if longest <= CUTTING_SIDE:
        is_dark = light.mean() + frame > 1
    elif max(frame, 1 - frame) > FRAMED and _separated(grey, light) > CLEAN:
        is_dark = frame > 0.5
    else:
        is_dark = _photo_is_dark(work)
    return Polarity.DARK_ON_LIGHT if is_dark else Polarity.LIGHT_ON_DARK


def _separated(grey: NDArray[np.uint8], light: NDArray[np.bool_]) -> float:
    """Otsu's measure (1979): the share of the variance that lies between the classes."""
    share = light.mean()
    if share in (0, 1):
        return 0.0
    apart = grey[light].mean() - grey[~light].mean()
    return float(share * (1 - share) * apart**2 / grey.var())


def _photo_is_dark(work: NDArray[np.uint8]) -> bool:
    """Ink is on the side of the ground, a median, where more contrast lies."""
    small = np.atleast_3d(reduced(work, GLANCE_SIDE))
    median = np.atleast_3d(cv2.medianBlur(small, int(min(small.shape[:2]) * WINDOW) | 1))
    darker = median.astype(np.float32) - small
    least = FAINT * float(np.percentile(np.abs(darker), 99.5))
    likely = np.clip((BRIGHT - float(np.median(median))) / (BRIGHT - DIM), 0, 1)
    dark, light = np.maximum(darker - least, 0).sum(), np.maximum(-darker - least, 0).sum()
    return bool(dark >= likely * light)
