"""What a PNG's chunks say: frames, checksums, size of metadata, an end, and all of the pixels."""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from PIL import Image

from batch_predict.decode.containers import Contents
from batch_predict.decode.refusal import RefusedError
from batch_predict.records import Code

METADATA_MAX: Final = 1 << 20  # bytes that one compressed metadata chunk may unpack to: Pillow's
METADATA_TOTAL_MAX: Final = 16 << 20  # bytes, all such chunks of a file together
_STEP: Final = 1 << 14  # bytes of pixels inflated at a time: to 16 MiB at most
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_ALL: Final = ((0, 0, 1, 1),)  # a pass over all pixels: its first column and row, its steps
_ADAM7: Final = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)


def inspect(data: bytes) -> Contents:
    """Walk the chunks up to IEND: checksums, unpacked size of metadata, frames by `acTL`."""
    frames, unpacked = 1, 0
    for kind, body in _chunks(data.rstrip(b"\0")):
        if kind == b"IEND":
            return Contents(frames, whole=True)
        if kind == b"acTL" and len(body) == 8:
            frames = max(1, struct.unpack_from(">I", body)[0])
        elif kind in (b"zTXt", b"iTXt", b"iCCP"):
            unpacked += _unpacked_size(kind, body)
            if unpacked > METADATA_TOTAL_MAX:
                raise RefusedError(Code.TOO_LARGE, "its metadata unpacks to too many bytes")
    return Contents(frames, whole=False)


def check(data: bytes, image: Image.Image) -> None:
    """Refuse a loaded image whose stream of pixels ends, in good order, before they are all there.

    Pillow leaves black what is missing: a last row with anything in it came from the file. Else
    the stream is inflated once more.
    """
    last = image.crop((0, image.height - 1, *image.size))
    if "interlace" in image.info or not last.getbbox(alpha_only=False):
        stream, missing = zlib.decompressobj(), _size(data)
        for piece in _pieces(data):
            missing -= len(stream.decompress(piece, missing))
            if stream.eof or not missing:
                break
        if stream.eof and missing:
            raise RefusedError(Code.TRUNCATED, "cut short, with pixel rows missing")


def _size(data: bytes) -> int:
    """How many bytes the pixels are, inflated: by row a byte for the filter, then its pixels."""
    width, height, depth, colour, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    total = 0
    for x, y, dx, dy in _ADAM7 if interlaced else _ALL:
        columns, rows = len(range(x, width, dx)), len(range(y, height, dy))
        if columns:
            total += rows * (1 + (columns * depth * _CHANNELS[colour] + 7) // 8)
    return total


def _pieces(data: bytes) -> Iterator[memoryview]:
    for kind, body in _chunks(data):
        if kind == b"IDAT":
            for at in range(0, len(body), _STEP):
                yield body[at : at + _STEP]


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    view, at = memoryview(data), 8
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            return
        if zlib.crc32(view[at + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]:
            raise RefusedError(Code.CORRUPT, "a checksum in it is wrong")
        yield kind, view[at + 8 : end - 4]
        at = end


def _unpacked_size(kind: bytes, body: memoryview) -> int:
    _, _, rest = bytes(body).partition(b"\0")
    if kind == b"iTXt":
        compressed, rest = rest[:1] == b"\1", rest[2:]
        rest = rest.split(b"\0", 2)[-1]
        if not compressed:
            return len(rest)
    else:
        rest = rest[1:]  # the compression method
    unpacker = zlib.decompressobj()
    try:
        size = len(unpacker.decompress(rest, METADATA_MAX))
    except zlib.error:
        return 0  # unreadable metadata is no reason to refuse a picture
    if unpacker.unconsumed_tail:
        raise RefusedError(Code.TOO_LARGE, "its metadata unpacks to too many bytes")
    return size
