"""Encodes pictures as small `data:` URLs for the galleries of the HTML report."""

import base64
import io
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from batch_predict.records import PIXEL_MAX, ReadAs, Views
from batch_predict.report.numbers import percent

ORIGINAL_SIDE: Final = 160  # pixels, the longer side of a thumbnail: two for each CSS pixel
MAPS_SIDE: Final = 112  # pixels, the longer side of a thumbnail of the maps: one for each CSS pixel
SMALL_SIDE: Final = 64  # pixels; up to this a picture stays bit for bit
QUALITY: Final = 60  # of WebP; a thumbnail takes 1 to 4 kB
NOTABLE_NO_DIGIT: Final = 0.01  # probability; a lower one is not worth a line

Pictures = Callable[[str], Views | None]  # by path, as the CSV writes it; None where it is gone


#: of the ink of the digit that counts, other writing, and print, light on black
COLOURS: Final = np.array([[255, 255, 255], [240, 120, 40], [60, 120, 255]], np.float32)


class ReadingShown(NamedTuple):
    """A reading of a picture in doubt, for a page."""

    kind: str
    pixels: str  # a `data:` URL
    answer: tuple[str, ...]  # lines


class Thumbnails(NamedTuple):
    """`data:` URLs of a picture as it was found and as the networks saw it."""

    original: str
    maps: str | None
    prepared: str | None
    readings: tuple[ReadingShown, ...] = ()


def answer(reading: ReadAs) -> tuple[str, ...]:
    """What the judges took `reading` for, in lines of a few characters."""
    digit = f"{reading.label} at {percent(reading.confidence)}"
    if reading.no_digit < NOTABLE_NO_DIGIT:
        return (digit,)
    return digit, f"no digit {reading.no_digit:.0%}"


def coloured(maps: NDArray[np.uint8]) -> Image.Image:
    """`maps` (h, w, 3) of ink, other writing and print in white, orange and blue on black."""
    mixed = maps.astype(np.float32) / PIXEL_MAX @ COLOURS
    return Image.fromarray(np.clip(mixed, 0, PIXEL_MAX).astype(np.uint8))


def thumbnails(views: Views, side: int = ORIGINAL_SIDE) -> Thumbnails:
    """`views` scaled down, as `data:` URLs; `side` is the longer one of the original."""
    original = Image.fromarray(views.original)
    original.thumbnail((side, side))
    maps = None
    if views.maps is not None:
        shown = coloured(views.maps)
        shown.thumbnail((MAPS_SIDE, MAPS_SIDE))
        maps = _data_url(shown)
    prepared = None if views.prepared is None else _data_url(Image.fromarray(views.prepared))
    readings = tuple(
        ReadingShown(each.kind, _data_url(Image.fromarray(each.pixels)), answer(each))
        for each in views.readings
    )
    return Thumbnails(_data_url(original), maps, prepared, readings)


def _data_url(image: Image.Image) -> str:
    file = io.BytesIO()
    if max(image.size) <= SMALL_SIDE:
        image.save(file, "webp", lossless=True, quality=100)  # a quarter smaller than PNG
    else:
        image.save(file, "webp", quality=QUALITY)
    return f"data:image/webp;base64,{base64.b64encode(file.getvalue()).decode()}"
