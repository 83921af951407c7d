"""Loads a file that is cut short, if every pixel is still there."""

from typing import Final

import numpy as np
from PIL import Image, ImageFile

from batch_predict.decode.containers import JPEG_DHT, JPEG_EOI, JPEG_SOS, jpeg_scan_start
from batch_predict.decode.formats import Format

# Two ends that may follow a cut JPEG: where the pixels depend on the end, some are missing.
_JUNK: Final = bytes(range(0x100 - 1)) + JPEG_EOI
_FILL_VALUES: Final = (0, 255)


def load_truncated(file_format: Format, data: bytes, max_pixels: int) -> Image.Image | None:
    """The loaded image of a file cut short, or None where pixels are missing.

    The file is decoded twice, with different values in the place of what is missing: where both
    give the same pixels, all of them came from the file. Raises what the decoder raises.
    """
    if file_format.name == "JPEG":
        return _load_truncated_jpeg(file_format, data, max_pixels)
    first, second = (_load_over(file_format, data, max_pixels, fill) for fill in _FILL_VALUES)
    return _if_equal(first, second)


def _if_equal(first: Image.Image, second: Image.Image) -> Image.Image | None:
    same = np.array_equal(np.asarray(first), np.asarray(second), equal_nan=first.mode == "F")
    return first if same else None


def _load_truncated_jpeg(file_format: Format, data: bytes, max_pixels: int) -> Image.Image | None:
    """libjpeg invents the missing pixels from the bytes that follow, so two ends are compared."""
    body = data.rstrip(b"\0")  # zeros that a download reserved for the rest
    if (tables := body.rfind(JPEG_DHT)) > body.rfind(JPEG_SOS):
        body = body[:tables]  # cut between two scans: half a table would be an error
    first = file_format.open(body + JPEG_EOI, max_pixels)
    first.load()
    scan = jpeg_scan_start(body)
    if first.info.get("progressive") and scan is not None and JPEG_SOS in body[scan + 2 :]:
        return first  # a complete scan holds every row, at less detail
    second = file_format.open(body + _JUNK, max_pixels)
    second.load()
    return _if_equal(first, second)


def _load_over(file_format: Format, data: bytes, max_pixels: int, fill: int) -> Image.Image:
    """The image, decoded onto pixels that all have the value `fill` before."""
    image = file_format.open(data, max_pixels)
    if not isinstance(image, ImageFile.ImageFile):
        return image  # an icon's bitmap or a still WebP: decoded whole as it was opened
    prepare = image.load_prepare

    def prepare_on_ground() -> None:
        prepare()
        bands = len(image.getbands())
        for tile in image.tile:
            image.im.paste((fill,) * bands if bands > 1 else fill, tile.extents)

    image.load_prepare = prepare_on_ground  # type: ignore[method-assign]
    try:
        image.load()
    except OSError:
        if image.im is None:
            raise
        image.tile = []  # what was decoded so far is the image
    return image
