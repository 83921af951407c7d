"""Encodes pictures as small `data:` URLs for the galleries of the HTML report."""

import base64
import io
from collections.abc import Callable
from typing import Final, NamedTuple

from PIL import Image

from batch_predict.records import Pair

ORIGINAL_SIDE: Final = 160  # pixels, the longer side of a thumbnail: two for each CSS pixel
SMALL_SIDE: Final = 64  # pixels; up to this a picture stays bit for bit
QUALITY: Final = 60  # of WebP; a thumbnail takes 1 to 4 kB

Pictures = Callable[[str], Pair | None]  # by path, as the CSV writes it; None where it is gone


class Thumbnails(NamedTuple):
    """`data:` URLs of a picture as it was found and as the model saw it."""

    original: str
    prepared: str | None


def thumbnails(pair: Pair) -> Thumbnails:
    """`pair` scaled down, as `data:` URLs."""
    original = Image.fromarray(pair.original)
    original.thumbnail((ORIGINAL_SIDE, ORIGINAL_SIDE))
    prepared = None if pair.prepared is None else _data_url(Image.fromarray(pair.prepared))
    return Thumbnails(_data_url(original), prepared)


def _data_url(image: Image.Image) -> str:
    file = io.BytesIO()
    image_format = "png" if max(image.size) <= SMALL_SIDE else "webp"
    image.save(file, image_format, optimize=True, quality=QUALITY)
    return f"data:image/{image_format};base64,{base64.b64encode(file.getvalue()).decode()}"
