"""Small files that say large numbers: they cost little memory and time, and nothing is printed."""

import struct
import time
import zlib

import cv2
import numpy as np
import pytest

from batch_predict.decode import decode
from batch_predict.options import MAX_PIXELS
from batch_predict.records import Code, Failure, ImageRef, Picture
from tests.decode.tiff_writers import file_of
from tests.support.peak import forget_own_peak, own_peak_mib

REF = ImageRef("a")
MEMORY = 64  # MiB
SECONDS = 3  # of the processor
# A TIFF of 4 x 4 pixels, 8 bits, grey; its one strip is 16 bytes from the 8th on.
PLAIN = {
    **{256: ("I", 4), 257: ("I", 4), 258: ("H", 8), 259: ("H", 1), 262: ("H", 1)},
    **{273: ("I", 8), 277: ("H", 1), 278: ("I", 4), 279: ("I", 16)},
}


def cheaply_decoded(data: bytes) -> Picture | Failure:
    forget_own_peak()
    held, begun = own_peak_mib(), time.process_time()
    seen = decode(REF, data, MAX_PIXELS)
    assert time.process_time() - begun < SECONDS
    assert own_peak_mib() - held < MEMORY
    return seen


def with_entries(entry: bytes, times: int) -> bytes:
    """The plain TIFF, with an entry that is there so many times at its directory's end."""
    data = file_of("<", bytes(16), PLAIN)
    (directory,) = struct.unpack_from("<I", data, 4)
    end = directory + 2 + 12 * len(PLAIN)
    count = struct.pack("<H", len(PLAIN) + times)
    return data[:directory] + count + data[directory + 2 : end] + entry * times + data[end:]


def in_a_tile(side: int, bits: int) -> bytes:
    """4 x 4 pixels in one tile that is `side` wide and tall, of zeros and compressed."""
    deflate = zlib.compressobj(9)
    rows = (bytes(side * bits // 8) for _ in range(side))
    body = b"".join(map(deflate.compress, rows)) + deflate.flush()
    tags = {tag: PLAIN[tag] for tag in (256, 257, 262, 277)} | {258: ("H", bits), 259: ("H", 8)}
    tile = {322: ("I", side), 323: ("I", side), 324: ("I", 8), 325: ("I", len(body))}
    return file_of("<", body, tags | tile)


def test_a_tiff_of_very_many_samples_a_pixel() -> None:
    seen = cheaply_decoded(file_of("<", bytes(16), PLAIN | {277: ("I", 100_000_000)}))
    assert isinstance(seen, Failure)
    assert seen.reason == (Code.UNSUPPORTED, "a TIFF with 100000000 samples a pixel")


def test_a_tiff_that_says_the_same_many_times() -> None:
    entry = struct.pack("<HHII", 325, 1, 100_000, 8)  # so many bytes from the 8th on
    assert isinstance(cheaply_decoded(with_entries(entry, 20_000)), Picture)


def test_a_tiff_of_more_strips_than_rows() -> None:
    entry = struct.pack("<HHII", 325, 3, 10_000_000, 8)
    assert isinstance(cheaply_decoded(with_entries(entry, 1) + bytes(20 << 20)), Picture)


def test_a_tiff_each_of_whose_strips_is_all_of_the_file() -> None:
    rows, size = 5_000, 20 << 20
    tall = {257: ("I", rows), 258: ("H", 12), 278: ("I", 1)}  # 12 bits: not read by Pillow
    strips = {273: ("I", *[8] * rows), 279: ("I", *[size] * rows)}
    seen = cheaply_decoded(file_of("<", bytes(size), PLAIN | tall | strips))
    assert isinstance(seen, Picture)
    assert seen.pixels.shape == (rows, 4)


@pytest.mark.parametrize("bits", [8, 16], ids=["read by Pillow", "read here"])
def test_a_tiff_in_a_tile_that_is_larger_than_any_picture(bits: int) -> None:
    data = in_a_tile(16_000, bits)
    seen = cheaply_decoded(data)
    assert isinstance(seen, Failure)
    assert seen.reason.code is Code.TOO_LARGE


def test_a_tiff_in_a_tile_that_is_larger_than_it() -> None:
    assert isinstance(cheaply_decoded(in_a_tile(256, 8)), Picture)
    assert isinstance(decode(REF, in_a_tile(256, 8), max_pixels=16), Picture)


def test_a_box_of_brands_as_large_as_its_file() -> None:
    data = struct.pack(">I", 20 << 20) + b"ftyp" + np.arange(5 << 20, dtype="<u4").tobytes()
    seen = cheaply_decoded(data)
    assert isinstance(seen, Failure)
    assert seen.reason.code is Code.NOT_AN_IMAGE


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("gap", [0, np.nan, np.inf], ids=["finite", "NaN", "infinite"])
@pytest.mark.parametrize("size", [4, 8])
def test_a_tiff_of_the_largest_floats(size: int, gap: float) -> None:
    largest = np.finfo(f"f{size}").max
    values = np.array([-largest, largest, gap, largest], f"<f{size}")
    kind = {256: ("I", 2), 257: ("I", 2), 258: ("H", 8 * size), 339: ("H", 3), 279: ("I", 4 * size)}
    seen = cheaply_decoded(file_of("<", values.tobytes(), PLAIN | kind))
    assert isinstance(seen, Picture)
    assert seen.pixels.ravel()[[0, 1, 3]].tolist() == [0, 255, 255]


def test_a_jpeg_2000_whose_header_is_of_another_size(capfd: pytest.CaptureFixture[str]) -> None:
    """Only the code stream says how much it takes."""
    _, encoded = cv2.imencode(".jp2", np.full((600, 600, 3), 1000, np.uint16))
    data = bytearray(encoded.tobytes())
    size = data.index(b"ihdr") + 4
    data[size : size + 8] = struct.pack(">II", 10, 10)
    seen = cheaply_decoded(bytes(data))
    assert isinstance(seen, Failure)
    assert seen.reason.code is Code.CORRUPT
    assert capfd.readouterr() == ("", "")
