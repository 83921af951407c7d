"""Reads the samples of a TIFF whose layout Pillow takes for another: see `tiff_layout`.

The strips or tiles are unpacked to bytes, the bytes to samples as the tags describe them, and the
samples become an 8-bit image. Pillow unpacks the compressed ones: each is given to it as a picture
of bytes, so that no compression is written anew here and no field of the layout misleads it.
"""

import io
import struct
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from batch_predict.decode import tiff_layout as layouts
from batch_predict.decode.decode_error import DecodeError
from batch_predict.decode.orientation import TRANSFORMS
from batch_predict.decode.pixel_modes import to_8_bits
from batch_predict.decode.tiff import Tag, Tags, segments
from batch_predict.decode.tiff_layout import Layout
from batch_predict.records import Code

_Samples = NDArray[Any]  # of any of the three kinds that TIFF has, and any size
_Pixels = NDArray[np.uint8]

BYTES_PER_PIXEL: Final = 8  # of samples, held in memory at once: RGBA of 16 bits
_PREDICTED: Final = frozenset(
    {layouts.LZW, layouts.DEFLATE, layouts.OLD_DEFLATE, layouts.LZMA, layouts.ZSTD}
)
_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_KINDS: Final = {layouts.UINT: "u", layouts.INT: "i", layouts.FLOAT: "f"}


def open_samples(data: bytes, tags: Tags, layout: Layout, max_pixels: int) -> Image.Image:
    """The first page as an upright image: L, RGB, RGBA or CMYK of 8 bits.

    Raises:
        DecodeError: its samples take more memory than a picture of `max_pixels` may.
        ValueError, OSError, LookupError, struct.error: it is damaged or cut short.
    """
    width, height = tags[Tag.IMAGE_WIDTH][0], tags[Tag.IMAGE_LENGTH][0]
    if width * height * layout.samples * _dtype(layout).itemsize > BYTES_PER_PIXEL * max_pixels:
        raise DecodeError(Code.TOO_LARGE, "its samples take more memory than pixels may")
    pixels = _to_pixels(_samples(data, tags, layout, width, height), layout, tags)
    turn = TRANSFORMS.get((tags.get(Tag.ORIENTATION) or (1,))[0])
    if turn is not None:
        pixels = turn(pixels)
    mode = "CMYK" if layout.photometric == layouts.CMYK else None
    return Image.fromarray(np.ascontiguousarray(pixels), mode)


def _dtype(layout: Layout) -> np.dtype[np.generic]:
    """What holds one sample: the narrowest type of its kind."""
    size = next(size for size in (1, 2, 4, 8) if layout.bits[0] <= 8 * size)
    return np.dtype(f"{_KINDS[layout.sample_format[0]]}{size}")


def _samples(data: bytes, tags: Tags, layout: Layout, width: int, height: int) -> _Samples:
    """(height, width, samples), as they are stored."""
    tiled = Tag.TILE_OFFSETS in tags
    if tiled:
        columns, rows = tags[Tag.TILE_WIDTH][0], tags[Tag.TILE_LENGTH][0]
    else:
        columns, rows = width, min(height, (tags.get(Tag.ROWS_PER_STRIP) or (height,))[0])
    across, down = -(-width // columns), -(-height // rows)
    planes, depth = (layout.samples, 1) if layout.planar else (1, layout.samples)
    places = segments(tags)
    if len(places) < across * down * planes:
        raise ValueError(f"{len(places)} strips or tiles of {across * down * planes}")
    samples = np.empty((height, width, layout.samples), _dtype(layout))
    view = memoryview(data)  # not a copy of each: a file may say that every strip is all of it
    for index in range(across * down * planes):
        plane, at = divmod(index, across * down)
        top, left = at // across * rows, at % across * columns
        tall = rows if tiled else min(rows, height - top)
        offset, length = places[index]
        part = _segment(view[offset : offset + length], layout, tags, (tall, columns, depth))
        part = part[: height - top, : width - left]
        samples[top : top + tall, left : left + columns, plane : plane + depth] = part
    return samples


def _segment(
    packed: memoryview | bytes, layout: Layout, tags: Tags, shape: tuple[int, int, int]
) -> _Samples:
    """The samples of one strip or tile, (rows, columns, samples)."""
    rows, columns, depth = shape
    row_bytes = (columns * depth * layout.bits[0] + 7) // 8
    if layout.reversed_bits:
        packed = bytes(packed).translate(_REVERSED)
    if layout.compression != layouts.NONE:
        packed = _unpacked(packed, layout.compression, row_bytes, rows)
    raw = np.frombuffer(packed, np.uint8, rows * row_bytes).reshape(rows, row_bytes)
    predictor = (tags.get(Tag.PREDICTOR) or (1,))[0]
    if predictor == 1 or layout.compression not in _PREDICTED:
        return _numbers(raw, layout).reshape(rows, -1)[:, : columns * depth].reshape(shape)
    if (
        predictor == 2
        and layout.bits[0] in (8, 16, 32, 64)
        and layout.sample_format[0] != layouts.FLOAT
    ):
        numbers = _numbers(raw, layout).reshape(shape)
        return np.cumsum(numbers, axis=1, dtype=numbers.dtype)
    if predictor == 3 and layout.sample_format[0] == layouts.FLOAT:
        return _undo_float_predictor(raw, layout, shape)
    raise DecodeError(Code.UNSUPPORTED, f"a TIFF with predictor {predictor} for such samples")


def _unpacked(packed: memoryview | bytes, compression: int, row_bytes: int, rows: int) -> bytes:
    """The bytes of one strip or tile: `packed` is given to Pillow as a grey picture of 8 bits."""
    header = 8 + 2 + 9 * 12 + 4
    fields = (
        *((Tag.IMAGE_WIDTH, row_bytes), (Tag.IMAGE_LENGTH, rows), (Tag.BITS_PER_SAMPLE, 8)),
        *((Tag.COMPRESSION, compression), (Tag.PHOTOMETRIC, 1), (Tag.STRIP_OFFSETS, header)),
        *((Tag.SAMPLES_PER_PIXEL, 1), (Tag.ROWS_PER_STRIP, rows)),
        (Tag.STRIP_BYTE_COUNTS, len(packed)),
    )
    directory = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in fields)
    whole = struct.pack("<2sHIH", b"II", 42, 8, len(fields)) + directory + bytes(4) + packed
    return TiffImagePlugin.TiffImageFile(io.BytesIO(whole)).tobytes()


