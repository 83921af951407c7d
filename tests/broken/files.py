"""Files that are no pictures, or hardly: a table of names, bytes and what becomes of them."""

import struct
import zlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from PIL import Image

from batch_predict.records import Code, Status
from tests.decode.every_encoding import Pixels, ascii_pgm, enlarged, grey, mode, save

HUGE = 40_000  # pixels, both sides: more than any limit, and nothing to store


class Broken(NamedTuple):
    """One entry: `make` turns a digit's pixels, (28, 28) uint8, into the file."""

    name: str
    make: Callable[[Pixels], bytes]
    code: Code
    status: Status = Status.FAILED


def words(text: str) -> Callable[[Pixels], bytes]:
    return lambda pixels: text.encode()


def cut(make: Callable[[Pixels], bytes], keep: float) -> Callable[[Pixels], bytes]:
    """The first `keep` of the file, as a copy that stopped half-way."""

    def cut_short(pixels: Pixels) -> bytes:
        data = make(pixels)
        return data[: int(len(data) * keep)]

    return cut_short


def without_end(make: Callable[[Pixels], bytes], end: int) -> Callable[[Pixels], bytes]:
    """All but the last `end` bytes, which hold no pixels."""
    return lambda pixels: make(pixels)[:-end]


def half_zeros(make: Callable[[Pixels], bytes]) -> Callable[[Pixels], bytes]:
    """Half a file, in the room that was set aside for all of it."""

    def preallocated(pixels: Pixels) -> bytes:
        data = make(pixels)
        return data[: len(data) // 2].ljust(len(data), b"\0")

    return preallocated


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)


def png_of(width: int, height: int) -> Callable[[Pixels], bytes]:
    """A PNG of that size by its header; the pixels are those of an empty row."""
    body = chunk(b"IDAT", zlib.compress(bytes(width + 1))) + chunk(b"IEND", b"")
    return lambda pixels: png_header(width, height) + body


def with_chunk(kind: bytes, body: bytes) -> Callable[[Pixels], bytes]:
    """A good PNG with one more chunk before its pixels."""

    def make(pixels: Pixels) -> bytes:
        data = save(Image.fromarray(pixels), "PNG")
        at = data.index(b"IDAT") - 4
        return data[:at] + chunk(kind, body) + data[at:]

    return make


def flipped(before: bytes, offset: int) -> Callable[[Pixels], bytes]:
    """A PNG with one bit turned, `offset` bytes after the chunk name `before`."""

    def make(pixels: Pixels) -> bytes:
        data = bytearray(save(Image.fromarray(pixels), "PNG"))
        data[data.index(before) + offset] ^= 1
        return bytes(data)

    return make


def without_chunk(kind: bytes) -> Callable[[Pixels], bytes]:
    def make(pixels: Pixels) -> bytes:
        data = save(Image.fromarray(pixels), "PNG")
        at = data.index(kind) - 4
        return data[:at] + data[at + 12 + struct.unpack_from(">I", data, at)[0] :]

    return make


def patched(kind: str, find: bytes, put: bytes, **options) -> Callable[[Pixels], bytes]:
    """A good file whose size was written over."""

    def make(pixels: Pixels) -> bytes:
        data = save(Image.fromarray(pixels), kind, **options)
        assert find in data
        return data.replace(find, put, 1)

    return make


def bomb_in_icon(pixels: Pixels) -> bytes:
    bomb = png_of(HUGE, HUGE)(pixels)
    return struct.pack("<HHH4B2HII", 0, 1, 1, 0, 0, 0, 0, 1, 32, len(bomb), 22) + bomb


def webp_bomb(pixels: Pixels) -> bytes:
    side = (16383).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + side + side
    return b"RIFF" + struct.pack("<I", len(body)) + body


def noise(pixels: Pixels) -> bytes:
    return np.random.default_rng(0).bytes(4000)


def pam(pixels: Pixels) -> bytes:
    header = b"P7\nWIDTH 28\nHEIGHT 28\nDEPTH 1\nMAXVAL 255\nTUPLTYPE GRAYSCALE\nENDHDR\n"
    return header + pixels.tobytes()


def cgbi(pixels: Pixels) -> bytes:
    """A PNG as Xcode makes them for iPhones: another chunk before the header."""
    data = save(Image.fromarray(pixels).convert("RGBA"), "PNG")
    return data[:8] + chunk(b"CgBI", b"\x50\0\x20\2") + data[8:]


SIDE16, SIDE32 = struct.pack("<H", HUGE), struct.pack("<I", HUGE)
LARGE_JPEG = enlarged(mode("RGB", "JPEG", quality=90))
PROGRESSIVE = enlarged(enlarged(grey("JPEG", progressive=True)))

