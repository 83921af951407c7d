"""A PNG whose structure is right, and whose stream of pixels is too short or too long."""

import zlib
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from batch_predict.decode import decode
from batch_predict.options import MAX_PIXELS
from batch_predict.records import Failure, ImageRef, Picture
from tests.broken.files import chunk, with_chunk
from tests.support.digits import DIGITS

REF = ImageRef("a.png")
SIGNATURE = b"\x89PNG\r\n\x1a\n"
ROWS = bytes(29 * 28)  # of 28 grey pixels each, after their filter
ADAM7_ROWS = bytes(4 * 5 + 4 * 4 + 3 * 8 + 7 * 8 + 7 * 15 + 14 * 15 + 14 * 29)
SHORT = "truncated: cut short, with pixel rows missing"


def png(
    stream: bytes, width: int = 28, kind: bytes = b"\x08\0", *, interlaced: int = 0, step: int = 99
) -> bytes:
    """28 rows of pixels of `kind`, bits and colour type, in IDATs of `step` bytes."""
    header = width.to_bytes(4) + (28).to_bytes(4) + kind + bytes([0, 0, interlaced])
    idats = [chunk(b"IDAT", stream[at : at + step]) for at in range(0, len(stream), step)]
    return b"".join([SIGNATURE, chunk(b"IHDR", header), *idats, chunk(b"IEND", b"")])


WHOLE = [
    pytest.param(png(zlib.compress(ROWS), step=7), id="grey"),
    pytest.param(png(zlib.compress(bytes(28 * 5)), kind=b"\1\0"), id="1 bit"),
    pytest.param(png(zlib.compress(bytes(28 * (1 + 28 * 8))), kind=b"\x10\6"), id="64 bits"),
    pytest.param(png(zlib.compress(ADAM7_ROWS), interlaced=1), id="interlaced"),
    pytest.param(png(zlib.compress(bytes(56)), 1, interlaced=1), id="a column, interlaced"),
    pytest.param(png(zlib.compress(ROWS + ROWS), step=7), id="too many rows"),
    pytest.param(png(zlib.compress(ROWS)[:-4] + b"oops", step=7), id="another checksum"),
    pytest.param(png(zlib.compress(ROWS)[:-4] + b"oops"), id="another checksum, one chunk"),
    pytest.param(png(zlib.compress(ROWS)[:-4]), id="no checksum"),
]
CUT = [
    pytest.param(png(zlib.compress(ROWS[:-29])), id="a row"),
    pytest.param(png(zlib.compress(ROWS[: 29 * 14]), step=7), id="half the rows"),
    pytest.param(png(zlib.compress(bytes(27 * 5)), kind=b"\1\0"), id="1 bit"),
    pytest.param(png(zlib.compress(ADAM7_ROWS[:-29]), interlaced=1), id="interlaced"),
    pytest.param(png(zlib.compress(ADAM7_ROWS[:20]), interlaced=1), id="all but the first pass"),
    pytest.param(png(zlib.compress(ROWS[:29]) + bytes(9999)), id="junk after the stream"),
]


@pytest.mark.parametrize("data", WHOLE)
def test_all_the_pixels_are_there(data: bytes) -> None:
    picture = decode(REF, data, MAX_PIXELS)
    assert isinstance(picture, Picture)
    assert not picture.reasons


@pytest.mark.parametrize("data", CUT)
def test_a_stream_that_ends_before_its_last_row(data: bytes) -> None:
    failure = decode(REF, data, MAX_PIXELS)
    assert isinstance(failure, Failure)
    assert str(failure.reason) == SHORT


def test_pixels_in_a_chunk_that_only_pillow_takes_for_some() -> None:
    noisy = np.random.default_rng(0).integers(0, 5, len(ADAM7_ROWS), np.uint8).tobytes()
    whole = png(zlib.compress(noisy), interlaced=1)
    second = whole.index(b"IDAT", whole.index(b"IDAT") + 1) - 4
    body = whole[second + 8 : second + 8 + 99]
    data = whole[:second] + chunk(b"DDAT", body) + whole[second + 12 + 99 :]
    assert isinstance(decode(REF, data, MAX_PIXELS), Picture | Failure)


@cache
def packed(size: int) -> bytes:
    return zlib.compress(bytes(size), 9)


LARGE = [
    pytest.param(b"zTXt", lambda: b"Comment\0\0" + packed(2 << 20), id="text of 2 MB"),
    pytest.param(b"zTXt", lambda: b"Comment\0\0" + packed(100 << 20), id="text of 100 MB"),
    pytest.param(b"iTXt", lambda: b"C\0\1\0\0\0" + packed(2 << 20), id="unicode text of 2 MB"),
    pytest.param(b"iTXt", lambda: b"C\0\0\0\0\0" + bytes(70 << 20), id="70 MB, not packed"),
    pytest.param(b"tEXt", lambda: b"C\0" + b"x" * (70 << 20), id="plain text of 70 MB"),
    pytest.param(b"iCCP", lambda: b"sRGB\0\0" + packed(2 << 20), id="colour profile of 2 MB"),
    pytest.param(b"iCCP", lambda: b"sRGB\0\0" + packed(100 << 20), id="colour profile of 100 MB"),
    pytest.param(
        b"zTXt", lambda: b"Raw profile type exif\0\0" + packed(2 << 20), id="EXIF of 2 MB"
    ),
    pytest.param(b"zTXt", lambda: b"Comment\0\0no stream", id="not readable"),
]


@pytest.mark.parametrize(("kind", "body"), LARGE)
def test_metadata_that_are_too_large_are_skipped(kind: bytes, body: Callable[[], bytes]) -> None:
    picture = decode(REF, with_chunk(kind, body())(DIGITS[7]), MAX_PIXELS)
    assert isinstance(picture, Picture)
    assert not picture.reasons
    np.testing.assert_array_equal(picture.pixels, DIGITS[7])


def test_many_metadata_that_are_too_large_together_are_skipped() -> None:
    one = chunk(b"zTXt", b"Comment\0\0" + packed(900 << 10))
    data = with_chunk(b"zTXt", b"Comment\0\0" + packed(9))(DIGITS[7])
    at = data.index(b"zTXt") - 4
    picture = decode(REF, data[:at] + one * 100 + data[at:], MAX_PIXELS)
    assert isinstance(picture, Picture)
    np.testing.assert_array_equal(picture.pixels, DIGITS[7])


def test_metadata_that_are_too_large_behind_the_pixels() -> None:
    data = with_chunk(b"tEXt", b"C\0D")(DIGITS[7])
    large = chunk(b"zTXt", b"Comment\0\0" + packed(2 << 20))
    picture = decode(REF, data[:-12] + large + data[-12:], MAX_PIXELS)
    assert isinstance(picture, Picture)
    np.testing.assert_array_equal(picture.pixels, DIGITS[7])
