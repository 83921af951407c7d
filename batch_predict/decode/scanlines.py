"""Files of MNIST's size, decoded many at a time: to set up a decoder takes as long as a small file.

A PNG's scanlines, inflated, are a filter byte and 28 pixels each. Those of many files are joined
to one tall picture, which is decoded in one call. A row of zeros before each picture, which a PNG
is to be decoded as if it had, keeps its filters from its neighbour. A binary PGM has its pixels as
they are.
"""

import zlib
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from batch_predict.decode.kornia_png import GREY, PNG_SIGNATURE, decode_png
from batch_predict.records import SIDE

#: the inflated image data of a PNG: SIDE rows of a filter and SIDE pixels each; a PGM's pixels
Scanlines: TypeAlias = bytes

_WIDTH: Final = 1 + SIDE  # bytes of a scanline
_SIZE: Final = SIDE * _WIDTH  # bytes of a file's scanlines
_ABOVE: Final = bytes(_WIDTH)  # a row of zeros
_FILTERS: Final = bytes(range(5))  # all that there are
# Bytes of a file that is not compressed at all, and some: so small a one unpacks to a MiB at most.
_FILE_MAX: Final = 1024
# Files: half a MiB that is had and given back each time takes as long as the decoding.
_AT_A_TIME: Final = 128
#: of a PGM of 8 bits, as what writes them does it
_PGM_STARTS: Final = (b"P5\n28 28\n255\n", b"P5 28 28 255\n")
_PGM_START: Final = len(_PGM_STARTS[0])  # bytes
_PGM_SIZE: Final = _PGM_START + SIDE * SIDE


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(body, zlib.crc32(kind))
    return b"%b%b%b%b" % (len(body).to_bytes(4), kind, body, checksum.to_bytes(4))


def _start(height: int) -> bytes:
    """Up to the image data, of a PNG of 8 bits, grey, not interlaced."""
    sizes = SIDE.to_bytes(4) + height.to_bytes(4)
    return PNG_SIGNATURE + _chunk(b"IHDR", sizes + b"\x08\0\0\0\0")


_START: Final = _start(SIDE)
_END: Final = _chunk(b"IEND", b"")
_DATA: Final = slice(len(_START) + 8, -len(_END) - 4)  # of a file: the compressed image data
_CHECKED: Final = slice(len(_START) + 4, -len(_END) - 4)  # what the checksum is of
_CHECKSUM: Final = slice(-len(_END) - 4, -len(_END))
_LENGTH_AND_KIND: Final = slice(len(_START), len(_START) + 8)
_AROUND: Final = len(_START) + 12 + len(_END)  # bytes of a file that are not image data


def scanlines(data: bytes) -> Scanlines | None:
    """The scanlines of an 8-bit grey PNG (28, 28): a header, one IDAT and an end, all of it sound.

    The pixels of such a PGM; None for any other file: `decode` finds out what it is.
    """
    if len(data) == _PGM_SIZE and data.startswith(_PGM_STARTS):
        return data[_PGM_START:]
    if (
        not data.startswith(_START)
        or not _AROUND < len(data) <= _FILE_MAX
        or not data.endswith(_END)
        or data[_LENGTH_AND_KIND] != (len(data) - _AROUND).to_bytes(4) + b"IDAT"
        or zlib.crc32(data[_CHECKED]).to_bytes(4) != data[_CHECKSUM]
    ):
        return None
    try:
        rows = zlib.decompress(data[_DATA])
    except (zlib.error, MemoryError):
        return None
    is_whole = len(rows) == _SIZE and not rows[::_WIDTH].strip(_FILTERS)
    return rows if is_whole else None


def pixels_of(files: Sequence[Scanlines]) -> NDArray[np.uint8]:
    """The pixels (n, 28, 28) of `files`, bit for bit as other decoders have them.

    Raises:
        MemoryError: there is too little of it.
    """
    pixels = np.empty((len(files), SIDE, SIDE), np.uint8)
    is_png = np.fromiter(map(len, files), np.intp, len(files)) == _SIZE
    pngs, pgms = np.flatnonzero(is_png).tolist(), np.flatnonzero(~is_png).tolist()
    for first in range(0, len(pngs), _AT_A_TIME):
        part = pngs[first : first + _AT_A_TIME]
        pixels[part] = _decoded([files[place] for place in part])
    raw = np.frombuffer(b"".join([files[place] for place in pgms]), np.uint8)
    pixels[pgms] = raw.reshape(-1, SIDE, SIDE)
    return pixels


def _decoded(files: Sequence[Scanlines]) -> NDArray[np.uint8]:
    image_data = zlib.compress(_ABOVE.join([b"", *files]), 0)
    joined = _start(len(files) * _WIDTH) + _chunk(b"IDAT", image_data) + _END
    tall = decode_png(joined, len(files) * _WIDTH, SIDE, GREY)
    return tall.reshape(-1, _WIDTH, SIDE)[:, 1:]
