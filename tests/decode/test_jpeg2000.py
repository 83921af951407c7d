"""Every depth and number of samples of a JPEG 2000: read right, or `unsupported`, never garbage."""

import imagecodecs
import numpy as np
import pytest

from batch_predict.decode import decode
from batch_predict.options import MAX_PIXELS
from batch_predict.records import Code, ImageRef, Picture
from tests.support.digits import DIGITS

REF = ImageRef("7/a.jp2")
PAPER = np.pad(255 - DIGITS[7], 14, constant_values=255)  # white at the depth's end


def written(bits, samples, *, signed):
    """The digit in dark ink, opaque where the last of 2 or 4 samples is alpha."""
    white = (1 << bits) - 1
    levels = np.rint(PAPER / 255 * white).astype(np.int64)
    planes = [levels] * (samples - (samples % 2 == 0)) + [levels * 0 + white] * (samples % 2 == 0)
    pixels = np.dstack(planes) - ((1 << bits - 1) if signed else 0)
    size = 1 if bits <= 8 else 2 if bits <= 16 else 4
    pixels = pixels.astype(f"{'i' if signed else 'u'}{size}")
    stored = pixels[..., 0] if samples == 1 else pixels
    return imagecodecs.jpeg2k_encode(np.ascontiguousarray(stored), bitspersample=bits, level=0)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("samples", [1, 2, 3, 4])
@pytest.mark.parametrize("bits", [*range(6, 18), 20, 24])
def test_every_depth(bits, samples, signed, capfd):
    seen = decode(REF, written(bits, samples, signed=signed), MAX_PIXELS)
    if isinstance(seen, Picture):
        assert np.abs(seen.pixels.astype(float) - PAPER).mean() <= 5  # 6 bits: 252 is white
    else:
        assert seen.reason.code is Code.UNSUPPORTED
        assert bits > 16 or (bits > 8 and (signed or samples == 2))
    assert capfd.readouterr() == ("", "")


def test_a_damaged_one_is_no_garbage(capfd):
    data = written(16, 3, signed=False)
    damaged = data[:-400] + bytes(300) + data[-100:]
    seen = decode(REF, damaged, MAX_PIXELS)
    assert isinstance(seen, Picture) or seen.reason.code is Code.CORRUPT
    assert capfd.readouterr() == ("", "")


def test_what_is_too_large():
    failure = decode(REF, written(16, 3, signed=False), max_pixels=1000)
    assert failure.reason.code is Code.TOO_LARGE
