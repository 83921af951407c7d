"""One picture, every way of storing it: the same pixels come out."""

import numpy as np
import pytest

from batch_predict.decode import decode
from batch_predict.options import MAX_PIXELS
from batch_predict.records import ImageRef, Picture, join_reasons
from tests.decode.every_encoding import ENCODINGS
from tests.support.digits import DIGITS


@pytest.mark.parametrize("encoding", [pytest.param(e, id=e.name) for e in ENCODINGS])
def test_the_same_picture_comes_out(encoding):
    for digit, pixels in enumerate(DIGITS):
        ref = ImageRef(f"{digit}/a{encoding.suffix}", truth=digit)
        picture = decode(ref, encoding.make(pixels), MAX_PIXELS)
        assert isinstance(picture, Picture), picture
        assert picture.ref is ref
        assert picture.pixels.dtype == np.uint8
        assert join_reasons(picture.reasons) == encoding.reason
        expected = encoding.expected(pixels)
        seen = picture.pixels if picture.pixels.ndim == 2 else picture.pixels.mean(axis=2)
        assert seen.shape == expected.shape
        error = np.abs(seen.astype(float) - expected).mean()
        assert error <= encoding.mean_error
