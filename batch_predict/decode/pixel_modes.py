"""Any of Pillow's modes -> 8-bit pixels that a person would recognise, grey or RGB."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from batch_predict.decode.transparency import on_contrast

_Pixels = NDArray[np.uint8]

# What white may be in data deeper than its file says: 8, 10, 12, 14, 16 bits.
DEPTHS: Final = (255, 1023, 4095, 16383, 65535)
_OVERSHOOT: Final = 1.25  # floats that were resampled pass their white by so much
_PHOTOMETRIC: Final = 262  # TIFF tag; 0: the smallest value is white
_BLOCK: Final = 1 << 20  # pixels
_WITH_ALPHA: Final = {"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa"}


def flatten(image: Image.Image) -> _Pixels:
    """The pixels of a loaded image: (h, w) where all is grey, else (h, w, 3) RGB.

    8-bit grey is left bit for bit; what is transparent is laid on what shows the strokes.
    """
    if image.mode in _WITH_ALPHA and image.has_transparency_data:
        # Pillow copies what has the mode already.
        return _grey_if_grey(on_contrast(image if image.mode == "RGBA" else image.convert("RGBA")))
    return _READERS.get(image.mode, _colour)(image)


def _colour(image: Image.Image) -> _Pixels:
    return _grey_if_grey(np.asarray(image if image.mode == "RGB" else image.convert("RGB")))


def _ink(image: Image.Image) -> _Pixels:
    """Pillow takes every CMYK JPEG for Adobe's, which are inverted; the others are not."""
    if image.format == "JPEG" and "adobe" not in image.info:
        image = ImageChops.invert(image)
    return _colour(image)


def _grey_if_grey(rgb: _Pixels) -> _Pixels:
    """One channel where all three agree: grey stored as colour is grey."""
    for step in (16, 1):  # a sparse look first: photos are seldom grey
        part = rgb[::step, ::step]
        if not (part[..., :1] == part[..., 1:]).all():
            return rgb
    return np.ascontiguousarray(rgb[..., 0])


def _integers(image: Image.Image) -> _Pixels:
    values = np.asarray(image)
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > DEPTHS[-1]:
        return _polarity(image, _stretch(values, low, high))
    white = next(depth for depth in DEPTHS if high <= depth)
    levels = (np.arange(white + 1) * 255 + white // 2) // white
    return _polarity(image, levels.astype(np.uint8)[values])


def _floats(image: Image.Image) -> _Pixels:
    values = np.asarray(image)
    finite = np.isfinite(values)
    if not finite.any():
        return np.zeros(values.shape, np.uint8)
    low = float(values.min(where=finite, initial=np.inf))
    high = float(values.max(where=finite, initial=-np.inf))
    # What is not a number becomes ground, of which there is most, so that it shows least.
    ground = low if finite.all() else float(np.median(values[finite]))
    whites = [white for white in (1, *DEPTHS) if high <= white * _OVERSHOOT]
    if low >= 0 and whites:
        low, high = 0, whites[0]
    return _polarity(image, _stretch(values, low, high, ground))


def _stretch(
    values: NDArray[np.integer | np.floating], low: float, high: float, ground: float = 0
) -> _Pixels:
    """`low` -> 0, `high` -> 255, what lies outside is clipped, NaN -> as `ground`.

    Some rows at a time: 64-bit floats of a whole picture would be eight times its size.
    """
    span = (high - low) or 1.0
    pixels = np.empty(values.shape, np.uint8)
    step = 1 + _BLOCK // values.shape[1]
    for top in range(0, len(values), step):
        part = np.nan_to_num(values[top : top + step].astype(np.float64), nan=ground)
        pixels[top : top + step] = np.rint(np.clip((part - low) / span, 0, 1) * 255)
    return pixels


def _polarity(image: Image.Image, pixels: _Pixels) -> _Pixels:
    """Pillow turns MinIsWhite round for 8 bits and fewer, not for more."""
    tags = getattr(image, "tag_v2", {})
    return np.invert(pixels) if tags.get(_PHOTOMETRIC) == 0 else pixels


_READERS: Final[dict[str, Callable[[Image.Image], _Pixels]]] = {
    "L": np.asarray,
    "1": lambda image: np.asarray(image.convert("L")),
    "CMYK": _ink,
    "I": _integers,
    "I;16": _integers,
    "I;16B": _integers,
    "I;16L": _integers,
    "F": _floats,
}
