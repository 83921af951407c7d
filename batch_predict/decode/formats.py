"""The table of file formats: how each is opened and checked.

No other format is ever tried, because some start a program (EPS starts Ghostscript) or read another
file.
"""

import io
import struct
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    IcoImagePlugin,
    Image,
    JpegImagePlugin,
    PcxImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TgaImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from batch_predict.decode import containers, png, tiff
from batch_predict.decode.containers import Structure
from batch_predict.decode.decode_error import DecodeError, check_size
from batch_predict.decode.jpeg2000 import open_jpeg2000
from batch_predict.decode.kornia_png import PNG_SIGNATURE
from batch_predict.decode.png_pixels import png_pixels
from batch_predict.decode.tiff_layout import layout_of, reads_with_pillow
from batch_predict.decode.tiff_samples import open_samples
from batch_predict.opencv import cv2
from batch_predict.records import Code

# Pixels: a JPEG's longer side is not reduced below it as it is decoded. The ink map has 192; with
# 256 as many rendered digits are read right as with all.
DRAFT_SIDE: Final = 256
# A TIFF's tile may always have so many: 1024 x 1024, the largest that programs offer, whatever the
# limit of a small picture.
_TILE_PIXELS: Final = 1 << 20
# A progressive JPEG is held in memory whole before it is reduced, in half the bytes of a pixel.
_PROGRESSIVE_FACTOR: Final = 2

_OS2_HEADER: Final = 12  # bytes of the first bitmaps' header, whose sizes take two bytes each
_NOT_READ: Final = ("Unsupported BMP pixel", "Unsupported BMP bit", "Unsupported BMP comp")

#: (data, max_pixels) -> an image whose size was checked and whose pixels are not decoded yet
Opener: TypeAlias = Callable[[bytes, int], Image.Image]


class Format(NamedTuple):
    """One file format."""

    name: str
    open: Opener
    inspect: Callable[[bytes], Structure] = lambda data: Structure()  # has no end mark
    check: Callable[[bytes, Image.Image], None] = lambda data, image: None  # of loaded pixels
    # (h, w) or (h, w, 3) of an opened file that another library decodes faster; None: Pillow does
    pixels: Callable[[bytes, Image.Image], NDArray[np.uint8] | None] = lambda data, image: None
    frames: Callable[[Image.Image], int] = lambda image: 1  # of an opened file, if not by `inspect`
    # Width and height in the file, where `open` gives the image reduced
    stored_size: Callable[[bytes], tuple[int, int] | None] = lambda data: None
    weak_signature: bool = False  # its signature is so short that other files have it too


def _plain(plugin: Callable[[io.BytesIO], Image.Image]) -> Opener:
    def opened(data: bytes, max_pixels: int) -> Image.Image:
        image = plugin(io.BytesIO(data))
        check_size(*image.size, max_pixels)
        return image

    return opened


def _bitmap(plugin: Callable[[io.BytesIO], Image.Image], header: int) -> Opener:
    """A Windows or OS/2 bitmap, whose own header begins at the byte `header`."""

    def opened(data: bytes, max_pixels: int) -> Image.Image:
        try:
            return _plain(plugin)(data, max_pixels)
        except OSError as error:
            (size,) = struct.unpack_from("<I", data, header)
            planes = data[header + (8 if size == _OS2_HEADER else 12) :][:2]
            if str(error).startswith(_NOT_READ) and planes == b"\1\0":
                raise DecodeError(
                    Code.UNSUPPORTED, "a bitmap of a depth, masks or a compression that is not read"
                ) from error
            raise

    return opened


