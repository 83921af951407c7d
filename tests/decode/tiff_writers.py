"""Two independent writers of TIFFs, for a sweep over the ways in which samples can lie in them."""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import tifffile
from numpy.typing import NDArray

GREY, RGB, PALETTE, CMYK = ("minisblack", "miniswhite"), "rgb", "palette", "separated"
COLOURS = {"miniswhite": 1, "minisblack": 1, RGB: 3, PALETTE: 1, CMYK: 4, "ycbcr": 3, "cielab": 3}
PHOTOMETRIC = {"miniswhite": 0, "minisblack": 1, RGB: 2, PALETTE: 3, CMYK: 5}
FORMATS = {"u": 1, "i": 2, "f": 3}
COMPRESSIONS = {None: 1, "lzw": 5, "deflate": 8, "packbits": 32773, "lzma": 34925, "zstd": 50000}
EXTRAS = {None: (), 0: (0,), 1: (1,), 2: (2,)}
TILE = (16, 32)  # rows and columns
ROWS = 10  # of a strip


class Case(NamedTuple):
    """One layout, by the names that tifffile has for its fields."""

    photometric: str
    kind: str = "u"
    bits: int = 8
    planar: str = "contig"
    extra: int | None = None
    order: str = "<"
    compression: str | None = None
    predictor: bool = False
    tiled: bool = False
    reversed_bits: bool = False

    def __str__(self) -> str:
        return " ".join(map(str, self))


def samples_of(case: Case, digit: NDArray[np.uint8]) -> NDArray[np.generic]:
    """(h, w, samples): what shows `digit` in that layout; opaque, where there is alpha."""
    size = next(size for size in (1, 2, 4, 8) if case.bits <= 8 * size)
    top = 1 if case.kind == "f" else (1 << (case.bits - (case.kind == "i"))) - 1
    if case.bits == 64 and case.kind != "f":  # no float has so many digits
        values = digit.astype(np.uint64) * np.uint64(top // 255)
    else:
        values = digit / 255 * top if case.kind == "f" else np.rint(digit / 255 * top)
    values = values.astype(f"{case.kind}{size}")
    full = np.full_like(values, top)
    if case.photometric == "miniswhite":
        values = full - values
    planes = [values] * COLOURS[case.photometric]
    if case.photometric == CMYK:
        planes = [full - full, full - full, full - full, full - values]
    if case.photometric in ("ycbcr", "cielab"):
        middle = 128 if case.photometric == "ycbcr" and case.kind == "u" else 0
        planes = [values, *[np.full_like(values, middle)] * 2]
    return np.stack(planes + [full] * (case.extra is not None), axis=-1)


def by_tifffile(case: Case, digit: NDArray[np.uint8]) -> bytes:
    """As tifffile and imagecodecs write it; ValueError where they don't."""
    samples = samples_of(case, digit)
    options = {"tile": TILE} if case.tiled else {"rowsperstrip": ROWS}
    if case.photometric == PALETTE:
        options["colormap"] = _ramp(case.bits).reshape(3, -1)
    if case.bits not in (8, 16, 32, 64):
        options["bitspersample"] = case.bits
    if samples.shape[2] > 1:
        options["planarconfig"] = case.planar
        samples = np.moveaxis(samples, 2, 0) if case.planar == "separate" else samples
    else:
        samples = samples[..., 0]
    if case.extra is not None:
        options["extrasamples"] = EXTRAS[case.extra]
    if case.compression:
        options.update(compression=case.compression, predictor=case.predictor)
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        samples,
        byteorder=case.order,
        photometric=case.photometric,
        metadata=None,
        **options,
    )
    return file.getvalue()


