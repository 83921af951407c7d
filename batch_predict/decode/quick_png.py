"""A short way for small, plain PNGs: the long one takes longer to check them than to decode."""

import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.decode.kornia_png import GREY, PNG_SIGNATURE, decode_png

_START: Final = PNG_SIGNATURE + b"\0\0\0\rIHDR"
_KIND: Final = b"\x08\0\0\0\0"  # 8 bits, grey, the only methods there are, not interlaced
_IDAT: Final = 33  # bytes before it: signature, IHDR
# A larger one goes the general way: what that checks costs less than what its decoder saves.
_PIXELS_MAX: Final = 1 << 16
_END: Final = b"\0\0\0\0IEND\xaeB`\x82"


def quick_png(data: bytes, max_pixels: int) -> NDArray[np.uint8] | None:
    """The pixels (h, w) of a small 8-bit grey PNG that consists of a header, one IDAT and an end.

    None for any other file and for a damaged one: `decode` then takes the long way, which finds
    out what is wrong.
    """
    end = _IDAT + 12 + int.from_bytes(data[_IDAT : _IDAT + 4])
    if (
        not data.startswith(_START)
        or data[24:29] != _KIND
        or data[_IDAT + 4 : _IDAT + 8] != b"IDAT"
        or data[end:] != _END
        or zlib.crc32(data[12 : _IDAT - 4]) != int.from_bytes(data[_IDAT - 4 : _IDAT])
        or zlib.crc32(data[_IDAT + 4 : end - 4]) != int.from_bytes(data[end - 4 : end])
    ):
        return None
    width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    if not 0 < width * height <= min(max_pixels, _PIXELS_MAX):
        return None
    try:
        return decode_png(data, height, width, GREY)[..., 0]
    except (MemoryError, ValueError):
        return None
