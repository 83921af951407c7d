"""Turns or mirrors a picture as the orientation in its EXIF data says."""

import struct
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

_Pixels = NDArray[np.uint8]

# EXIF orientation -> what makes it upright (CIPA DC-008); 1 and unknown values are left alone.
TRANSFORMS: Final[dict[Any, Callable[[_Pixels], _Pixels]]] = {
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.swapaxes(0, 1),
    6: lambda p: np.rot90(p, -1),
    7: lambda p: np.rot90(p, 2).swapaxes(0, 1),
    8: np.rot90,
}
_SOURCES: Final = {"exif", "Raw profile type exif", "xmp", "XML:com.adobe.xmp"}


def apply_orientation(image: Image.Image, pixels: _Pixels) -> _Pixels:
    """`pixels` of `image`, upright.

    Those of a TIFF are left alone: Pillow has turned them already.
    """
    if image.info.keys().isdisjoint(_SOURCES) or image.format == "TIFF":
        return pixels
    transform = TRANSFORMS.get(_orientation(image))
    return pixels if transform is None else np.ascontiguousarray(transform(pixels))


def _orientation(image: Image.Image) -> Any:
    try:
        return image.getexif().get(ExifTags.Base.Orientation)
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, struct.error):
        return None  # damaged metadata is no reason to refuse a picture
