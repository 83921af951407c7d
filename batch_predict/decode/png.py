"""What a PNG's chunks say: frames, checksums that hold, metadata of a sane size, an end or none."""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from batch_predict.decode.containers import Contents
from batch_predict.decode.refusal import RefusedError
from batch_predict.records import Code

METADATA_MAX: Final = 1 << 20  # bytes that one compressed metadata chunk may unpack to: Pillow's
METADATA_TOTAL_MAX: Final = 16 << 20  # bytes, all such chunks of a file together


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
