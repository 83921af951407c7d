"""Pixels that are not square are squared; all others are left alone."""

import numpy as np
import pytest
from PIL import Image

from batch_predict.decode import decode
from batch_predict.options import MAX_PIXELS
from batch_predict.records import ImageRef, Picture
from tests.decode.every_encoding import save, threshold
from tests.decode.test_tiff_layouts import tiff
from tests.support.digits import DIGITS

SEVEN = DIGITS[7]
WIDE = np.kron(SEVEN, np.ones((2, 4), np.uint8))  # twice as many dots in a row as in a column


def fax(dpi, **options):
    image = Image.fromarray(threshold(WIDE)).convert("1")
    return save(image, "TIFF", compression="group4", dpi=dpi, **options)


def saved(kind, **options):
    return save(Image.fromarray(WIDE), kind, **options)


def shape_of(data):
    picture = decode(ImageRef("a"), data, MAX_PIXELS)
    assert isinstance(picture, Picture)
    return picture.pixels.shape[:2]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(fax((204, 102)), id="fax"),
        pytest.param(fax((80, 40)), id="fax, dots per centimetre"),
        pytest.param(saved("TIFF", dpi=(200, 100)), id="tiff"),
        pytest.param(
            tiff(WIDE / 255, resolution=(200, 100), resolutionunit="INCH"), id="tiff of floats"
        ),
        pytest.param(saved("PNG", dpi=(200, 100)), id="png"),
        pytest.param(saved("JPEG", dpi=(200, 100)), id="jpeg"),
        pytest.param(saved("BMP", dpi=(200, 100)), id="bmp"),
    ],
)
def test_a_row_of_more_dots(data):
    assert shape_of(data) == (112, 112)


def test_a_column_of_more_dots():
    tall = save(Image.fromarray(np.ascontiguousarray(WIDE.T)), "TIFF", dpi=(100, 200))
    assert shape_of(tall) == (112, 112)


def test_the_digit_looks_as_it_does_in_square_pixels():
    picture = decode(ImageRef("a"), saved("TIFF", dpi=(200, 100)), MAX_PIXELS)
    square = np.kron(SEVEN, np.ones((4, 4), np.uint8))
    assert np.corrcoef(picture.pixels.ravel(), square.ravel())[0, 1] > 0.98


def test_a_page_on_its_side():
    exif = Image.Exif()
    exif[274] = 6
    assert shape_of(fax((204, 102), exif=exif)) == (112, 112)
    assert shape_of(saved("JPEG", dpi=(200, 100), exif=exif)) == (112, 112)


def test_a_large_page_is_reduced():
    page = Image.new("1", (1728, 1100))
    data = save(page, "TIFF", compression="group4", dpi=(204, 98))
    assert shape_of(data) == (1100, 830)


@pytest.mark.parametrize(
    "dpi",
    [
        pytest.param((204, 196), id="the finer fax"),
        pytest.param((72, 72), id="square"),
        pytest.param((1, 600), id="a slip"),
        pytest.param((0, 0), id="none"),
    ],
)
def test_what_is_square_or_nonsense_is_left_alone(dpi):
    assert shape_of(fax(dpi)) == WIDE.shape