def _numbers(raw: _Pixels, layout: Layout) -> _Samples:
    """(rows, numbers) of rows of bytes; where rows end in padding bits, numbers of those too."""
    bits, dtype = layout.bits[0], _dtype(layout)
    rows, row_bytes = raw.shape
    if bits == 8 * dtype.itemsize:
        stored = dtype.newbyteorder("<" if layout.little_endian else ">")
        return raw.view(stored).astype(dtype)
    if bits == 24:
        parts = raw.reshape(rows, -1, 3).astype(np.uint32)
        low, middle, high = (0, 1, 2) if layout.little_endian else (2, 1, 0)
        return parts[..., high] << 16 | parts[..., middle] << 8 | parts[..., low]
    count = 8 * row_bytes // bits
    first = np.arange(count) * bits  # the place of each number's highest bit in its row
    wide = np.pad(raw, ((0, 0), (0, 2))).astype(np.uint32)
    at = first // 8
    window = wide[:, at] << 16 | wide[:, at + 1] << 8 | wide[:, at + 2]
    numbers: _Samples = window >> (24 - bits - first % 8) & ((1 << bits) - 1)
    return numbers.astype(dtype)


def _undo_float_predictor(raw: _Pixels, layout: Layout, shape: tuple[int, int, int]) -> _Samples:
    """Adobe's Technote 3: the bytes of a row's floats by significance, then their differences."""
    rows, columns, depth = shape
    size = layout.bits[0] // 8
    bytes_ = np.cumsum(raw.reshape(rows, -1, depth), axis=1, dtype=np.uint8)
    by_number = bytes_.reshape(rows, size, columns * depth).transpose(0, 2, 1)
    return np.ascontiguousarray(by_number).view(f">f{size}").astype(f"f{size}").reshape(shape)


def _to_pixels(samples: _Samples, layout: Layout, tags: Tags) -> _Pixels:
    """(h, w), (h, w, 3) or (h, w, 4) of 8 bits: grey, RGB, RGBA or CMYK."""
    colours, bits = samples[..., : layout.colours], layout.bits[0]
    if layout.photometric == layouts.PALETTE:
        ramp = np.array(tags[Tag.COLOR_MAP], np.uint16).reshape(3, -1).T
        # Some writers count to 255, as Pillow finds out in the same way.
        pixels = (ramp if ramp.max() < 256 else ramp >> 8).astype(np.uint8)[colours[..., 0]]
    else:
        pixels = to_8_bits(colours, bits)
    if layout.photometric == layouts.MIN_IS_WHITE:
        pixels = np.invert(pixels)
    if layout.photometric == layouts.CMYK:
        return pixels
    alphas = [
        n
        for n, extra in enumerate(layout.extra)
        if extra in (layouts.ASSOCIATED, layouts.UNASSOCIATED)
    ]
    if not alphas:
        return pixels[..., 0] if pixels.shape[2] == 1 else pixels
    alpha = _opacity(samples[..., layout.colours + alphas[0]], bits)
    if layout.extra[alphas[0]] == layouts.ASSOCIATED:
        pixels = _unassociated(pixels, alpha)
    return np.dstack([np.broadcast_to(pixels, (*alpha.shape, 3)), alpha])


def _opacity(alpha: _Samples, bits: int) -> _Pixels:
    top = 1 if alpha.dtype.kind == "f" else min((1 << bits) - 1, np.iinfo(alpha.dtype).max)
    return np.rint(np.clip(np.nan_to_num(alpha / np.float64(top)), 0, 1) * 255).astype(np.uint8)


def _unassociated(pixels: _Pixels, alpha: _Pixels) -> _Pixels:
    """Colours not multiplied by alpha; as they are where one exceeds alpha, as no product does."""
    if (pixels > alpha[..., None]).any():
        return pixels
    wide = pixels.astype(np.uint16) * 255 // np.maximum(alpha, 1)[..., None]
    return wide.astype(np.uint8)