def _open_jpeg(data: bytes, max_pixels: int) -> Image.Image:
    """The first picture of a JPEG or MPO; the decoder itself scales a large one down."""
    image = JpegImagePlugin.JpegImageFile(io.BytesIO(data))
    if image.info.get("progressive"):
        check_size(*image.size, _PROGRESSIVE_FACTOR * max_pixels)
    width, height = (max(1, side * DRAFT_SIDE // max(image.size)) for side in image.size)
    image.draft(None, (width, height))
    check_size(*image.size, max_pixels)
    return image


def _open_tiff(data: bytes, max_pixels: int) -> Image.Image:
    """The first page; see `tiff_layout` for who reads it."""
    tags = tiff.first_directory(data)
    if tiff.is_raw(data, tags):
        raise DecodeError(Code.UNSUPPORTED, "a camera's raw file")
    layout = layout_of(tags, little_endian=tiff.byte_order(data) == "<")
    check_size(tags[tiff.Tag.IMAGE_WIDTH][0], tags[tiff.Tag.IMAGE_LENGTH][0], max_pixels)
    if tags.get(tiff.Tag.TILE_WIDTH) and tags.get(tiff.Tag.TILE_LENGTH):
        tile = tags[tiff.Tag.TILE_WIDTH][0] * tags[tiff.Tag.TILE_LENGTH][0]
        if tile > max(max_pixels, _TILE_PIXELS):  # a decoder holds one, however small the picture
            raise DecodeError(Code.TOO_LARGE, "its tiles have more pixels than a picture may")
    if reads_with_pillow(layout):
        image = _plain(TiffImagePlugin.TiffImageFile)(data, max_pixels)
    else:
        image = open_samples(data, tags, layout, max_pixels)
    image.info["density"] = tiff.density(tags)
    return image


def _open_png(data: bytes, max_pixels: int) -> Image.Image:
    return _plain(PngImagePlugin.PngImageFile)(png.without_large_metadata(data), max_pixels)


def _open_webp(data: bytes, max_pixels: int) -> Image.Image:
    """A still is decoded by OpenCV, an animation by Pillow.

    The size is read from the header first, because Pillow allocates the pixels when it opens a
    file. Pillow's decoder holds several frames, so OpenCV decodes a still in half the memory.
    """
    chunk_id = data[12:16]
    if chunk_id == b"VP8X":
        width = 1 + int.from_bytes(data[24:27], "little")
        height = 1 + int.from_bytes(data[27:30], "little")
    elif chunk_id == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    else:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    check_size(width, height, max_pixels)
    image = WebPImagePlugin.WebPImageFile(io.BytesIO(data))
    if image.is_animated:
        return image
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise OSError("OpenCV can't decode it")
    order = cv2.COLOR_BGR2RGB if pixels.shape[2] == 3 else cv2.COLOR_BGRA2RGBA
    still = Image.fromarray(cv2.cvtColor(pixels, order, pixels))
    still.info = image.info
    return still


def _open_ico(data: bytes, max_pixels: int) -> Image.Image:
    """The largest picture of an icon: a PNG, or a bitmap whose height counts its mask too."""
    icon = IcoImagePlugin.IcoFile(io.BytesIO(data))
    entry = icon.entry[0]
    inner = data[entry.offset : entry.offset + entry.size]
    if inner.startswith(PNG_SIGNATURE):
        png.inspect(inner)
        return FORMATS["PNG"].open(inner, max_pixels)
    width, height = struct.unpack_from("<ii", inner, 4)
    check_size(width, height // 2, max_pixels)
    return icon.frame(0)


def _frames(image: Image.Image) -> int:
    """Pictures of a file whose library counts them as it opens the file."""
    return int(getattr(image, "n_frames", 1))


def _open_heif(data: bytes, max_pixels: int) -> Image.Image:
    try:
        from pillow_heif import HeifImageFile
    except ImportError:
        raise DecodeError(
            Code.UNSUPPORTED, "HEIC needs pillow-heif: pip install 'batch_predict[heif]'"
        ) from None
    return _plain(HeifImageFile)(data, max_pixels)


FORMATS: Final = {
    known.name: known
    for known in (
        Format("PNG", _open_png, png.inspect, png.check, png_pixels),
        Format("JPEG", _open_jpeg, containers.jpeg, stored_size=containers.jpeg_size),
        Format("TIFF", _open_tiff, tiff.inspect),
        Format("GIF", _plain(GifImagePlugin.GifImageFile), containers.gif),
        Format("WEBP", _open_webp, containers.webp),
        Format("AVIF", _plain(AvifImagePlugin.AvifImageFile), containers.boxes, frames=_frames),
        Format("HEIF", _open_heif, containers.boxes, frames=_frames),
        Format("JPEG2000", open_jpeg2000, containers.jpeg2000),
        Format("BMP", _bitmap(BmpImagePlugin.BmpImageFile, 14), weak_signature=True),
        Format("DIB", _bitmap(BmpImagePlugin.DibImageFile, 0), weak_signature=True),
        Format("PPM", _plain(PpmImagePlugin.PpmImageFile), weak_signature=True),
        Format("ICO", _open_ico, containers.ico),
        Format("PCX", _plain(PcxImagePlugin.PcxImageFile), weak_signature=True),
        Format("TGA", _plain(TgaImagePlugin.TgaImageFile), weak_signature=True),
    )
}
