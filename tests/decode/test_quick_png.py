"""The quick ways give the pixels and the refusals of the long one, whatever the file."""

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
from batch_predict.decode.scanlines import pixels_of, scanlines
from batch_predict.records import ImageRef, Picture
from tests.broken.files import chunk
from tests.support.damage import SEEDS, damaged, edits

REF = ImageRef("7/a.png", truth=7)
MAX_PIXELS = 4_000_000
SIGNATURE = b"\x89PNG\r\n\x1a\n"
END = chunk(b"IEND", b"")


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


def filtered(kind, seed):
    """A PNG of noise whose rows all have the filter `kind`, or each another one."""
    rows = np.random.default_rng(seed).integers(0, 256, (28, 29), np.uint8)
    rows[:, 0] = kind if kind < 5 else np.arange(28) % 5
    return of_rows(rows.tobytes())


GREYS = [png(grey(28, 28)), png(np.tile(np.arange(200, dtype=np.uint8), (50, 1))), png(grey(1, 1))]
PGM = b"P5\n28 28\n255\n" + grey(28, 28).tobytes()
ROWS = bytes(29 * 28)
ODD = [
    pytest.param(of_rows(ROWS), id="whole"),
    pytest.param(PGM, id="a PGM"),
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
    lines = scanlines(data)
    if lines is not None:
        assert isinstance(slow, Picture)
        assert not slow.reasons
        np.testing.assert_array_equal(pixels_of([lines]), slow.pixels[None])


@pytest.mark.parametrize("data", GREYS)
def test_a_plain_grey_png_goes_the_quick_way(data):
    with Image.open(io.BytesIO(data)) as image:
        np.testing.assert_array_equal(quick_png(data, MAX_PIXELS), np.asarray(image))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(GREYS[0], True, id="of MNIST's size"),
        pytest.param(png(grey(28, 28), compress_level=0), True, id="not compressed"),
        pytest.param(of_rows(ROWS), True, id="an empty one"),
        pytest.param(GREYS[1], False, id="larger"),
        pytest.param(png(grey(29, 27)), False, id="another shape"),
        pytest.param(png(np.zeros((28, 28, 3), np.uint8)), False, id="in colour"),
        pytest.param(png(grey(28, 28) > 9), False, id="of one bit"),
        pytest.param(png(grey(28, 28), dpi=(72, 72)), False, id="another chunk"),
        pytest.param(of_rows(ROWS[:-1]), False, id="a byte short"),
        pytest.param(of_rows(ROWS + bytes(1 << 19)), False, id="too many rows"),
        pytest.param(of_rows(ROWS[:-29] + b"\5" + ROWS[:28]), False, id="no such filter"),
        pytest.param(of_rows(ROWS, tail=bytes(1 << 10)), False, id="a large file"),
        pytest.param(GREYS[0][:-13] + b"x" + END, False, id="a wrong checksum"),
        pytest.param(b"", False, id="empty"),
        pytest.param(PGM, True, id="a PGM"),
        pytest.param(b"P5 28 28 255\n" + PGM[13:], True, id="a PGM in one line"),
        pytest.param(PGM[:-1], False, id="a cut PGM"),
        pytest.param(PGM + b"\n", False, id="a PGM with more behind"),
        pytest.param(PGM.replace(b"255", b"127", 1), False, id="a PGM of fewer levels"),
    ],
)
def test_which_pngs_are_decoded_many_at_a_time(data, expected):
    assert (scanlines(data) is not None) is expected


@pytest.mark.parametrize("count", [0, 1, 3, 128, 300])
def test_pictures_that_are_decoded_together_keep_from_each_other(count):
    files = [filtered(number % 6, seed=number) for number in range(count)]
    files[2::5] = [PGM] * len(files[2::5])
    expected = [decode(REF, data, MAX_PIXELS).pixels for data in files]
    pixels = pixels_of(list(map(scanlines, files)))
    np.testing.assert_array_equal(pixels, np.reshape(expected, (-1, 28, 28)))


def test_too_little_memory_to_decode_pictures_together(monkeypatch):
    monkeypatch.setattr("batch_predict.decode.kornia_png.has_room", lambda pixels: False)
    with pytest.raises(MemoryError):
        pixels_of([ROWS])


def test_too_little_memory_is_for_the_long_way_to_find():
    with patch("zlib.decompress", side_effect=MemoryError):
        assert scanlines(GREYS[0]) is None


@pytest.mark.parametrize("data", ODD)
def test_odd_files(data):
    same_as_the_long_way(data)


def test_a_large_one_goes_the_long_way():
    assert quick_png(of_rows(bytes(257 * 257), size=(256, 257)), MAX_PIXELS) is None


@pytest.mark.parametrize("data", SEEDS)
def test_every_fixture(data):
    same_as_the_long_way(data)


damaged_greys = given(st.sampled_from(GREYS), st.lists(edits, min_size=1, max_size=3))


@settings(max_examples=300)
@damaged_greys
def test_damaged_files(data, edits):
    same_as_the_long_way(damaged(data, edits, mend=False))
    same_as_the_long_way(damaged(data, edits, mend=True))


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, len(ROWS) - 1), st.binary(min_size=1, max_size=3))))
def test_damaged_rows(writes):
    rows = bytearray(ROWS)
    for at, what in writes:
        rows[at : at + len(what)] = what
    same_as_the_long_way(of_rows(bytes(rows)))
