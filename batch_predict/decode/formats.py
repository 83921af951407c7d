"""Which formats there are, how each is told by its content, and how it is opened.

Only these are ever tried: none starts a program (EPS would start Ghostscript), none reads
another file.
"""

import io
import struct
from collections.abc import Callable
from typing import Final, NamedTuple

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    IcoImagePlugin,
    Image,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    PcxImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    TgaImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from ..records import Code
from . import containers, tiff
from .containers import Contents
from .refusal import RefusedError, check_size

DRAFT_SIDE: Final = 1000  # pixels: a JPEG's short side is never reduced below this
_PROGRESSIVE_FACTOR: Final = (
    2  # a progressive JPEG is held in memory whole, in half the bytes of a pixel
)


class Format(NamedTuple):
    """One file format."""

    name: str
    open: Callable[
        [bytes, int], Image.Image
    ]  # (data, max_pixels) -> not loaded yet, its size checked
    inspect: Callable[[bytes], Contents] = containers.unknown
    weak: bool = False  # its signature is so short that other files have it too


def _plain(
    plugin: Callable[[io.BytesIO], Image.Image],
) -> Callable[[bytes, int], Image.Image]:
    def opened(data: bytes, max_pixels: int) -> Image.Image:
        image = plugin(io.BytesIO(data))
        check_size(*image.size, max_pixels)
        return image

    return opened


def _open_jpeg(data: bytes, max_pixels: int) -> Image.Image:
    """The first picture of a JPEG or MPO, reduced by the decoder itself where it is large."""
    image = JpegImagePlugin.JpegImageFile(io.BytesIO(data))
    if image.info.get("progressive"):
        check_size(*image.size, _PROGRESSIVE_FACTOR * max_pixels)
    image.draft(None, (DRAFT_SIDE, DRAFT_SIDE))
    check_size(*image.size, max_pixels)
    return image


def _open_webp(data: bytes, max_pixels: int) -> Image.Image:
    """Pillow's decoder allots the canvas as it opens, so the header is read first."""
    kind = data[12:16]
    if kind == b"VP8X":
        width = 1 + int.from_bytes(data[24:27], "little")
        height = 1 + int.from_bytes(data[27:30], "little")
    elif kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    else:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    check_size(width, height, max_pixels)
    return WebPImagePlugin.WebPImageFile(io.BytesIO(data))


def _open_ico(data: bytes, max_pixels: int) -> Image.Image:
    """The largest picture of an icon: a PNG, or a bitmap whose height counts its mask too."""
    icon = IcoImagePlugin.IcoFile(io.BytesIO(data))
    entry = icon.entry[0]
    inner = data[entry.offset : entry.offset + entry.size]
    if inner.startswith(_PNG_MAGIC):
        containers.png(inner)
        return _FORMATS["PNG"].open(inner, max_pixels)
    width, height = struct.unpack_from("<ii", inner, 4)
    check_size(width, height // 2, max_pixels)
    return icon.frame(0)


def _open_heif(data: bytes, max_pixels: int) -> Image.Image:
    try:
        from pillow_heif import HeifImageFile
    except ImportError:
        raise RefusedError(
            Code.UNSUPPORTED, "HEIC needs pillow-heif: pip install 'batch_predict[heif]'"
        ) from None
    return _plain(HeifImageFile)(data, max_pixels)


_FORMATS: Final = {
    known.name: known
    for known in (
        Format("PNG", _plain(PngImagePlugin.PngImageFile), containers.png),
        Format("JPEG", _open_jpeg, containers.jpeg),
        Format("TIFF", _plain(TiffImagePlugin.TiffImageFile), tiff.inspect),
        Format("GIF", _plain(GifImagePlugin.GifImageFile), containers.gif),
        Format("WEBP", _open_webp, containers.webp),
        Format("AVIF", _plain(AvifImagePlugin.AvifImageFile), containers.boxes),
        Format("HEIF", _open_heif, containers.boxes),
        Format("JPEG2000", _plain(Jpeg2KImagePlugin.Jpeg2KImageFile), containers.jpeg2000),
        Format("BMP", _plain(BmpImagePlugin.BmpImageFile), weak=True),
        Format("DIB", _plain(BmpImagePlugin.DibImageFile), weak=True),
        Format("PPM", _plain(PpmImagePlugin.PpmImageFile), weak=True),
        Format("ICO", _open_ico, containers.ico),
        Format("PCX", _plain(PcxImagePlugin.PcxImageFile), weak=True),
        Format("TGA", _plain(TgaImagePlugin.TgaImageFile), weak=True),
    )
}

_PNG_MAGIC: Final = b"\x89PNG\r\n\x1a\n"
_MAGIC: Final = (
    (_PNG_MAGIC, "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
    (b"BM", "BMP"),
    (b"\0\0\1\0", "ICO"),
    *((b"P%c" % digit, "PPM") for digit in b"123456fy"),
    *((b"\n%c\1" % version, "PCX") for version in (0, 2, 3, 5)),
    *((struct.pack("<I", size), "DIB") for size in (12, 40, 52, 56, 64, 108, 124)),
)
_AVIF_BRANDS: Final = {b"avif", b"avis"}
_HEIF_BRANDS: Final = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

# Files that people do put among pictures, named so that they know them again.
_NO_PICTURES: Final = (
    (b"%PDF", Code.NOT_AN_IMAGE, "a PDF document"),
    (b"%!PS", Code.NOT_AN_IMAGE, "a PostScript file"),
    (b"\xc5\xd0\xd3\xc6", Code.NOT_AN_IMAGE, "a PostScript file"),
    (b"PK\3\4", Code.NOT_AN_IMAGE, "a ZIP archive"),
    (b"8BPS", Code.UNSUPPORTED, "a Photoshop document"),
    (b"\xff\x0a", Code.UNSUPPORTED, "JPEG XL"),
    (b"\0\0\0\x0cJXL ", Code.UNSUPPORTED, "JPEG XL"),
)


def sniff(data: bytes) -> Format:
    """The format of `data` by its first bytes; `RefusedError` where it is none of ours."""
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return _FORMATS[name]
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _FORMATS["WEBP"]
    if data[4:8] == b"ftyp":
        return _FORMATS[_brand(data)]
    if not data:
        raise RefusedError(Code.NOT_AN_IMAGE, "the file is empty")
    for magic, code, words in _NO_PICTURES:
        if data.startswith(magic):
            raise RefusedError(code, words)
    return _FORMATS["TGA"]  # has no signature: its header must make sense


def _brand(data: bytes) -> str:
    box = data[8 : int.from_bytes(data[:4], "big")]
    brands = {box[at : at + 4] for at in range(0, len(box), 4)}
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if brands & _HEIF_BRANDS:
        return "HEIF"
    raise RefusedError(Code.NOT_AN_IMAGE, "a video")
