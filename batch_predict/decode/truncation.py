"""A file cut short: is every pixel row still there?"""

from typing import Final

import numpy as np
from PIL import Image, ImageFile

from batch_predict.decode.containers import JPEG_DHT, JPEG_EOI, JPEG_SOS, jpeg_scan_start
from batch_predict.decode.formats import Format

# What may follow the cut. Where the pixels depend on it, some of them are missing.
_JUNK: Final = bytes(range(0x100 - 1)) + JPEG_EOI
_GROUNDS: Final = (0, 255)


def salvage(kind: Format, data: bytes, max_pixels: int) -> Image.Image | None:
    """The loaded image of a file cut short, or None where pixels are missing.

    The pixels are decoded twice, with different values for what is missing: where the two agree
    everywhere, all of them came from the file. Raises what the decoder raises.
    """
    if kind.name == "JPEG":
        return _salvage_jpeg(kind, data, max_pixels)
    first, second = (_over_ground(kind, data, max_pixels, ground) for ground in _GROUNDS)
    return _if_same(first, second)


def _if_same(first: Image.Image, second: Image.Image) -> Image.Image | None:
    same = np.array_equal(np.asarray(first), np.asarray(second), equal_nan=first.mode == "F")
    return first if same else None


def _salvage_jpeg(kind: Format, data: bytes, max_pixels: int) -> Image.Image | None:
    """libjpeg makes up what is missing from what follows, so two different ends are put there."""
    body = data.rstrip(b"\0")  # room set aside for the rest of a download
    if (tables := body.rfind(JPEG_DHT)) > body.rfind(JPEG_SOS):
        body = body[:tables]  # cut between two scans: half a table would be an error
    first = kind.open(body + JPEG_EOI, max_pixels)
    first.load()
    if first.info.get("progressive") and JPEG_SOS in body[jpeg_scan_start(body) + 2 :]:
        return first  # a whole scan holds every row, if not in every detail
    second = kind.open(body + _JUNK, max_pixels)
    second.load()
    return _if_same(first, second)


def _over_ground(kind: Format, data: bytes, max_pixels: int, ground: int) -> Image.Image:
    image = kind.open(data, max_pixels)
    if not isinstance(image, ImageFile.ImageFile):
        return image  # an icon's bitmap or a still WebP: decoded whole as it was opened
    prepare = image.load_prepare

    def prepare_on_ground() -> None:
        prepare()
        bands = len(image.getbands())
        for tile in image.tile:
            image.im.paste((ground,) * bands if bands > 1 else ground, tile.extents)

    image.load_prepare = prepare_on_ground  # type: ignore[method-assign]
    try:
        image.load()
    except OSError:
        if image.im is None:
            raise
        image.tile = []  # what was decoded so far is the image
    return image
