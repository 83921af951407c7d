"""A file's bytes -> upright 8-bit pixels, or a Failure."""

import io

import numpy as np
from PIL import Image, UnidentifiedImageError

from batch_predict.records import Code, Failure, ImageRef, Picture, Reason


def decode(ref: ImageRef, data: bytes, max_pixels: int) -> Picture | Failure:
    """`data`, a picture file's content, as pixels (h, w) uint8 grey."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > max_pixels:
                return Failure(ref, Reason(Code.TOO_LARGE, f"over {max_pixels} pixels"))
            return Picture(ref, np.asarray(image.convert("L")))
    except UnidentifiedImageError:
        return Failure(ref, Reason(Code.NOT_AN_IMAGE, "no picture format that is known"))
    except (OSError, SyntaxError, ValueError):
        return Failure(ref, Reason(Code.CORRUPT, "the picture data can't be read"))
