"""The pixels of plain PNGs of any size, without Pillow's decoder."""

from itertools import dropwhile
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from batch_predict.decode.kornia_png import GREY, RGB, decode_png
from batch_predict.decode.pixel_modes import grey_if_grey
from batch_predict.decode.png import chunk_types

# What a header says behind the size, of 8 bits a sample and not interlaced -> the decoder's word
_PLAIN: Final = {b"\x08\0\0\0\0": GREY, b"\x08\2\0\0\0": RGB}


def png_pixels(data: bytes, image: Image.Image) -> NDArray[np.uint8] | None:
    """(h, w) or (h, w, 3) of the PNG `data`, grey or RGB, which Pillow has opened as `image`.

    None where Pillow is to decode it: what has another depth, is transparent or animated, says
    something about itself behind its pixels, or is damaged, for Pillow finds out how. A stream
    whose own checksum is wrong is no damage, as its chunks have theirs.
    """
    colours = _PLAIN.get(data[24:29])
    types = list(chunk_types(data))
    from_pixels_on = dropwhile(lambda kind: kind != b"IDAT", types)
    if (
        colours is None
        or "transparency" in image.info
        or b"acTL" in types
        or {*from_pixels_on} != {b"IDAT", b"IEND"}
    ):
        return None
    try:
        pixels = decode_png(data, image.height, image.width, colours)
    except (MemoryError, ValueError):
        return None
    return pixels[..., 0] if colours == GREY else grey_if_grey(pixels)