BROKEN = (
    # no picture at all
    Broken("empty.png", lambda p: b"", Code.NOT_AN_IMAGE),
    Broken("text.png", words("Seven of nine.\n" * 40), Code.NOT_AN_IMAGE),
    Broken("bmw.bmp", words("BM is how this text begins. " * 40), Code.NOT_AN_IMAGE),
    Broken("p5.pgm", words("P5 is how this text begins. " * 40), Code.NOT_AN_IMAGE),
    Broken("page.jpg", words("<!DOCTYPE html><html><body>404</body></html>"), Code.NOT_AN_IMAGE),
    Broken("document.png", lambda p: save(Image.fromarray(p), "PDF"), Code.NOT_AN_IMAGE),
    Broken("drawing.jpg", lambda p: save(Image.fromarray(p), "EPS"), Code.NOT_AN_IMAGE),
    Broken("noise.png", noise, Code.NOT_AN_IMAGE),
    Broken("video.jpg", words("\0\0\0\x18ftypisom\0\0\2\0isommp42"), Code.NOT_AN_IMAGE),
    # a picture of another format
    Broken("photoshop.tif", words("8BPS\0\1\0\0\0\0\0\0\0\3"), Code.UNSUPPORTED),
    Broken("grey.pam", pam, Code.UNSUPPORTED),
    Broken("colour.pfm", words("PF\n1 1\n-1.0\n" + "\0" * 12), Code.UNSUPPORTED),
    Broken("iphone.png", cgbi, Code.UNSUPPORTED),
    # cut short, pixels missing
    Broken("half.png", cut(grey("PNG"), 0.6), Code.TRUNCATED),
    Broken("half.jpg", cut(LARGE_JPEG, 0.6), Code.TRUNCATED),
    Broken("half.tif", cut(grey("TIFF"), 0.6), Code.TRUNCATED),
    Broken("half-lzw.tif", cut(grey("TIFF", compression="tiff_lzw"), 0.6), Code.TRUNCATED),
    Broken("half.webp", cut(grey("WEBP", lossless=True), 0.6), Code.TRUNCATED),
    Broken("half.gif", cut(grey("GIF"), 0.9), Code.TRUNCATED),
    Broken("half.bmp", cut(grey("BMP"), 0.9), Code.TRUNCATED),
    Broken("half.pgm", cut(grey("PPM"), 0.6), Code.TRUNCATED),
    Broken("half-ascii.pgm", cut(ascii_pgm, 0.6), Code.TRUNCATED),
    Broken("half.ico", cut(grey("ICO", sizes=[(28, 28)]), 0.6), Code.TRUNCATED),
    Broken("half.avif", cut(grey("AVIF"), 0.8), Code.TRUNCATED),
    Broken("half.jp2", cut(grey("JPEG2000"), 0.6), Code.TRUNCATED),
    Broken("header.png", cut(grey("PNG"), 0.1), Code.TRUNCATED),
    Broken("header.jpg", cut(LARGE_JPEG, 0.1), Code.TRUNCATED),
    Broken("first-scan.jpg", cut(PROGRESSIVE, 0.25), Code.TRUNCATED),
    Broken("preallocated.png", half_zeros(grey("PNG")), Code.TRUNCATED),
    Broken("preallocated.jpg", half_zeros(LARGE_JPEG), Code.TRUNCATED),
    # cut short, every row there
    Broken("no-end.png", without_end(grey("PNG"), 12), Code.TRUNCATED, Status.REVIEW),
    Broken("no-end.jpg", without_end(LARGE_JPEG, 2), Code.TRUNCATED, Status.REVIEW),
    Broken("no-end.gif", without_end(grey("GIF"), 1), Code.TRUNCATED, Status.REVIEW),
    Broken("last-scan.jpg", cut(PROGRESSIVE, 0.9), Code.TRUNCATED, Status.REVIEW),
    # too large
    Broken("bomb.png", png_of(HUGE, HUGE), Code.TOO_LARGE),
    Broken("bomb.gif", patched("GIF", b"\x1c\0\x1c\0", SIDE16 * 2), Code.TOO_LARGE),
    Broken("bomb.bmp", patched("BMP", b"\x1c\0\0\0\x1c\0\0\0", SIDE32 * 2), Code.TOO_LARGE),
    Broken("bomb.pgm", patched("PPM", b"28 28", b"%d %d" % (HUGE, HUGE)), Code.TOO_LARGE),
    Broken("bomb.tga", patched("TGA", b"\x1c\0\x1c\0", SIDE16 * 2), Code.TOO_LARGE),
    Broken(
        "bomb.tif",
        patched(
            "TIFF",
            struct.pack("<HHIIHHII", 256, 4, 1, 28, 257, 4, 1, 28),
            struct.pack("<HHIIHHII", 256, 4, 1, HUGE, 257, 4, 1, HUGE),
        ),
        Code.TOO_LARGE,
    ),
    Broken("bomb.webp", webp_bomb, Code.TOO_LARGE),
    Broken("bomb.ico", bomb_in_icon, Code.TOO_LARGE),
    Broken(
        "bomb.jpg",
        patched("JPEG", b"\0\x1c\0\x1c", struct.pack(">HH", 65500, 65500)),
        Code.TOO_LARGE,
    ),
    # damaged
    Broken("nothing.png", png_of(0, 0), Code.CORRUPT),
    Broken("nothing.pgm", words("P5 0 0 255\n"), Code.NOT_AN_IMAGE),
    Broken("checksum-of-pixels.png", flipped(b"IDAT", 12), Code.CORRUPT),
    Broken("checksum-of-header.png", flipped(b"IHDR", 6), Code.CORRUPT),
    Broken("no-pixels.png", without_chunk(b"IDAT"), Code.CORRUPT),
)
