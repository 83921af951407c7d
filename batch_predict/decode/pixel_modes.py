"""Converts any of Pillow's modes to 8-bit pixels that look as the picture should, grey or RGB."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from batch_predict.decode.transparency import composite
from batch_predict.opencv import cv2

_Pixels = NDArray[np.uint8]
_Numbers = NDArray[Any]  # integers or floats of any size

# Values that white may have, since a file may hold fewer bits than it has room for: 8 to 16 bits
WHITES: Final = (255, 1023, 4095, 16383, 65535)
SIGNED_WHITES: Final = (127, 255, 1023, 4095, 16383, 32767)  # of signed samples: 8 to 16 bits
_OVERSHOOT: Final = 1.25  # times white: resampling may make floats that much larger
_PHOTOMETRIC: Final = 262  # TIFF tag; 0: the smallest value is white
_BLOCK: Final = 1 << 20  # pixels
_STRIP: Final = 1 << 17  # pixels whose channels stay in the cache
_WITH_ALPHA: Final = {"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa"}


def to_grey_or_rgb(image: Image.Image) -> _Pixels:
    """The pixels of a loaded image, uint8: (h, w) where all are grey, else (h, w, 3) RGB.

    8-bit grey is left bit for bit. A transparent image is laid on black or white, whichever shows
    its strokes.
    """
    if image.mode in _WITH_ALPHA and image.has_transparency_data:
        # `convert` copies an image that has the mode already.
        return grey_if_grey(composite(image if image.mode == "RGBA" else image.convert("RGBA")))
    return _CONVERTERS.get(image.mode, _rgb)(image)


def to_8_bits(values: _Numbers, bits: int) -> _Pixels:
    """Samples of `bits` each, of any shape (h, w, ...), as levels of 0 to 255.

    White is the largest value that the samples may have. Where they have room for more than was
    measured (16 bits and over), it is the usual depth that fits; floats, and integers that are
    negative or of no usual depth, are stretched from their smallest value to their largest.
    """
    if values.dtype.kind == "f":
        return _levels_of_floats(values)
    if values.dtype.kind == "u" and bits < WHITES[-1].bit_length():
        return _levels(values, (1 << bits) - 1)
    return _levels_of_integers(values, bits)


def _rgb(image: Image.Image) -> _Pixels:
    return grey_if_grey(np.asarray(image if image.mode == "RGB" else image.convert("RGB")))


def _cmyk(image: Image.Image) -> _Pixels:
    """Undo Pillow's inversion of a CMYK JPEG that is not Adobe's: it takes all for Adobe's."""
    if image.format == "JPEG" and "adobe" not in image.info:
        image = ImageChops.invert(image)
    return _rgb(image)


def grey_if_grey(rgb: _Pixels) -> _Pixels:
    """(h, w) where the three channels agree everywhere, else `rgb`."""
    step = 1 + _STRIP // rgb.shape[1]
    strips = (rgb[top : top + step] for top in range(0, len(rgb), step))
    if all(map(_is_grey, (rgb[::16, ::16], *strips))):  # few pixels first: enough for most photos
        return np.ascontiguousarray(rgb[..., 0])
    return rgb


def _is_grey(rgb: _Pixels) -> bool:
    red, green, blue = cv2.split(rgb)
    return np.array_equal(red, green) and np.array_equal(red, blue)


def _integers(image: Image.Image) -> _Pixels:
    return _photometric(image, _levels_of_integers(np.asarray(image), 32))


def _floats(image: Image.Image) -> _Pixels:
    return _photometric(image, _levels_of_floats(np.asarray(image)))


def _levels_of_integers(values: _Numbers, bits: int) -> _Pixels:
    low, high = int(values.min()), int(values.max())
    if low < 0:
        return _rescale(values, low, high)
    whites = WHITES if values.dtype.kind == "u" or bits > 16 else SIGNED_WHITES
    if high <= whites[-1]:
        return _levels(values, next(white for white in whites if high <= white))
    white = (1 << bits) - 1
    if values.dtype.kind == "u" and (bits == 24 or high > white // 2):
        return _rescale(values, 0, white)
    return _rescale(values, low, high)


def _levels(values: _Numbers, white: int) -> _Pixels:
    """Map 0 to 0 and `white`, which no value exceeds, to 255."""
    levels = (np.arange(white + 1) * 255 + white // 2) // white
    pixels: _Pixels = levels.astype(np.uint8)[values]
    return pixels


def _levels_of_floats(values: _Numbers) -> _Pixels:
    finite = np.isfinite(values)
    if not finite.any():
        return np.zeros(values.shape, np.uint8)
    low = float(values.min(where=finite, initial=np.inf))
    high = float(values.max(where=finite, initial=-np.inf))
    background = low
    if not finite.all():  # NaN becomes the median, which is the background: most of a picture
        with np.errstate(over="ignore"):  # of the mean of the two in the middle
            background = float(np.median(values[finite]))
    whites = [white for white in (1, *WHITES) if high <= white * _OVERSHOOT]
    if low >= 0 and whites:
        low, high = 0, whites[0]
    return _rescale(values, low, high, background)


def _rescale(values: _Numbers, low: float, high: float, background: float = 0) -> _Pixels:
    """Map `low` to 0 and `high` to 255, clip what lies outside, take `background` for NaN.

    It works on some rows at a time: 64-bit floats of all would be eight times the picture's size.
    All is halved, because two floats may be further apart than the largest float.
    """
    half_span = (high / 2 - low / 2) or 1.0
    pixels = np.empty(values.shape, np.uint8)
    step = 1 + _BLOCK // values.shape[1]
    for top in range(0, len(values), step):
        part = np.nan_to_num(values[top : top + step].astype(np.float64), nan=background)
        pixels[top : top + step] = np.rint(np.clip((part / 2 - low / 2) / half_span, 0, 1) * 255)
    return pixels


def _photometric(image: Image.Image, pixels: _Pixels) -> _Pixels:
    """Invert MinIsWhite data of over 8 bits; Pillow inverts those of 8 bits and fewer itself."""
    tags = getattr(image, "tag_v2", {})
    return np.invert(pixels) if tags.get(_PHOTOMETRIC) == 0 else pixels


_CONVERTERS: Final[dict[str, Callable[[Image.Image], _Pixels]]] = {
    "L": np.asarray,
    "1": lambda image: np.asarray(image.convert("L")),
    "CMYK": _cmyk,
    "I": _integers,
    "I;16": _integers,
    "I;16B": _integers,
    "I;16L": _integers,
    "F": _floats,
}
