"""Turns or mirrors a picture as the orientation in its EXIF data says."""

import struct
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from batch_predict.opencv import cv2

_Pixels = NDArray[np.uint8]

# EXIF orientation -> what makes it upright (CIPA DC-008); 1 and unknown values are left alone.
# By OpenCV: NumPy takes ten times as long to copy what it has turned.
TRANSFORMS: Final[dict[Any, Callable[[_Pixels], Any]]] = {
    2: lambda p: cv2.flip(p, 1),
    3: lambda p: cv2.rotate(p, cv2.ROTATE_180),
    4: lambda p: cv2.flip(p, 0),
    5: cv2.transpose,
    6: lambda p: cv2.rotate(p, cv2.ROTATE_90_CLOCKWISE),
    7: lambda p: cv2.rotate(cv2.transpose(p), cv2.ROTATE_180),
    8: lambda p: cv2.rotate(p, cv2.ROTATE_90_COUNTERCLOCKWISE),
}
_SOURCES: Final = {"exif", "Raw profile type exif", "xmp", "XML:com.adobe.xmp"}


def apply_orientation(image: Image.Image, pixels: _Pixels) -> _Pixels:
    """`pixels` of `image`, upright.

    Those of a TIFF are left alone: Pillow has turned them already.
    """
    if image.info.keys().isdisjoint(_SOURCES) or image.format == "TIFF":
        return pixels
    transform = TRANSFORMS.get(_orientation(image))
    return pixels if transform is None else np.asarray(transform(pixels), np.uint8)


def _orientation(image: Image.Image) -> Any:
    try:
        return image.getexif().get(ExifTags.Base.Orientation)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, struct.error):
        return None  # damaged metadata is no reason to refuse a picture
