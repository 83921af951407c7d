"""Every file that is no picture, or hardly: one reason, our own words, and not a sound."""

import concurrent.futures
import struct
import sys

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from batch_predict.decode import decode
from batch_predict.options import MAX_PIXELS
from batch_predict.records import Code, Failure, ImageRef, Picture, Status
from tests.broken.files import BROKEN
from tests.decode.every_encoding import ENCODINGS, heif, save
from tests.support.digits import DIGITS

REF = ImageRef("7/a.png", truth=7)
SEVEN = DIGITS[7]


@pytest.mark.parametrize("broken", [pytest.param(b, id=b.name) for b in BROKEN])
def test_one_reason(broken, capfd):
    seen = decode(REF, broken.make(SEVEN), MAX_PIXELS)
    assert seen.ref is REF
    if broken.status is Status.FAILED:
        assert isinstance(seen, Failure)
        assert seen.reason.code is broken.code
    else:
        assert isinstance(seen, Picture)
        assert [reason.code for reason in seen.reasons] == [broken.code]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("encoding", [pytest.param(e, id=e.name) for e in ENCODINGS])
@pytest.mark.parametrize("cuts", [20, pytest.param(100, marks=pytest.mark.slow)])
def test_wherever_it_is_cut(cuts, encoding, capfd):
    """A cut file fails, or gives the whole picture; where it says nothing, no pixel is gone."""
    data = encoding.make(SEVEN)
    whole = decode(REF, data, MAX_PIXELS)
    for end in range(0, len(data), 1 + len(data) // cuts):
        seen = decode(REF, data[:end], MAX_PIXELS)
        if isinstance(seen, Failure):
            assert seen.reason.code in (Code.TRUNCATED, Code.NOT_AN_IMAGE, Code.CORRUPT)
        elif "progressive" not in encoding.name:
            assert (seen.pixels == whole.pixels).all()
    assert capfd.readouterr() == ("", "")


LARGE = np.repeat(np.repeat(SEVEN, 4, axis=0), 4, axis=1)


def jpeg_of_kind(mark):
    """A JPEG whose frame says that it is of another kind."""
    data = save(Image.fromarray(LARGE), "JPEG")
    return data.replace(b"\xff\xc0", bytes([0xFF, mark]), 1)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            imagecodecs.jpeg8_encode(LARGE.astype("u2") * 16, bitspersample=12), id="12 bits"
        ),
        pytest.param(imagecodecs.ljpeg_encode(LARGE.astype("u2") * 257), id="16 bits, no loss"),
        pytest.param(imagecodecs.jpegls_encode(LARGE), id="JPEG-LS"),
        *(pytest.param(jpeg_of_kind(mark), id=f"{mark:X}") for mark in (0xC5, 0xCB, 0xCD, 0xDE)),
    ],
)
def test_a_jpeg_that_is_not_read_is_not_called_damaged(data):
    failure = decode(REF, data, MAX_PIXELS)
    assert isinstance(failure, Failure)
    assert failure.reason.code is Code.UNSUPPORTED


def test_a_jpeg_without_loss_is_read():
    np.testing.assert_array_equal(
        decode(REF, imagecodecs.ljpeg_encode(LARGE), MAX_PIXELS).pixels, LARGE
    )


def bitmap(bits, compression, pixels, masks=b""):
    header = struct.pack("<IiiHHIIiiII", 40, 28, -28, 1, bits, compression, 0, 0, 0, 0, 0) + masks
    return header + pixels


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(bitmap(0, 5, save(Image.fromarray(SEVEN), "PNG")), id="holds a PNG"),
        pytest.param(bitmap(0, 4, save(Image.fromarray(SEVEN), "JPEG")), id="holds a JPEG"),
        pytest.param(
            bitmap(32, 3, bytes(4 * 784), struct.pack("<III", 0x3FF00000, 0xFFC00, 0x3FF)),
            id="ten bits of each colour",
        ),
        pytest.param(
            bitmap(16, 3, bytes(2 * 784), struct.pack("<III", 0xF00, 0xF0, 0xF)), id="four bits"
        ),
        pytest.param(bitmap(2, 0, bytes(8 * 28)), id="two bits a pixel"),
        pytest.param(bitmap(8, 9, bytes(784)), id="a compression that nobody knows"),
    ],
)
@pytest.mark.parametrize("name", ["bmp", "dib"])
def test_a_bitmap_that_is_not_read_is_one_all_the_same(data, name):
    file_header = b"BM" + struct.pack("<IHHI", 14 + len(data), 0, 0, 54)
    failure = decode(REF, file_header + data if name == "bmp" else data, MAX_PIXELS)
    assert isinstance(failure, Failure)
    assert failure.reason.code is Code.UNSUPPORTED


def test_heic_without_its_library_says_what_to_install(monkeypatch):
    data = heif(SEVEN)
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    failure = decode(REF, data, MAX_PIXELS)
    assert failure.reason.code is Code.UNSUPPORTED
    assert "batch_predict[heif]" in failure.reason.words


@pytest.mark.parametrize(
    ("side", "decoded"),
    [
        pytest.param(511, 511, id="as it is"),
        pytest.param(512, 256, id="halved"),
        pytest.param(1600, 400, id="a quarter"),
        pytest.param(4000, 500, id="an eighth"),
    ],
)
@pytest.mark.parametrize("is_tall", [True, False], ids=["tall", "wide"])
def test_a_large_jpeg_is_reduced_as_it_is_decoded_and_counts_so(side, decoded, is_tall):
    """The longer side decides."""
    size = (side // 2, side) if is_tall else (side, side // 2)
    data = save(Image.fromarray(SEVEN).resize(size), "JPEG")
    picture = decode(REF, data, MAX_PIXELS, cap=decoded * (decoded // 2 + 1))
    assert max(picture.pixels.shape) == decoded


@pytest.mark.parametrize("encoding", [pytest.param(e, id=e.name) for e in ENCODINGS])
def test_max_pixels_holds_for_every_format(encoding):
    failure = decode(REF, encoding.make(SEVEN), max_pixels=28 * 28 - 1)
    assert failure.reason.code is Code.TOO_LARGE


@pytest.mark.parametrize("progressive", [False, True])
def test_max_pixels_holds_for_a_jpeg_that_is_reduced_as_it_is_decoded(progressive):
    data = save(Image.new("L", (2400, 2000)), "JPEG", progressive=progressive)
    assert decode(REF, data, max_pixels=2400 * 2000 - 1).reason.code is Code.TOO_LARGE
    assert isinstance(decode(REF, data, max_pixels=2400 * 2000), Picture)


def test_a_progressive_jpeg_is_held_whole_and_counts_so():
    data = save(Image.new("L", (3000, 3000)), "JPEG", progressive=True)
    assert decode(REF, data, MAX_PIXELS, cap=4_000_000).reason.code is Code.TOO_LARGE


def test_threads_do_not_disturb_each_other():
    files = [encoding.make(SEVEN) for encoding in ENCODINGS] + [b.make(SEVEN) for b in BROKEN]
    alone = [decode(REF, data, MAX_PIXELS) for data in files]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda data: decode(REF, data, MAX_PIXELS), files))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_equal(one, other)
