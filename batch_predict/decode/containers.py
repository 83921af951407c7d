"""Reads a file's structure before a pixel is decoded: how many frames it has, whether it is cut."""

import struct
from typing import Final, NamedTuple

from batch_predict.decode.decode_error import DecodeError
from batch_predict.records import Code

JPEG_EOI: Final = b"\xff\xd9"
JPEG_SOS: Final = b"\xff\xda"
JPEG_DHT: Final = b"\xff\xc4"
_PAST_END: Final = (struct.error, IndexError)  # what reading past the end raises


class Structure(NamedTuple):
    """What a file's container says of its contents."""

    frames: int = 1
    complete: bool | None = None  # False: cut short; None: only decoding can tell


def jpeg(data: bytes) -> Structure:
    """Complete if an end mark follows the first scan's header.

    An embedded thumbnail has an end mark too, but before that header.
    """
    try:
        return Structure(complete=data.find(JPEG_EOI, jpeg_scan_start(data)) >= 0)
    except _PAST_END:
        return Structure(complete=False)


def jpeg_scan_start(data: bytes) -> int:
    """The offset of the first scan's header.

    Raises struct.error or IndexError where the file ends before it.
    """
    offset = 2
    while data[offset : offset + 2] != JPEG_SOS:
        if data[offset] != 0xFF or data[offset + 1] in (0x00, 0xFF):
            offset += 1  # fill bytes and junk between segments
        else:
            offset += 2 + struct.unpack_from(">H", data, offset + 2)[0]
    return offset


def gif(data: bytes) -> Structure:
    """Counts the images; complete if the blocks end in the trailer."""
    frames = 0
    try:
        offset = 13 + _gif_table(data[10])
        while (block := data[offset]) in (0x21, 0x2C):
            if block == 0x2C:  # an image: descriptor, colours, code size
                frames += 1
                offset += 11 + _gif_table(data[offset + 9])
            else:  # an extension: label
                offset += 2
            while data[offset]:
                offset += 1 + data[offset]
            offset += 1
    except _PAST_END:
        return Structure(max(1, frames), complete=False)
    return Structure(max(1, frames), complete=True)


def _gif_table(flags: int) -> int:
    return 3 * (2 << (flags & 7)) if flags & 0x80 else 0


def webp(data: bytes) -> Structure:
    """Counts the animation's frames; complete if the file is as long as its RIFF header says."""
    end = 8 + int.from_bytes(data[4:8], "little")
    offset, frames = 12, 0
    while offset + 8 <= len(data):
        frames += data[offset : offset + 4] == b"ANMF"
        size = int.from_bytes(data[offset + 4 : offset + 8], "little")
        offset += 8 + size + (size & 1)
    return Structure(max(1, frames), complete=end <= len(data))


def ico(data: bytes) -> Structure:
    """Complete if each picture of the icon ends within the file."""
    try:
        (count,) = struct.unpack_from("<H", data, 4)
        entries = [struct.unpack_from("<II", data, 14 + 16 * i) for i in range(count)]
    except struct.error:
        return Structure(complete=False)
    return Structure(complete=all(size + offset <= len(data) for size, offset in entries))


def boxes(data: bytes) -> Structure:
    """Complete if the last ISO box (AVIF, HEIF) ends within the file."""
    offset = 0
    while offset + 8 <= len(data):
        size = int.from_bytes(data[offset : offset + 4], "big")
        if size == 1:
            size = int.from_bytes(data[offset + 8 : offset + 16], "big")
        if size < 8:  # 0: up to the end of the file
            return Structure(complete=size == 0)
        offset += size
    return Structure(complete=offset <= len(data) and not any(data[offset:]))


def jpeg2000(data: bytes) -> Structure:
    """Complete if the boxes end within the file and the code stream has its end mark.

    Raises DecodeError for a file cut short: the decoder would invent the missing pixels.
    """
    bare = data.startswith(b"\xff\x4f")
    if not (bare or boxes(data).complete) or JPEG_EOI not in data[-64:]:
        raise DecodeError(Code.TRUNCATED, "cut short, with pixel rows missing")
    return Structure(complete=True)
