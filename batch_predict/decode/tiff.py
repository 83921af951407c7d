"""Reads a TIFF's directories: how many pages there are, whether the first is complete, its tags."""

import struct
from enum import IntEnum
from typing import Final, NamedTuple, TypeAlias

from batch_predict.decode.containers import Structure

_PAGES_MAX: Final = 10_000  # directories walked
# Of a field: more strips or tiles than a picture has that fits in memory. Many times as many bytes
# as they have in the file go into a tuple of numbers.
_VALUES_MAX: Final = 1 << 20
# Of whole numbers, and of the two of a fraction: a field's type -> its form, how many of it
_TYPES: Final = {1: ("B", 1), 3: ("H", 1), 4: ("I", 1), 5: ("I", 2), 16: ("Q", 1)}


class Tag(IntEnum):
    """The fields of a directory that are read here, by their names in TIFF 6.0."""

    NEW_SUBFILE_TYPE = 254
    IMAGE_WIDTH = 256
    IMAGE_LENGTH = 257
    BITS_PER_SAMPLE = 258
    COMPRESSION = 259
    PHOTOMETRIC = 262
    FILL_ORDER = 266
    STRIP_OFFSETS = 273
    ORIENTATION = 274
    SAMPLES_PER_PIXEL = 277
    ROWS_PER_STRIP = 278
    STRIP_BYTE_COUNTS = 279
    X_RESOLUTION = 282
    Y_RESOLUTION = 283
    PLANAR_CONFIGURATION = 284
    PREDICTOR = 317
    COLOR_MAP = 320
    TILE_WIDTH = 322
    TILE_LENGTH = 323
    TILE_OFFSETS = 324
    TILE_BYTE_COUNTS = 325
    SUB_DIRECTORIES = 330
    EXTRA_SAMPLES = 338
    SAMPLE_FORMAT = 339
    YCBCR_SUBSAMPLING = 530
    DNG_VERSION = 50706


#: the tags of a directory, with their values; a fraction counts as two
Tags: TypeAlias = dict[int, tuple[int, ...]]
_REDUCED: Final = 1  # a subfile's type: a copy of another picture of the file, in less detail
_CR2: Final = b"CR"  # Canon's mark, behind the head of a TIFF
_ON_ITS_SIDE: Final = (5, 6, 7, 8)  # orientations that swap rows and columns
_WANTED: Final = frozenset(map(int, Tag))


class _Layout(NamedTuple):
    order: str
    word: str  # an offset or a count: LONG in TIFF, LONG8 in BigTIFF
    entries: str  # the number of entries of a directory
    first: int  # where the first directory's offset lies


def inspect(data: bytes) -> Structure:
    """Counts the pages; complete if the directories and the first page's strips end in the file."""
    layout = _layout(data)
    try:
        (offset,) = struct.unpack_from(layout.order + layout.word, data, layout.first)
        complete = _strips_end(data, _directory(data, offset, layout))
        pages, seen = 0, {0}
        while offset not in seen and pages < _PAGES_MAX:
            seen.add(offset)
            pages += 1
            offset = _next_directory(data, offset, layout)
    except (struct.error, OverflowError):  # an offset beyond the file, or beyond any file
        return Structure(complete=False)
    return Structure(pages, complete)


def byte_order(data: bytes) -> str:
    """`<` or `>`, as `struct` and numpy write it."""
    return "<" if data.startswith(b"II") else ">"


def first_directory(data: bytes) -> Tags:
    """The first page's tags, those of `Tag`.

    Raises:
        struct.error, OverflowError: the file ends before its directory does.
    """
    layout = _layout(data)
    (offset,) = struct.unpack_from(layout.order + layout.word, data, layout.first)
    return _directory(data, offset, layout)


def is_raw(data: bytes, tags: Tags) -> bool:
    """Whether the first page is not the picture, but a small copy beside a camera's raw data."""
    of_type = tags.get(Tag.NEW_SUBFILE_TYPE) or (0,)
    copy_beside = bool(of_type[0] & _REDUCED) and Tag.SUB_DIRECTORIES in tags
    return data[8:10] == _CR2 or Tag.DNG_VERSION in tags or copy_beside


def density(tags: Tags) -> tuple[float, float] | None:
    """Dots per unit along the rows and columns of the upright page; None where it says nothing."""
    across, down = tags.get(Tag.X_RESOLUTION, ()), tags.get(Tag.Y_RESOLUTION, ())
    if len(across) != 2 or len(down) != 2 or not (across[1] and down[1]):
        return None
    dots = across[0] / across[1], down[0] / down[1]
    lies = (tags.get(Tag.ORIENTATION) or (1,))[0] in _ON_ITS_SIDE
    return dots[::-1] if lies else dots


def segments(tags: Tags) -> list[tuple[int, int]]:
    """Offset and length in bytes of each strip or tile."""
    tiled = Tag.TILE_OFFSETS in tags
    offsets = tags.get(Tag.TILE_OFFSETS if tiled else Tag.STRIP_OFFSETS, ())
    counts = tags.get(Tag.TILE_BYTE_COUNTS, ()) or tags.get(Tag.STRIP_BYTE_COUNTS, ())
    return list(zip(offsets, counts, strict=False))


def _layout(data: bytes) -> _Layout:
    order = byte_order(data)
    return _Layout(order, "Q", "Q", 8) if 43 in data[2:4] else _Layout(order, "I", "H", 4)


def _next_directory(data: bytes, offset: int, layout: _Layout) -> int:
    (entries,) = struct.unpack_from(layout.order + layout.entries, data, offset)
    word = struct.calcsize(layout.word)
    offset += struct.calcsize(layout.entries) + entries * (4 + 2 * word)
    following: int = struct.unpack_from(layout.order + layout.word, data, offset)[0]
    return following


def _strips_end(data: bytes, tags: Tags) -> bool:
    return all(offset + size <= len(data) for offset, size in segments(tags))


def _directory(data: bytes, offset: int, layout: _Layout) -> Tags:
    (entries,) = struct.unpack_from(layout.order + layout.entries, data, offset)
    offset += struct.calcsize(layout.entries)
    step = 4 + 2 * struct.calcsize(layout.word)
    places: dict[int, int] = {}  # of what comes twice, the last: each is read once
    for entry in range(offset, offset + entries * step, step):
        (tag,) = struct.unpack_from(layout.order + "H", data, entry)
        if tag in _WANTED:
            places[tag] = entry
    return {tag: _values(data, entry, layout) for tag, entry in places.items()}


def _values(data: bytes, entry: int, layout: _Layout) -> tuple[int, ...]:
    field_type, count = struct.unpack_from(layout.order + "H" + layout.word, data, entry + 2)
    if field_type not in _TYPES or count > min(_VALUES_MAX, len(data)):
        return ()
    form, numbers = _TYPES[field_type]
    form = f"{layout.order}{count * numbers}{form}"
    word = struct.calcsize(layout.word)
    offset = entry + 4 + word
    if struct.calcsize(form) > word:
        (offset,) = struct.unpack_from(layout.order + layout.word, data, offset)
    return struct.unpack_from(form, data, offset)
