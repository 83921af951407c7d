"""The pixels of plain PNGs by kornia-rs: a third of Pillow's time, and a third of its memory."""

from itertools import dropwhile
from typing import Final

import numpy as np
from kornia_rs.io import decode_image_png_u8
from numpy.typing import NDArray
from PIL import Image

from batch_predict.decode.memory import has_room
from batch_predict.decode.pixel_modes import grey_if_grey
from batch_predict.decode.png import chunk_types

# What a header says behind the size, of 8 bits a sample and not interlaced -> the decoder's word
_PLAIN: Final = {b"\x08\0\0\0\0": "mono", b"\x08\2\0\0\0": "rgb"}


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
        or not has_room(image.width * image.height)  # it hangs where it gets no memory
    ):
        return None
    try:
        pixels = decode_image_png_u8(data, (image.height, image.width), colours)
    except Exception:  # it raises no narrower one
        return None
    return pixels[..., 0] if colours == "mono" else grey_if_grey(pixels)
