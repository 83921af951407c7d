"""What a file's structure says before a pixel is decoded: frames, and an end or none."""

import struct
from typing import Final, NamedTuple

from batch_predict.decode.refusal import RefusedError
from batch_predict.records import Code

JPEG_EOI: Final = b"\xff\xd9"
JPEG_SOS: Final = b"\xff\xda"
JPEG_DHT: Final = b"\xff\xc4"
_CUT: Final = (struct.error, IndexError)  # what reading past the end raises


class Contents(NamedTuple):
    """What the structure says."""

    frames: int = 1
    whole: bool | None = None  # None: only decoding can tell


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
    end = 8 + int.from_bytes(data[4:8], "little")
    at, frames = 12, 0
    while at + 8 <= len(data):
        frames += data[at : at + 4] == b"ANMF"
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8 + size + (size & 1)
    return Contents(max(1, frames), whole=end <= len(data))


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
    at = 0
    while at + 8 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16], "big")
        if size < 8:  # 0: up to the end of the file
            return Contents(whole=size == 0)
        at += size
    return Contents(whole=at <= len(data) and not any(data[at:]))


def jpeg2000(data: bytes) -> Contents:
    """Whole if the boxes end within the file and the code stream has its end mark.

    Its decoder makes up what is missing, so a file cut short is refused here.
    """
    bare = data.startswith(b"\xff\x4f")
    if not (bare or boxes(data).whole) or JPEG_EOI not in data[-64:]:
        raise RefusedError(Code.TRUNCATED, "cut short, with pixel rows missing")
    return Contents(whole=True)
