"""The plainest PNGs, such as folders of MNIST hold, past all that Pillow does for the others."""

import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_START: Final = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_GREY: Final = b"\x08\0\0\0\0"  # 8 bits, grey, the only methods there are, not interlaced
_IDAT: Final = 33  # bytes before it: signature, IHDR
_END: Final = b"\0\0\0\0IEND\xaeB`\x82"


def quick_png(data: bytes, max_pixels: int) -> NDArray[np.uint8] | None:
    """The pixels (h, w) of an 8-bit grey PNG that holds a header, one IDAT, an end, no more.

    Pillow's own decoder makes them of the IDAT. None for any other file, and for any that has
    something wrong with it: what is wrong is then found out the long way.
    """
    end = _IDAT + 12 + int.from_bytes(data[_IDAT : _IDAT + 4])
    if (
        not data.startswith(_START)
        or data[24:29] != _GREY
        or data[_IDAT + 4 : _IDAT + 8] != b"IDAT"
        or data[end:] != _END
        or zlib.crc32(data[12 : _IDAT - 4]) != int.from_bytes(data[_IDAT - 4 : _IDAT])
        or zlib.crc32(data[_IDAT + 4 : end - 4]) != int.from_bytes(data[end - 4 : end])
    ):
        return None
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    if not 0 < width * height <= max_pixels:
        return None
    try:
        image = Image.frombytes("L", (width, height), data[_IDAT + 8 : end - 4], "zip", "L", 0)
    except (ValueError, OSError):
        return None
    return np.frombuffer(image.tobytes(), np.uint8).reshape(height, width)
