"""Tells a file's format by its first bytes, because its name may be wrong."""

import re
import struct
from typing import Final

from batch_predict.decode.decode_error import DecodeError
from batch_predict.decode.formats import FORMATS, Format
from batch_predict.decode.kornia_png import PNG_SIGNATURE
from batch_predict.records import Code

_MAGIC: Final = (
    (PNG_SIGNATURE, "PNG"),
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

# Files that people put among pictures; the row names what they are.
_NO_PICTURES: Final = (
    (b"%PDF", Code.NOT_AN_IMAGE, "a PDF document"),
    (b"%!PS", Code.NOT_AN_IMAGE, "a PostScript file"),
    (b"\xc5\xd0\xd3\xc6", Code.NOT_AN_IMAGE, "a PostScript file"),
    (b"PK\3\4", Code.NOT_AN_IMAGE, "a ZIP archive"),
    (b"8BPS", Code.UNSUPPORTED, "a Photoshop document"),
    (b"P7", Code.UNSUPPORTED, "a PAM file"),
    (b"PF\n", Code.UNSUPPORTED, "a PFM file in colour"),
    (b"\xff\x0a", Code.UNSUPPORTED, "JPEG XL"),
    (b"\0\0\0\x0cJXL ", Code.UNSUPPORTED, "JPEG XL"),
    (b"II\xbc\1", Code.UNSUPPORTED, "JPEG XR"),
    (b"FUJIFILMCCD-RAW", Code.UNSUPPORTED, "a camera's raw file"),
    (b"IIRO", Code.UNSUPPORTED, "a camera's raw file"),
    (b"IIRS", Code.UNSUPPORTED, "a camera's raw file"),
    (b"MMOR", Code.UNSUPPORTED, "a camera's raw file"),
    (b"IIU\0", Code.UNSUPPORTED, "a camera's raw file"),
    (b"\0MRM", Code.UNSUPPORTED, "a camera's raw file"),
    (b"FOVb", Code.UNSUPPORTED, "a camera's raw file"),
    (b"II\x1a\0\0\0HEAPCCDR", Code.UNSUPPORTED, "a camera's raw file"),
    (b"gimp xcf", Code.UNSUPPORTED, "a document of a drawing program"),
    (b"AT&TFORM", Code.UNSUPPORTED, "a DjVu document"),
    (b"\x97JB2\r\n\x1a\n", Code.UNSUPPORTED, "JBIG"),
    (b"v/1\1", Code.UNSUPPORTED, "OpenEXR"),
    (b"DDS |", Code.UNSUPPORTED, "a DirectDraw texture"),
    (b"qoif", Code.UNSUPPORTED, "QOI"),
    (b"FLIF", Code.UNSUPPORTED, "FLIF"),
    (b"BPG\xfb", Code.UNSUPPORTED, "BPG"),
    (b"icns", Code.UNSUPPORTED, "a macOS icon"),
    (b"\x8aMNG\r\n\x1a\n", Code.UNSUPPORTED, "an MNG file"),
    (b"\x8bJNG\r\n\x1a\n", Code.UNSUPPORTED, "an MNG file"),
    (b"SIMPLE  =", Code.UNSUPPORTED, "a FITS file"),
)
# Of files that have other names, those that begin so are pictures: other formats' beginnings, such
# as that of a TGA, are too short to tell.
_LIKE_PICTURE: Final = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|II[*+]\0|MM\0[*+]|\0\0\0\x0cjP  \r\n\x87\n"
    rb"|\xff\x4f\xff\x51|RIFF....WEBP|BM....\0\0\0\0....[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0"
    rb"|P[1-6]\s+(?:#|\d+\s)|....ftyp(?:avi[fs]|hei[cxms]|hev[cx]|mif1|msf1|crx )",
    re.DOTALL,
)
_TOO_SHORT: Final = 3  # bytes of a signature that texts and other files begin with, too
_BRANDS_END: Final = 1024  # bytes: a file has a handful of brands, of four bytes each


def detect_format(data: bytes) -> Format:
    """The format of `data` by its first bytes; raises DecodeError where it is not in the table."""
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return FORMATS[name]
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return FORMATS["WEBP"]
    if data[4:8] == b"ftyp":
        return FORMATS[_brand(data)]
    if not data:
        raise DecodeError(Code.NOT_AN_IMAGE, "the file is empty")
    for magic, code, words in _NO_PICTURES:
        if data.startswith(magic):
            raise DecodeError(code, words)
    return FORMATS["TGA"]  # has no signature: its header must make sense


def is_like_picture(start: bytes) -> bool:
    """Whether a file that begins with `start`, of 64 bytes or more, is most likely a picture."""
    if _LIKE_PICTURE.match(start):
        return True
    unread = (magic for magic, code, _ in _NO_PICTURES if code is Code.UNSUPPORTED)
    return start.startswith(tuple(magic for magic in unread if len(magic) > _TOO_SHORT))


def _brand(data: bytes) -> str:
    box = data[8 : min(int.from_bytes(data[:4], "big"), _BRANDS_END)]
    brands = {box[at : at + 4] for at in range(0, len(box), 4)}
    if brands & _AVIF_BRANDS:
        return "AVIF"
    if brands & _HEIF_BRANDS:
        return "HEIF"
    if b"crx " in brands:
        raise DecodeError(Code.UNSUPPORTED, "a camera's raw file")
    raise DecodeError(Code.NOT_AN_IMAGE, "a video")
