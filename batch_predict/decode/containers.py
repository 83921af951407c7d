"""Reads a file's structure before a pixel is decoded: how many frames it has, whether it is cut."""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from batch_predict.decode.decode_error import DecodeError
from batch_predict.records import Code

JPEG_EOI: Final = b"\xff\xd9"
JPEG_SOS: Final = b"\xff\xda"
JPEG_DHT: Final = b"\xff\xc4"
_JPEG_SOF: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # frame headers, by mark
_JPEG_DEEPEST: Final = 16  # bits that a sample of a JPEG may have
#: frame headers, by mark, of what libjpeg-turbo does not read
_JPEG_UNREAD: Final = {
    **dict.fromkeys((0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF, 0xDE), "of several resolutions"),
    0xCB: "without loss, arithmetically coded",
    0xF7: "of the JPEG-LS kind",
}
_MPF: Final = b"MPF\0"
_MP_ENTRIES: Final = 0xB002  # tag of the list of pictures
_MP_ENTRY_SIZE: Final = 16  # bytes of the list for each
_MP_TYPE: Final = 0xFFFFFF
_MP_THUMBNAILS: Final = frozenset({0x010001, 0x010002})


class Structure(NamedTuple):
    """What a file's container says of its contents."""

    frames: int = 1
    complete: bool | None = None  # False: cut short; None: only decoding can tell


def jpeg(data: bytes) -> Structure:
    """Counts the pictures of an MPO; complete if an end mark follows the first scan's header.

    An embedded thumbnail has an end mark too, but before that header. Raises DecodeError for a kind
    of JPEG that the decoder does not read.
    """
    for offset in _jpeg_segments(data):
        _check_jpeg_kind(data[offset + 1], data[offset + 4 : offset + 5])
    scan = jpeg_scan_start(data)
    if scan is None:
        return Structure(complete=False)
    return Structure(_mpo_pictures(data[:scan]), data.rfind(JPEG_EOI, scan) >= 0)


def _check_jpeg_kind(marker: int, precision: bytes) -> None:
    """Raises DecodeError where the segment of this marker begins a frame that is not read."""
    deep = marker in _JPEG_SOF and precision and 8 < precision[0] <= _JPEG_DEEPEST
    kind = f"of {precision[0]} bits a sample" if deep else _JPEG_UNREAD.get(marker)
    if kind:
        raise DecodeError(Code.UNSUPPORTED, f"a JPEG {kind}")


def jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Width and height as the file stores them; None where it does not say."""
    for offset in _jpeg_segments(data):
        if data[offset + 1] in _JPEG_SOF and offset + 9 <= len(data):
            height, width = struct.unpack_from(">HH", data, offset + 5)
            return width, height
    return None


def _jpeg_segments(data: bytes) -> Iterator[int]:
    """Offsets of the segments up to the first scan's header, as far as they are there."""
    offset = 2
    while offset + 4 <= len(data):
        if data[offset] != 0xFF or data[offset + 1] in (0x00, 0xFF):
            offset += 1  # fill bytes and junk between segments
            continue
        yield offset
        if data[offset : offset + 2] == JPEG_SOS:
            return
        offset += 2 + struct.unpack_from(">H", data, offset + 2)[0]


def _mpo_pictures(head: bytes) -> int:
    """Pictures that the index in an MPO's head lists, but for thumbnails (CIPA DC-007)."""
    start = head.find(_MPF) + len(_MPF)
    if start < len(_MPF):
        return 1
    order = "<" if head[start : start + 2] == b"II" else ">"
    try:
        (directory,) = struct.unpack_from(order + "I", head, start + 4)
        (fields,) = struct.unpack_from(order + "H", head, start + directory)
        for at in range(start + directory + 2, start + directory + 2 + 12 * fields, 12):
            tag, _, size, offset = struct.unpack_from(order + "HHII", head, at)
            if tag == _MP_ENTRIES:
                places = range(start + offset, start + offset + size, _MP_ENTRY_SIZE)
                kinds = (struct.unpack_from(order + "I", head, place)[0] for place in places)
                return max(1, sum(kind & _MP_TYPE not in _MP_THUMBNAILS for kind in kinds))
    except struct.error:
        pass  # a damaged index is no reason to refuse the first picture
    return 1


def jpeg_scan_start(data: bytes) -> int | None:
    """The offset of the first scan's header; None where the file ends before it."""
    starts = (at for at in _jpeg_segments(data) if data[at : at + 2] == JPEG_SOS)
    return next(starts, None)


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
    except IndexError:  # past the end
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
