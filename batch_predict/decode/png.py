"""Checks a PNG's chunks: frames, checksums, the end, that all pixels are there; skips metadata."""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from PIL import Image

from batch_predict.decode.containers import Structure
from batch_predict.decode.decode_error import DecodeError
from batch_predict.records import Code

METADATA_MAX: Final = 1 << 20  # bytes that a metadata chunk may unpack to, as in Pillow
METADATA_TOTAL_MAX: Final = 16 << 20  # bytes, all such chunks of a file together
_METADATA: Final = frozenset({b"tEXt", b"zTXt", b"iTXt", b"iCCP"})
_STEP: Final = 1 << 14  # bytes inflated at a time: to 16 MiB at most
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_ALL: Final = ((0, 0, 1, 1),)  # a pass over all pixels: its first column and row, its steps
_ADAM7: Final = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)


def inspect(data: bytes) -> Structure:
    """Counts the pictures of an animation; complete if the chunks end in IEND.

    Raises DecodeError for a wrong checksum, or Apple's own form of PNG.
    """
    animated, frames, first_is_frame = False, 0, False
    complete = False
    for chunk_type, _ in _chunks(data.rstrip(b"\0")):
        if chunk_type == b"CgBI":
            raise DecodeError(Code.UNSUPPORTED, "a PNG as iPhone programs hold it (CgBI)")
        if chunk_type == b"IEND":
            complete = True
            break
        animated |= chunk_type == b"acTL"
        frames += chunk_type == b"fcTL"
        first_is_frame |= chunk_type == b"IDAT" and frames == 1
    # A picture before the animation, for those who don't play it, is one more.
    return Structure(max(1, frames + (not first_is_frame)) if animated else 1, complete)


def without_large_metadata(data: bytes) -> bytes:
    """`data` without the metadata that unpack to so much that Pillow would refuse the picture."""
    if _METADATA.isdisjoint(chunk_types(data)):
        return data
    kept, unpacked, offset = [data[:8]], 0, 8
    for chunk_type, body in _chunks(data):
        end = offset + 12 + len(body)
        size = _unpacked_size(chunk_type, body) if chunk_type in _METADATA else 0
        if size <= METADATA_MAX and unpacked + size <= METADATA_TOTAL_MAX:
            unpacked += size
            kept.append(data[offset:end])
        offset = end
    return b"".join([*kept, data[offset:]])


def check(data: bytes, image: Image.Image) -> None:
    """Raises DecodeError for a loaded image whose compressed stream ends before the last pixel.

    Pillow leaves missing pixels black, so a last row that is not all black came from the file. Only
    where it is black is the stream inflated once more to count its bytes.
    """
    last = image.crop((0, image.height - 1, *image.size))
    if "interlace" in image.info or not last.getbbox(alpha_only=False):
        stream, missing = zlib.decompressobj(), _image_data_size(data)
        for piece in _image_data(data):
            missing -= len(stream.decompress(piece, missing))
            if stream.eof or not missing:
                break
        if stream.eof and missing:
            raise DecodeError(Code.TRUNCATED, "cut short, with pixel rows missing")


def _image_data_size(data: bytes) -> int:
    """Bytes of the inflated image data: each row is one byte for its filter and its pixels."""
    width, height, depth, colour, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
    total = 0
    for x, y, dx, dy in _ADAM7 if interlaced else _ALL:
        columns, rows = len(range(x, width, dx)), len(range(y, height, dy))
        if columns:
            total += rows * (1 + (columns * depth * _CHANNELS[colour] + 7) // 8)
    return total


def _image_data(data: bytes) -> Iterator[memoryview]:
    for chunk_type, body in _chunks(data):
        if chunk_type == b"IDAT":
            for offset in range(0, len(body), _STEP):
                yield body[offset : offset + _STEP]


def chunk_types(data: bytes) -> Iterator[bytes]:
    """The type of each chunk, whatever it holds."""
    offset = 8
    while offset + 12 <= len(data):
        length, chunk_type = struct.unpack_from(">I4s", data, offset)
        yield chunk_type
        offset += 12 + length


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    view, offset = memoryview(data), 8
    while offset + 12 <= len(data):
        length, chunk_type = struct.unpack_from(">I4s", data, offset)
        end = offset + 12 + length
        if end > len(data):
            return
        if zlib.crc32(view[offset + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]:
            raise DecodeError(Code.CORRUPT, "a checksum in it is wrong")
        yield chunk_type, view[offset + 8 : end - 4]
        offset = end


def _unpacked_size(chunk_type: bytes, body: memoryview) -> int:
    """Bytes of what a metadata chunk holds; of no use beyond METADATA_MAX + 1."""
    if chunk_type == b"tEXt" or len(body) > METADATA_MAX:
        return len(body)
    _, _, rest = bytes(body).partition(b"\0")
    if chunk_type == b"iTXt":
        compressed, rest = rest[:1] == b"\1", rest[2:]
        rest = rest.split(b"\0", 2)[-1]
        if not compressed:
            return len(rest)
    else:
        rest = rest[1:]  # the compression method
    try:
        return len(zlib.decompressobj().decompress(rest, METADATA_MAX + 1))
    except zlib.error:
        return 0  # unreadable metadata is no reason to refuse a picture
