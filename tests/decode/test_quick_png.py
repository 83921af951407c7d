"""The quick way gives the pixels and the refusals of the long one, whatever the file."""

import io
import zlib
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from batch_predict.decode import decode
from batch_predict.decode.quick_png import quick_png
from batch_predict.records import ImageRef, Picture
from tests.broken.files import chunk
from tests.support.damage import SEEDS, damaged, edits

REF = ImageRef("7/a.png", truth=7)
MAX_PIXELS = 4_000_000
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def grey(height, width, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width), np.uint8)


def png(pixels, **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", **options)
    return file.getvalue()


def of_rows(rows, *, size=(28, 28), tail=b""):
    """A PNG of these filtered `rows`, its structure and checksums right."""
    header = size[0].to_bytes(4) + size[1].to_bytes(4) + b"\x08\0\0\0\0"
    data = zlib.compress(rows) + tail
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


GREYS = [png(grey(28, 28)), png(np.tile(np.arange(200, dtype=np.uint8), (50, 1))), png(grey(1, 1))]
ROWS = bytes(29 * 28)
ODD = [
    pytest.param(of_rows(ROWS), id="whole"),
    pytest.param(of_rows(ROWS[:-1]), id="a byte short"),
    pytest.param(of_rows(ROWS[:29]), id="one row"),
    pytest.param(of_rows(bytes(range(1, 30)) * 14), id="half the rows"),
    pytest.param(of_rows(b""), id="no row"),
    pytest.param(of_rows(ROWS + ROWS), id="too many rows"),
    pytest.param(of_rows(ROWS, tail=b"junk"), id="junk after the stream"),
    pytest.param(of_rows(b"\x07" + ROWS[1:]), id="no such filter"),
    pytest.param(of_rows(ROWS, size=(0, 28)), id="no width"),
    pytest.param(of_rows(ROWS, size=(1 << 31, 1)), id="too wide"),
    pytest.param(of_rows(ROWS, size=(3000, 3000)), id="too large"),
    pytest.param(png(grey(28, 28)) + b"junk", id="junk after the end"),
    pytest.param(png(grey(28, 28), dpi=(72, 72)), id="another chunk"),
    pytest.param(png(grey(400, 400)), id="two IDATs or a long one"),
]


def same_as_the_long_way(data):
    quick = decode(REF, data, MAX_PIXELS)
    with patch("batch_predict.decode.decoder.quick_png", return_value=None):
        slow = decode(REF, data, MAX_PIXELS)
    if isinstance(slow, Picture):
        assert isinstance(quick, Picture)
        assert quick.reasons == slow.reasons
        np.testing.assert_array_equal(quick.pixels, slow.pixels)
    else:
        assert quick == slow


@pytest.mark.parametrize("data", GREYS)
def test_a_plain_grey_png_goes_the_quick_way(data):
    with Image.open(io.BytesIO(data)) as image:
        np.testing.assert_array_equal(quick_png(data, MAX_PIXELS), np.asarray(image))


@pytest.mark.parametrize("data", ODD)
def test_odd_files(data):
    same_as_the_long_way(data)


def test_more_pixels_than_opencv_takes_go_the_long_way():
    assert quick_png(of_rows(ROWS, size=(40_000, 40_000)), 2_000_000_000) is None


@pytest.mark.parametrize("data", SEEDS)
def test_every_fixture(data):
    same_as_the_long_way(data)


damaged_greys = given(st.sampled_from(GREYS), st.lists(edits, min_size=1, max_size=3))


@settings(max_examples=300, deadline=None)
@damaged_greys
def test_damaged_files(data, edits):
    same_as_the_long_way(damaged(data, edits, mend=False))
    same_as_the_long_way(damaged(data, edits, mend=True))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(ROWS) - 1), st.binary(min_size=1, max_size=3))))
def test_damaged_rows(writes):
    rows = bytearray(ROWS)
    for at, what in writes:
        rows[at : at + len(what)] = what
    same_as_the_long_way(of_rows(bytes(rows)))
