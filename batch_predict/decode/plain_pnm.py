"""PGM and PPM in figures, read by NumPy: Pillow reads them in Python, a second a megapixel."""

import re
from typing import Final

import numpy as np

SIZE_MAX: Final = 64 << 20  # bytes: the figures of more would fill memory
_COMMENT: Final = re.compile(rb"#[^\r\n]*")
_HEADER: Final = re.compile(rb"P([23])\s+(\d{1,9})\s+(\d{1,9})\s+(\d{1,5})\s")  # sides, white
_BANDS: Final = {b"2": 1, b"3": 3}
_FIGURES: Final = b"0123456789 \t\r\n\v\f"


def to_binary(data: bytes, max_pixels: int) -> bytes:
    """A plain PGM or PPM (P2, P3) as the binary kind (P5, P6) of the same pixels.

    Anything else, also what is damaged or has more than `max_pixels`, comes back as it is. The
    formats are those of netpbm's manual pages pgm(5) and ppm(5).
    """
    if len(data) > SIZE_MAX:
        return data
    bare = _COMMENT.sub(b"", data)
    header = _HEADER.match(bare)
    if header is None:
        return data
    width, height, white = (int(header[group]) for group in (2, 3, 4))
    figures = bare[header.end() :]
    if width * height > max_pixels or figures.translate(None, _FIGURES):
        return data
    values = np.fromstring(figures, np.int32, sep=" ")[: width * height * _BANDS[header[1]]]
    if values.size == 0 or values.min() < 0 or values.max() > white:
        return data
    kind = b"5" if header[1] == b"2" else b"6"
    dtype = ">u2" if white > 0xFF else "u1"
    return b"P%s %d %d %d\n" % (kind, width, height, white) + values.astype(dtype).tobytes()
