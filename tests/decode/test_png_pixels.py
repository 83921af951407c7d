"""Plain PNGs that kornia-rs decodes have Pillow's pixels; all else is left to Pillow."""

import io
import mmap
from typing import NoReturn

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from batch_predict.decode import decode
from batch_predict.decode.png_pixels import png_pixels
from batch_predict.options import MAX_PIXELS
from batch_predict.records import ImageRef, Picture
from tests.broken.files import chunk

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (300, 400), np.uint8)  # does not fit one IDAT
RGB = RNG.integers(0, 256, (300, 400, 3), np.uint8)


def png(pixels: np.ndarray, mode: str | None = None, **options: object) -> bytes:
    file = io.BytesIO()
    image = Image.fromarray(pixels)
    (image if mode is None else image.convert(mode)).save(file, "PNG", **options)
    return file.getvalue()


def animation() -> bytes:
    return png(RGB, save_all=True, append_images=[Image.fromarray(RGB[::-1])])


def interlaced() -> bytes:
    data = png(RGB)
    return data[:16] + chunk(b"IHDR", data[16:28] + b"\1")[8:] + data[33:]


def text() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", "a scanner")
    return info


def found(data: bytes) -> np.ndarray | None:
    with Image.open(io.BytesIO(data)) as image:
        return png_pixels(data, image)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(png(GREY), GREY, id="grey"),
        pytest.param(png(RGB), RGB, id="RGB"),
        pytest.param(png(GREY, "RGB"), GREY, id="grey as RGB"),
        pytest.param(png(GREY[:1, :1]), GREY[:1, :1], id="a pixel"),
        pytest.param(png(RGB, dpi=(300, 300), pnginfo=text()), RGB, id="metadata before"),
    ],
)
def test_plain_ones(data: bytes, expected: np.ndarray) -> None:
    np.testing.assert_array_equal(found(data), expected)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(png(GREY, "1"), id="1 bit"),
        pytest.param(png(GREY, "P"), id="palette"),
        pytest.param(png(GREY.astype(np.uint16)), id="16 bits"),
        pytest.param(png(RGB, "RGBA"), id="alpha"),
        pytest.param(png(RGB, transparency=(1, 2, 3)), id="a transparent colour"),
        pytest.param(png(GREY)[:-12] + chunk(b"tEXt", b"a\0b") + png(GREY)[-12:], id="text behind"),
        pytest.param(animation(), id="animation"),
        pytest.param(interlaced(), id="interlaced"),
        pytest.param(png(RGB)[:-2000] + png(RGB)[-12:], id="damage"),
    ],
)
def test_others_are_left_to_pillow(data: bytes) -> None:
    assert found(data) is None


def test_nothing_is_tried_without_the_memory_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **keywords: object) -> NoReturn:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(mmap, "mmap", refuse)
    assert found(png(RGB)) is None


def test_what_stands_before_the_pixels_counts() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned
    picture = decode(ImageRef("a"), png(RGB, exif=exif, dpi=(200, 100)), MAX_PIXELS)
    assert isinstance(picture, Picture)
    assert picture.pixels.shape == (400, 600, 3)
