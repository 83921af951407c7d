"""A file of several pictures says so, whichever format holds them."""

import io

import pytest
from PIL import Image

from batch_predict.decode import decode
from batch_predict.options import MAX_PIXELS
from batch_predict.records import ImageRef, Picture, join_reasons
from tests.decode.every_encoding import large, save
from tests.support.digits import DIGITS

FRAMES = [Image.fromarray(large(DIGITS[digit])).convert("RGB") for digit in (7, 1, 4)]


def several(kind, **options):
    return save(FRAMES[0], kind, save_all=True, append_images=FRAMES[1:], **options)


def apng_with_another_picture_first():
    """The first picture is for those who don't play the animation; it is none of its frames."""
    return several("PNG", default_image=True)


def mpo_of(kinds):
    """An MPO whose index says of each picture what kind it is."""
    data = bytearray(several("MPO"))
    start = data.index(b"MPF\0") + 4
    order = "little" if data[start : start + 2] == b"II" else "big"
    tag = data.index((0xB002).to_bytes(2, order), start)
    entries = start + int.from_bytes(data[tag + 8 : tag + 12], order)
    for index, kind in enumerate(kinds):
        data[entries + 16 * index : entries + 16 * index + 4] = kind.to_bytes(4, order)
    return bytes(data)


def heif():
    import pillow_heif

    file = io.BytesIO()
    pictures = pillow_heif.HeifFile()
    for frame in FRAMES:
        pictures.add_from_pillow(frame)
    pictures.save(file, quality=50)
    return file.getvalue()


@pytest.mark.parametrize(
    ("make", "frames"),
    [
        pytest.param(lambda: several("PNG"), 3, id="apng"),
        pytest.param(apng_with_another_picture_first, 3, id="apng, another picture first"),
        pytest.param(lambda: several("GIF"), 3, id="gif"),
        pytest.param(lambda: several("WEBP"), 3, id="webp"),
        pytest.param(lambda: several("TIFF"), 3, id="tiff"),
        pytest.param(lambda: several("AVIF"), 3, id="avif"),
        pytest.param(heif, 3, id="heic"),
        pytest.param(lambda: several("MPO"), 3, id="mpo"),
        pytest.param(lambda: mpo_of([0x030000, 0x010001, 0x020002]), 2, id="mpo, a thumbnail"),
        pytest.param(lambda: mpo_of([0x030000, 0x010001, 0x010002]), 1, id="mpo, thumbnails alone"),
        pytest.param(lambda: save(FRAMES[0], "PNG"), 1, id="one picture"),
        pytest.param(lambda: save(FRAMES[0], "AVIF"), 1, id="one picture in an avif"),
    ],
)
def test_says_how_many(make, frames):
    picture = decode(ImageRef("a"), make(), MAX_PIXELS)
    assert isinstance(picture, Picture)
    said = f"several_frames: first of {frames} frames" if frames > 1 else ""
    assert join_reasons(picture.reasons) == said
