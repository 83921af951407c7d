"""Reads a TIFF's directories: how many pages there are, and whether the first is complete."""

import struct
from typing import Final, NamedTuple

from batch_predict.decode.containers import Structure

_OFFSETS: Final = {273, 324}  # StripOffsets, TileOffsets
_SIZES: Final = {279, 325}  # StripByteCounts, TileByteCounts
_TYPES: Final = {3: "H", 4: "I", 16: "Q"}  # SHORT, LONG, LONG8
_PAGES_MAX: Final = 10_000  # directories walked


class _Layout(NamedTuple):
    order: str
    word: str  # an offset or a count: LONG in TIFF, LONG8 in BigTIFF
    entries: str  # the number of entries of a directory
    first: int  # where the first directory's offset lies


def inspect(data: bytes) -> Structure:
    """Counts the pages; complete if the directories and the first page's strips end in the file."""
    order = "<" if data.startswith(b"II") else ">"
    big = 43 in data[2:4]
    layout = _Layout(order, "Q", "Q", 8) if big else _Layout(order, "I", "H", 4)
    try:
        (offset,) = struct.unpack_from(order + layout.word, data, layout.first)
        complete = _strips_end(data, offset, layout)
        pages, seen = 0, {0}
        while offset not in seen and pages < _PAGES_MAX:
            seen.add(offset)
            pages += 1
            offset = _next_directory(data, offset, layout)
    except (struct.error, OverflowError):  # an offset beyond the file, or beyond any file
        return Structure(complete=False)
    return Structure(pages, complete)


def _next_directory(data: bytes, offset: int, layout: _Layout) -> int:
    (entries,) = struct.unpack_from(layout.order + layout.entries, data, offset)
    word = struct.calcsize(layout.word)
    offset += struct.calcsize(layout.entries) + entries * (4 + 2 * word)
    following: int = struct.unpack_from(layout.order + layout.word, data, offset)[0]
    return following


def _strips_end(data: bytes, offset: int, layout: _Layout) -> bool:
    (entries,) = struct.unpack_from(layout.order + layout.entries, data, offset)
    offset += struct.calcsize(layout.entries)
    step = 4 + 2 * struct.calcsize(layout.word)
    offsets: tuple[int, ...] = ()
    sizes: tuple[int, ...] = ()
    for entry in range(offset, offset + entries * step, step):
        (tag,) = struct.unpack_from(layout.order + "H", data, entry)
        if tag in _OFFSETS:
            offsets = _values(data, entry, layout)
        elif tag in _SIZES:
            sizes = _values(data, entry, layout)
    return all(offset + size <= len(data) for offset, size in zip(offsets, sizes, strict=False))


def _values(data: bytes, entry: int, layout: _Layout) -> tuple[int, ...]:
    field_type, count = struct.unpack_from(layout.order + "H" + layout.word, data, entry + 2)
    if field_type not in _TYPES or count > len(data):
        return ()
    form = f"{layout.order}{count}{_TYPES[field_type]}"
    word = struct.calcsize(layout.word)
    offset = entry + 4 + word
    if struct.calcsize(form) > word:
        (offset,) = struct.unpack_from(layout.order + layout.word, data, offset)
    return struct.unpack_from(form, data, offset)
