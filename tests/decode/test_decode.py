"""One picture, every way of storing it."""

import io

import numpy as np
import pytest
from PIL import Image

from batch_predict.decode import decode
from batch_predict.options import MAX_PIXELS
from batch_predict.records import Code, Failure, ImageRef, Picture

REF = ImageRef("7/a.png", truth=7)


def encoded(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def test_grey_pixels_come_out_bit_for_bit():
    pixels = np.arange(784, dtype=np.uint8).reshape(28, 28)
    picture = decode(REF, encoded(Image.fromarray(pixels), "PNG"), MAX_PIXELS)
    assert isinstance(picture, Picture)
    assert picture.ref is REF
    assert picture.reasons == ()
    np.testing.assert_array_equal(picture.pixels, pixels)


def test_more_than_max_pixels_is_refused():
    failure = decode(REF, encoded(Image.new("1", (100, 100)), "PNG"), max_pixels=9999)
    assert isinstance(failure, Failure)
    assert failure.reason.code is Code.TOO_LARGE


@pytest.mark.parametrize("data", [pytest.param(b"", id="empty"), pytest.param(b"words", id="text")])
def test_no_picture(data):
    failure = decode(REF, data, MAX_PIXELS)
    assert isinstance(failure, Failure)
    assert failure.reason.code is Code.NOT_AN_IMAGE
