"""Squares the pixels of a picture that was scanned with more dots one way than the other."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from batch_predict.opencv import cv2

_Pixels = NDArray[np.uint8]

# Fax: 204 x 98, 204 x 391 and 408 x 98 dots per inch. More than that is a slip in the metadata.
RATIO_MAX: Final = 4.2
# Below that a digit looks the same: 204 x 196, the finer fax, is left as it is.
RATIO_MIN: Final = 1.1
_LARGE: Final = 1 << 20  # pixels: a larger picture has detail to spare and is reduced, not enlarged
# Where Pillow keeps the dots per unit, or their ratio, of the columns and rows; TIFF's first.
_SOURCES: Final = ("density", "dpi", "aspect", "jfif_density")


def square_pixels(image: Image.Image, pixels: _Pixels) -> _Pixels:
    """`pixels` of `image`, with as many dots per inch in its columns as in its rows."""
    ratio = _dots_ratio(image)
    if ratio is None or not RATIO_MIN < max(ratio, 1 / ratio) < RATIO_MAX:
        return pixels
    height, width = pixels.shape[:2]
    if (height * width < _LARGE) == (ratio > 1):
        height = max(1, round(height * ratio))
    else:
        width = max(1, round(width / ratio))
    shrinks = height * width < pixels.shape[0] * pixels.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=method), np.uint8)


def _dots_ratio(image: Image.Image) -> float | None:
    """Dots per unit along a row, divided by those along a column; None where it isn't known."""
    for source in _SOURCES:
        dots: Any = image.info.get(source)
        if isinstance(dots, tuple) and len(dots) == 2:
            try:
                across, down = float(dots[0]), float(dots[1])
            except (TypeError, ValueError, ZeroDivisionError, OverflowError):
                return None
            return across / down if 0 < across < np.inf and 0 < down < np.inf else None
    return None