def by_hand(case: Case, digit: NDArray[np.uint8]) -> bytes:
    """From the specification, with neither library; KeyError for what it doesn't write."""
    samples = samples_of(case, digit)
    if case.predictor:
        samples = np.diff(samples, axis=1, prepend=samples.dtype.type(0))
    packer = {None: bytes, "deflate": zlib.compress, "packbits": _packbits}[case.compression]
    planes = [samples]
    if case.planar == "separate":
        planes = [samples[..., n : n + 1] for n in range(samples.shape[2])]
    parts = [packer(_bytes(part, case)) for plane in planes for part in _parts(plane, case)]
    if case.reversed_bits:
        parts = [bytes(int(f"{b:08b}"[::-1], 2) for b in part) for part in parts]
    height, width, depth = samples.shape
    fields = {
        256: ("I", width),
        257: ("I", height),
        258: ("H", *[case.bits] * depth),
        259: ("H", COMPRESSIONS[case.compression]),
        262: ("H", PHOTOMETRIC[case.photometric]),
        266: ("H", 2 if case.reversed_bits else 1),
        277: ("H", depth),
        284: ("H", 2 if case.planar == "separate" else 1),
        339: ("H", *[FORMATS[case.kind]] * depth),
    }
    if case.predictor:
        fields[317] = ("H", 2)
    if case.extra is not None:
        fields[338] = ("H", *EXTRAS[case.extra])
    if case.photometric == PALETTE:
        fields[320] = ("H", *_ramp(case.bits).tolist())
    if case.tiled:
        fields[322], fields[323] = ("I", TILE[1]), ("I", TILE[0])
    else:
        fields[278] = ("I", ROWS)
    offsets, counts = (324, 325) if case.tiled else (273, 279)
    starts = 8 + np.cumsum([0, *map(len, parts)])
    fields[offsets] = ("I", *starts[:-1].tolist())
    fields[counts] = ("I", *map(len, parts))
    return file_of(case.order, b"".join(parts), fields)


def _ramp(bits: int) -> NDArray[np.uint16]:
    return np.tile(np.rint(np.linspace(0, 65535, 1 << bits)).astype(np.uint16), 3)


def _parts(plane: NDArray[np.generic], case: Case) -> Iterator[NDArray[np.generic]]:
    height, width, depth = plane.shape
    if not case.tiled:
        for top in range(0, height, ROWS):
            yield plane[top : top + ROWS]
        return
    rows, columns = TILE
    for top in range(0, height, rows):
        for left in range(0, width, columns):
            tile = np.zeros((rows, columns, depth), plane.dtype)
            part = plane[top : top + rows, left : left + columns]
            tile[: part.shape[0], : part.shape[1]] = part
            yield tile


def _bytes(part: NDArray[np.generic], case: Case) -> bytes:
    rows = part.reshape(len(part), -1)
    if case.bits == 8 * rows.itemsize:
        return rows.astype(rows.dtype.newbyteorder(case.order)).tobytes()
    if case.bits == 24:
        stored = rows.astype(f"{case.order}u4").view(np.uint8).reshape(len(rows), -1, 4)
        return (stored[..., :3] if case.order == "<" else stored[..., 1:]).tobytes()
    bits = rows[..., None] >> np.arange(case.bits - 1, -1, -1).astype(rows.dtype) & 1
    return np.packbits(bits.reshape(len(rows), -1).astype(np.uint8), axis=1).tobytes()


def _packbits(data: bytes) -> bytes:
    """Every run as it is, 128 bytes at most."""
    steps = (data[at : at + 128] for at in range(0, len(data), 128))
    return b"".join(bytes([len(step) - 1]) + step for step in steps)


def file_of(order: str, pixels: bytes, fields: dict[int, tuple]) -> bytes:
    """A TIFF with `pixels` from its 8th byte on, and these fields: type and values by tag."""
    body = pixels + bytes(len(pixels) % 2)
    entries, behind = b"", b""
    start = 8 + len(body)
    after = start + 2 + 12 * len(fields) + 4
    for tag, (form, *values) in sorted(fields.items()):
        packed = struct.pack(f"{order}{len(values)}{form}", *values)
        entries += struct.pack(f"{order}HHI", tag, {"H": 3, "I": 4}[form], len(values))
        if len(packed) > 4:
            entries += struct.pack(f"{order}I", after + len(behind))
            behind += packed
        else:
            entries += packed.ljust(4, b"\0")
    head = {"<": b"II", ">": b"MM"}[order] + struct.pack(f"{order}HI", 42, start)
    directory = struct.pack(f"{order}H", len(fields)) + entries + bytes(4)
    return head + body + directory + behind
