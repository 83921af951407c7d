"""The mark's ink, its levels and its stroke width made like MNIST's."""

import cv2
import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.contrast import Contrast
from batch_predict.normalize.marks import Mark

FULL = 0.7  # of the ink's 90th percentile: from here on a stroke is fully inked
MARGIN = 2  # working pixels around the mask that keep the stroke's soft edge


def inked(contrast: Contrast, mark: Mark) -> NDArray[np.float32]:
    """The mark alone, (h, w) float32 in [0, 1], cut to its box."""
    near = cv2.dilate(mark.mask, np.ones((2 * MARGIN + 1,) * 2, np.uint8))
    full = FULL * float(np.percentile(contrast.level[mark.mask > 0], 90))
    ink = np.clip(contrast.level / full, 0, 1) * near
    left, top, width, height = cv2.boundingRect((ink > 0.25).astype(np.uint8))
    return np.asarray(ink[top : top + height, left : left + width], np.float32)
