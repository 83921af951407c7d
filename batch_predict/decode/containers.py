"""What a file's structure says before a pixel is decoded: frames, checksums, an end or none."""

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from ..records import Code
from .refusal import RefusedError

METADATA_MAX: Final = (
    1 << 20
)  # bytes that one compressed metadata chunk may unpack to, as in Pillow
METADATA_TOTAL_MAX: Final = 16 << 20  # bytes, all such chunks of a file together

JPEG_EOI: Final = b"\xff\xd9"
JPEG_SOS: Final = b"\xff\xda"
JPEG_DHT: Final = b"\xff\xc4"
_CUT: Final = (struct.error, IndexError)  # what reading past the end raises


class Contents(NamedTuple):
    """What the structure says."""

    frames: int = 1
    whole: bool | None = None  # None: only decoding can tell


def unknown(data: bytes) -> Contents:
    """Formats without an end mark: one frame, whole if it decodes."""
    return Contents()


def png(data: bytes) -> Contents:
    """Walk the chunks up to IEND: checksums, unpacked size of metadata, frames by `acTL`."""
    frames, unpacked = 1, 0
    for kind, body in _png_chunks(data.rstrip(b"\0")):
        if kind == b"IEND":
            return Contents(frames, whole=True)
        if kind == b"acTL" and len(body) == 8:
            frames = max(1, struct.unpack_from(">I", body)[0])
        elif kind in (b"zTXt", b"iTXt", b"iCCP"):
            unpacked += _unpacked_size(kind, body)
            if unpacked > METADATA_TOTAL_MAX:
                raise RefusedError(Code.TOO_LARGE, "its metadata unpacks to too many bytes")
    return Contents(frames, whole=False)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
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


def jpeg(data: bytes) -> Contents:
    """Whole if an end mark follows the first scan's header; a thumbnail's own lies before it."""
    try:
        return Contents(whole=data.find(JPEG_EOI, jpeg_scan_start(data)) >= 0)
    except _CUT:
        return Contents(whole=False)


def jpeg_scan_start(data: bytes) -> int:
    """Where the first scan's header begins; `_CUT` where the file ends before it."""
    at = 2
    while data[at : at + 2] != JPEG_SOS:
        if data[at] != 0xFF or data[at + 1] in (0x00, 0xFF):
            at += 1  # fill bytes and junk between segments
        else:
            at += 2 + struct.unpack_from(">H", data, at + 2)[0]
    return at


def gif(data: bytes) -> Contents:
    """Walk the blocks: count the images up to the trailer."""
    frames = 0
    try:
        at = 13 + _gif_table(data[10])
        while (block := data[at]) in (0x21, 0x2C):
            if block == 0x2C:  # an image: descriptor, colours, code size
                frames += 1
                at += 11 + _gif_table(data[at + 9])
            else:  # an extension: label
                at += 2
            while data[at]:
                at += 1 + data[at]
            at += 1
    except _CUT:
        return Contents(max(1, frames), whole=False)
    return Contents(max(1, frames), whole=True)


def _gif_table(flags: int) -> int:
    return 3 * (2 << (flags & 7)) if flags & 0x80 else 0


def webp(data: bytes) -> Contents:
    """The RIFF header says how long the file is; animation frames are chunks of their own."""
    size = 8 + int.from_bytes(data[4:8], "little")
    return Contents(max(1, _riff_frames(data)), whole=size <= len(data))


def _riff_frames(data: bytes) -> int:
    at, frames = 12, 0
    while at + 8 <= len(data):
        frames += data[at : at + 4] == b"ANMF"
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + (size & 1)
    return frames


def ico(data: bytes) -> Contents:
    """Whole if each picture of the icon ends within the file."""
    try:
        (count,) = struct.unpack_from("<H", data, 4)
        entries = [struct.unpack_from("<II", data, 14 + 16 * i) for i in range(count)]
    except struct.error:
        return Contents(whole=False)
    return Contents(whole=all(size + offset <= len(data) for size, offset in entries))


def boxes(data: bytes) -> Contents:
    """ISO boxes (AVIF, HEIF): whole if the last one ends within the file."""
    return Contents(whole=_boxes_end(data))


def _boxes_end(data: bytes) -> bool:
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:  # 0: up to the end of the file
            return size == 0
        at += size
    return at <= len(data) and not any(data[at:])


def jpeg2000(data: bytes) -> Contents:
    """Whole if the boxes end within the file and the code stream has its end mark.

    Its decoder makes up what is missing, so a file cut short is refused here.
    """
    bare = data.startswith(b"\xff\x4f")
    if not (bare or _boxes_end(data)) or JPEG_EOI not in data[-64:]:
        raise RefusedError(Code.TRUNCATED, "cut short, with pixel rows missing")
    return Contents(whole=True)
