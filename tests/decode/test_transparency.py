"""Alpha that nobody wrote hides nothing; a drawing whose ink is in the alpha alone stays right."""

import io
import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from batch_predict.decode import decode
from batch_predict.decode.pixel_modes import to_grey_or_rgb
from batch_predict.options import MAX_PIXELS
from batch_predict.records import ImageRef, Picture
from tests.decode.every_encoding import palette, save, strokes
from tests.support.digits import DIGITS

SEVEN = DIGITS[7]
ALPHAS = (0, 1, 100, 127, 128, 254)
LOSSY = 3.0  # grey levels, on average


def with_alpha(bands, alpha):
    return Image.merge(
        bands,
        [Image.fromarray(SEVEN)] * (len(bands) - 1) + [Image.new("L", SEVEN.shape[::-1], alpha)],
    )


def bitmap(alpha, header):
    """A BMP with a header of that many bytes, whose masks say that the fourth byte is alpha."""
    levels = np.dstack([SEVEN, SEVEN, SEVEN, np.full_like(SEVEN, alpha)])[::-1].tobytes()
    info = struct.pack("<IiiHHIIiiII", header, 28, 28, 1, 32, 3, len(levels), 0, 0, 0, 0)
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    start = 14 + header
    first = struct.pack("<2sIHHI", b"BM", start + len(levels), 0, 0, start)
    return first + (info + masks).ljust(header, b"\0") + levels


def png_of_16_bits(alpha):
    colour = SEVEN.astype(np.uint16) * 257
    done, data = cv2.imencode(".png", np.dstack([colour] * 3 + [np.full_like(colour, alpha)]))
    assert done
    return data.tobytes()


def icon_with_mask(alpha):
    """A bitmap of 24 bits in an icon, whose mask hides every pixel."""
    levels = np.dstack([SEVEN] * 3)[::-1].tobytes()
    mask = b"\xff" * 4 * 28
    bitmap = struct.pack("<IiiHHIIiiII", 40, 28, 56, 1, 24, 0, 0, 0, 0, 0, 0) + levels + mask
    return struct.pack("<HHH4B2HII", 0, 1, 1, 28, 28, 0, 0, 1, 24, len(bitmap), 22) + bitmap


def heif(alpha):
    import pillow_heif

    image = pillow_heif.from_pillow(with_alpha("RGBA", alpha))
    file = io.BytesIO()
    image.save(file, quality=-1)
    return file.getvalue()


def saved(bands, kind, **options):
    return lambda alpha: save(with_alpha(bands, alpha), kind, **options)


WRITERS = [
    pytest.param(saved("RGBA", "TGA"), id="tga"),
    pytest.param(saved("RGBA", "TGA", compression="tga_rle"), id="tga run-length"),
    pytest.param(saved("LA", "TGA"), id="tga grey"),
    pytest.param(lambda alpha: bitmap(alpha, 56), id="bmp V3"),
    pytest.param(lambda alpha: bitmap(alpha, 108), id="bmp V4"),
    pytest.param(lambda alpha: bitmap(alpha, 124), id="bmp V5"),
    pytest.param(lambda alpha: bitmap(alpha, 124)[14:], id="dib V5"),
    pytest.param(saved("RGBA", "ICO", sizes=[(28, 28)]), id="ico"),
    pytest.param(saved("RGBA", "ICO", sizes=[(28, 28)], bitmap_format="bmp"), id="ico bitmap"),
    pytest.param(icon_with_mask, id="ico mask"),
    pytest.param(saved("RGBA", "PNG"), id="png"),
    pytest.param(saved("LA", "PNG"), id="png grey"),
    pytest.param(
        lambda alpha: save(palette(SEVEN), "PNG", transparency=bytes([alpha] * 256)),
        id="png palette",
    ),
    pytest.param(png_of_16_bits, id="png 16 bits"),
    pytest.param(lambda alpha: png_of_16_bits(alpha * 257), id="png 16 bits, full range"),
    pytest.param(saved("RGBA", "TIFF"), id="tiff"),
    pytest.param(saved("LA", "TIFF"), id="tiff grey"),
    pytest.param(saved("RGBA", "WEBP", lossless=True, exact=True), id="webp"),
    pytest.param(saved("RGBA", "AVIF", quality=100), id="avif"),
    pytest.param(heif, id="heic"),
    pytest.param(saved("RGBA", "JPEG2000"), id="jp2"),
    pytest.param(saved("LA", "JPEG2000"), id="jp2 grey"),
]


def error_of(data, expected):
    picture = decode(ImageRef("7/a"), data, MAX_PIXELS)
    assert isinstance(picture, Picture), picture
    seen = picture.pixels if picture.pixels.ndim == 2 else picture.pixels.mean(axis=2)
    return np.abs(seen.astype(float) - expected).mean()


@pytest.mark.parametrize("write", WRITERS)
def test_alpha_that_is_the_same_everywhere_says_nothing(write):
    errors = {alpha: error_of(write(alpha), SEVEN) for alpha in ALPHAS}
    assert max(errors.values()) <= LOSSY, errors


@pytest.mark.parametrize(
    "alpha",
    [
        pytest.param(np.where(np.arange(784) < 9, 255, 0).reshape(28, 28), id="all but 9 pixels"),
        pytest.param(np.indices((28, 28)).sum(axis=0) % 2 + 1, id="1 and 2, in turns"),
        pytest.param(np.where(np.arange(784) < 9, 255, 1).reshape(28, 28), id="1, and 9 opaque"),
    ],
)
def test_alpha_that_hides_nearly_everything_hides_no_digit(alpha):
    rgba = np.dstack([SEVEN, SEVEN, SEVEN, alpha.astype(np.uint8)])
    seen = to_grey_or_rgb(Image.fromarray(rgba))
    assert np.corrcoef(seen.ravel(), SEVEN.ravel())[0, 1] > 0.9


@pytest.mark.parametrize("ink", [pytest.param(0, id="black"), pytest.param(255, id="white")])
@pytest.mark.parametrize("strongest", [pytest.param(s, id=f"to {s}") for s in (1, 3, 40, 200, 255)])
def test_ink_that_is_in_the_alpha_alone(ink, strongest):
    alpha = np.rint(SEVEN / 255 * strongest).astype(np.uint8)
    seen = to_grey_or_rgb(strokes(ink, "RGBA")(alpha))
    contrast = int(seen.max()) - int(seen.min())
    assert contrast >= 128
    correlation = np.corrcoef(seen.ravel(), SEVEN.ravel())[0, 1]
    assert (correlation if ink else -correlation) > 0.8


def test_a_frame_that_is_transparent_all_over_is_one_tone():
    frame = Image.new("P", (28, 28))
    frame.putpalette([255, 255, 255, 0, 0, 0])
    picture = decode(ImageRef("a.gif"), save(frame, "GIF", transparency=0), MAX_PIXELS)
    assert isinstance(picture, Picture)
    assert np.ptp(picture.pixels) == 0
