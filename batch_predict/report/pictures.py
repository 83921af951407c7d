"""Pictures for the galleries, small enough to travel inside the page."""

import base64
import io
from collections.abc import Callable
from typing import Final, NamedTuple

from PIL import Image

from batch_predict.records import Pair

ORIGINAL_SIDE: Final = 160  # pixels, the longer side of a thumbnail: two per CSS pixel
SMALL_SIDE: Final = 64  # pixels; up to this a picture stays bit for bit
QUALITY: Final = 60  # of WebP; a thumbnail takes 1 to 4 kB


Pictures = Callable[[str], Pair | None]  # by path, as the CSV writes it; None where it is gone


class Thumbnails(NamedTuple):
    """`data:` addresses."""

    original: str
    prepared: str | None


def thumbnails(pair: Pair) -> Thumbnails:
    """`pair` small, as `data:` addresses."""
    original = Image.fromarray(pair.original)
    original.thumbnail((ORIGINAL_SIDE, ORIGINAL_SIDE))
    prepared = None if pair.prepared is None else _data(Image.fromarray(pair.prepared))
    return Thumbnails(_data(original), prepared)


def _data(image: Image.Image) -> str:
    file = io.BytesIO()
    form = "png" if max(image.size) <= SMALL_SIDE else "webp"
    image.save(file, form, optimize=True, quality=QUALITY)
    return f"data:image/{form};base64,{base64.b64encode(file.getvalue()).decode()}"
