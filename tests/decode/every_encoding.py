"""Every way of storing one grey picture: a table that the tests of decoding share.

Each entry makes a file's bytes from `pixels`, (28, 28) uint8, a light digit on black.
"""

import io
import struct
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

Pixels = NDArray[np.uint8]
SCALE = 4  # lossy formats store the digit enlarged, as a picture of it would be


class Encoding(NamedTuple):
    """One entry; `mean_error` is what the encoding may lose, in grey levels."""

    name: str
    suffix: str
    make: Callable[[Pixels], bytes]
    mean_error: float = 0.0
    expected: Callable[[Pixels], Pixels] = lambda pixels: pixels
    reason: str = ""


def save(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def grey(kind: str, **options) -> Callable[[Pixels], bytes]:
    return lambda pixels: save(Image.fromarray(pixels), kind, **options)


def mode(name: str, kind: str, **options) -> Callable[[Pixels], bytes]:
    return lambda pixels: save(Image.fromarray(pixels).convert(name), kind, **options)


def large(pixels: Pixels) -> Pixels:
    return np.kron(pixels, np.ones((SCALE, SCALE), np.uint8))


def enlarged(make: Callable[[Pixels], bytes]) -> Callable[[Pixels], bytes]:
    return lambda pixels: make(large(pixels))


def raw(kind: str, dtype: str, scale: float, **options) -> Callable[[Pixels], bytes]:
    return lambda pixels: save(
        Image.fromarray((pixels * np.float64(scale)).astype(dtype)), kind, **options
    )


def threshold(pixels: Pixels) -> Pixels:
    return np.where(pixels > 127, 255, 0).astype(np.uint8)


def bilevel(kind: str, **options) -> Callable[[Pixels], bytes]:
    return lambda pixels: save(Image.fromarray(threshold(pixels)).convert("1"), kind, **options)


def strokes(ink: int, bands: str) -> Callable[[Pixels], Image.Image]:
    """One tone everywhere; the digit is in the alpha channel."""

    def drawn(pixels: Pixels) -> Image.Image:
        tone = Image.new("L", pixels.shape[::-1], ink)
        return Image.merge(bands, [tone] * (len(bands) - 1) + [Image.fromarray(pixels)])

    return drawn


def palette(pixels: Pixels) -> Image.Image:
    image = Image.fromarray(pixels).convert("P")
    image.putpalette([level for grey in range(256) for level in (grey, grey, grey)])
    return image


def transparent_palette(pixels: Pixels) -> bytes:
    """Black ink of every opacity, as an optimizer stores a drawing."""
    image = Image.fromarray(pixels)
    image = image.convert("P")
    image.putpalette([0] * 768)
    return save(image, "PNG", transparency=bytes(range(256)))


def transparent_ground(kind: str) -> Callable[[Pixels], bytes]:
    """One palette entry, the black ground, is transparent."""
    return lambda pixels: save(palette(pixels), kind, transparency=0)


def sheet_with_transparent_rim(pixels: Pixels) -> bytes:
    """White paper with dark ink that does not reach the edges of the picture."""
    paper = Image.fromarray(255 - np.pad(pixels, 6))
    alpha = Image.fromarray(np.pad(np.full((36, 36), 255, np.uint8), 2))
    return save(Image.merge("LA", [paper, alpha]), "PNG")


def several(kind: str, **options) -> Callable[[Pixels], bytes]:
    def make(pixels: Pixels) -> bytes:
        frames = [Image.fromarray(np.roll(pixels, shift)) for shift in (0, 3, 7)]
        return save(frames[0], kind, save_all=True, append_images=frames[1:], **options)

    return make


def turned(orientation: int) -> Callable[[Pixels], bytes]:
    """As a camera stores a picture that was held that way."""
    back = {
        1: lambda p: p,
        2: np.fliplr,
        3: lambda p: np.rot90(p, 2),
        4: np.flipud,
        5: np.transpose,
        6: np.rot90,
        7: lambda p: np.rot90(p, 2).T,
        8: lambda p: np.rot90(p, -1),
    }[orientation]

    def make(pixels: Pixels) -> bytes:
        exif = Image.Exif()
        exif[0x0112] = orientation
        stored = np.ascontiguousarray(back(large(pixels)))
        return save(Image.fromarray(stored), "JPEG", quality=95, exif=exif)

    return make


def turned_as(kind: str) -> Callable[[Pixels], bytes]:
    def make(pixels: Pixels) -> bytes:
        exif = Image.Exif()
        exif[0x0112] = 6
        return save(Image.fromarray(np.ascontiguousarray(np.rot90(pixels))), kind, exif=exif)

    return make


def phone_mpo(pixels: Pixels) -> bytes:
    """A picture and a smaller one behind it, turned, as iPhone and Samsung store them."""
    exif = Image.Exif()
    exif[0x0112] = 6
    first = Image.fromarray(np.ascontiguousarray(np.rot90(large(pixels)))).convert("RGB")
    return save(
        first, "MPO", save_all=True, append_images=[first.resize((56, 56))], exif=exif, quality=95
    )


def adobe_cmyk(pixels: Pixels) -> bytes:
    """Pillow stores CMYK inverted behind Adobe's marker, as Photoshop does."""
    return save(Image.fromarray(large(pixels)).convert("CMYK"), "JPEG", quality=95)


ADOBE_SEGMENT = 16  # bytes of an APP14 segment, its marker included


def plain_cmyk(pixels: Pixels) -> bytes:
    """CMYK as the standard has it: not inverted, and no marker of Adobe's."""
    inverted = ImageChops.invert(Image.fromarray(large(pixels)).convert("CMYK"))
    data = save(inverted, "JPEG", quality=95)
    at = data.index(b"\xff\xee")
    return data[:at] + data[at + ADOBE_SEGMENT :]


def ycck(pixels: Pixels) -> bytes:
    """The digit as inverted YCCK: Adobe's marker says that a transform is to be undone."""
    colour = Image.fromarray(255 - large(pixels)).convert("RGB").convert("YCbCr")
    stored = [ImageChops.invert(band) for band in colour.split()]
    black = Image.new("L", colour.size, 0)
    data = bytearray(save(Image.merge("CMYK", [*stored, black]), "JPEG", quality=95))
    at = data.index(b"\xff\xee") + ADOBE_SEGMENT - 1
    data[at] = 2  # the transform: YCCK
    return bytes(data)


def min_is_white(kind: str, dtype: str, scale: float) -> Callable[[Pixels], bytes]:
    """A TIFF whose zero is white: pixels inverted, and the tag that says so set."""

    def make(pixels: Pixels) -> bytes:
        top = np.dtype(dtype).type(255 * scale)
        data = save(Image.fromarray(top - (pixels * np.float64(scale)).astype(dtype)), kind)
        black_is_zero = struct.pack("<HHIHH", 262, 3, 1, 1, 0)
        return data.replace(black_is_zero, struct.pack("<HHIHH", 262, 3, 1, 0, 0))

    return make


def with_gaps(pixels: Pixels) -> bytes:
    """Floats in [0, 1] with what sensors and divisions leave: NaN and infinities."""
    values = pixels / np.float32(255)
    values[0, 0] = np.nan
    values[0, 1] = -np.inf
    values[14, 14] = np.inf if values[14, 14] > 0.5 else np.nan
    return save(Image.fromarray(values.astype(np.float32)), "TIFF")


def ascii_pgm(pixels: Pixels) -> bytes:
    height, width = pixels.shape
    rows = "\n".join(" ".join(map(str, row)) for row in pixels.tolist())
    return f"P2\n# by hand\n{width} {height}\n255\n{rows}\n".encode()


def ascii_ppm(pixels: Pixels) -> bytes:
    height, width = pixels.shape
    figures = " ".join(f"{level} " * 3 for level in pixels.ravel().tolist())
    return f"P3 {width} {height} 255\n{figures}".encode()


def pgm(white: int) -> Callable[[Pixels], bytes]:
    """A binary PGM whose white is `white`, two bytes a pixel."""

    def make(pixels: Pixels) -> bytes:
        values = np.rint(pixels / 255 * white).astype(">u2")
        height, width = pixels.shape
        return b"P5\n%d %d\n%d\n" % (width, height, white) + values.tobytes()

    return make


def heif(pixels: Pixels) -> bytes:
    import pillow_heif

    file = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(large(pixels)).convert("RGB")).save(file, quality=95)
    return file.getvalue()


FRAMES = "several_frames: first of 3 frames"
LOSSY = 3.0
SCALED_LOSSY = {"mean_error": LOSSY, "expected": large}

ENCODINGS = (
    Encoding("png", ".png", grey("PNG")),
    Encoding("png bilevel", ".png", bilevel("PNG"), expected=threshold),
    Encoding("png 16 bits", ".png", raw("PNG", "uint16", 257)),
    Encoding("png 12 bits in 16", ".png", raw("PNG", "uint16", 16), 1),
    Encoding("png RGB", ".png", mode("RGB", "PNG")),
    Encoding("png palette", ".png", lambda p: save(palette(p), "PNG")),
    Encoding("png palette, alpha", ".png", transparent_palette, expected=np.invert),
    Encoding("png palette, transparent ground", ".png", transparent_ground("PNG"), 1),
    Encoding("png grey, transparent black", ".png", grey("PNG", transparency=0), 1),
    Encoding("png LA, white strokes", ".png", lambda p: save(strokes(255, "LA")(p), "PNG"), 1),
    Encoding(
        "png LA, black strokes",
        ".png",
        lambda p: save(strokes(0, "LA")(p), "PNG"),
        expected=np.invert,
    ),
    Encoding("png RGBA, white strokes", ".png", lambda p: save(strokes(255, "RGBA")(p), "PNG"), 1),
    Encoding(
        "png RGBA, black strokes",
        ".png",
        lambda p: save(strokes(0, "RGBA")(p), "PNG"),
        expected=np.invert,
    ),
    Encoding("png RGBA, opaque", ".png", mode("RGBA", "PNG")),
    Encoding(
        "png LA, sheet",
        ".png",
        sheet_with_transparent_rim,
        expected=lambda p: 255 - np.pad(p, 6),
    ),
    Encoding("png turned", ".png", turned_as("PNG")),
    Encoding("apng", ".apng", several("PNG"), reason=FRAMES),
    Encoding("jpeg", ".jpg", enlarged(grey("JPEG", quality=95)), **SCALED_LOSSY),
    Encoding("jpeg RGB", ".jpe", enlarged(mode("RGB", "JPEG", quality=95)), **SCALED_LOSSY),
    Encoding(
        "jpeg progressive",
        ".jfif",
        enlarged(mode("RGB", "JPEG", progressive=True)),
        **SCALED_LOSSY,
    ),
    Encoding("jpeg CMYK, Adobe", ".jpg", adobe_cmyk, **SCALED_LOSSY),
    Encoding("jpeg CMYK, plain", ".jpg", plain_cmyk, **SCALED_LOSSY),
    Encoding("jpeg YCCK", ".jpg", ycck, **SCALED_LOSSY),
    *(
        Encoding(f"jpeg orientation {way}", ".jpg", turned(way), **SCALED_LOSSY)
        for way in range(1, 9)
    ),
    Encoding(
        "mpo named jpg",
        ".JPG",
        phone_mpo,
        reason="several_frames: first of 2 frames",
        **SCALED_LOSSY,
    ),
    Encoding("tiff", ".tif", grey("TIFF")),
    Encoding("tiff lzw", ".tiff", grey("TIFF", compression="tiff_lzw")),
    Encoding("tiff deflate", ".tif", grey("TIFF", compression="tiff_adobe_deflate")),
    Encoding("tiff packbits", ".tif", grey("TIFF", compression="packbits")),
    Encoding("tiff zstd", ".tif", grey("TIFF", compression="zstd")),
    Encoding("tiff lzma", ".tif", grey("TIFF", compression="lzma")),
    Encoding(
        "tiff jpeg", ".tif", enlarged(grey("TIFF", compression="jpeg", quality=95)), **SCALED_LOSSY
    ),
    Encoding("tiff fax 3", ".tif", bilevel("TIFF", compression="group3"), expected=threshold),
    Encoding("tiff fax 4", ".tif", bilevel("TIFF", compression="group4"), expected=threshold),
    Encoding("tiff ccitt", ".tif", bilevel("TIFF", compression="tiff_ccitt"), expected=threshold),
    Encoding("tiff min is white", ".tif", min_is_white("TIFF", "uint8", 1)),
    Encoding("tiff 16 bits, min is white", ".tif", min_is_white("TIFF", "uint16", 257)),
    Encoding("tiff 16 bits", ".tif", raw("TIFF", "uint16", 257)),
    Encoding("tiff 16 bits, big-endian", ".tif", raw("TIFF", ">u2", 257)),
    Encoding("tiff 16 bits, lzw", ".tif", raw("TIFF", "uint16", 257, compression="tiff_lzw")),
    Encoding("tiff 12 bits in 16", ".tif", raw("TIFF", "uint16", 16), 1),
    Encoding("tiff 32 bits", ".tif", raw("TIFF", "int32", 1 << 20), 1),
    Encoding("tiff float to 1", ".tif", raw("TIFF", "float32", 1 / 255)),
    Encoding("tiff float to 255", ".tif", raw("TIFF", "float32", 1)),
    Encoding("tiff float with NaN and infinity", ".tif", with_gaps, 1),
    Encoding("tiff RGB", ".tif", mode("RGB", "TIFF")),
    Encoding("tiff CMYK", ".tif", mode("CMYK", "TIFF")),
    Encoding("tiff LAB", ".tif", mode("LAB", "TIFF"), 2),
    Encoding("tiff turned", ".tif", turned_as("TIFF")),
    Encoding("tiff pages", ".tif", several("TIFF"), reason=FRAMES),
    Encoding("bigtiff", ".tif", grey("TIFF", big_tiff=True)),
    Encoding("gif", ".gif", grey("GIF")),
    Encoding("gif transparent", ".gif", transparent_ground("GIF"), 1),
    Encoding("gif animated", ".gif", several("GIF"), reason=FRAMES),
    Encoding("webp", ".webp", enlarged(grey("WEBP", quality=95)), **SCALED_LOSSY),
    Encoding("webp lossless", ".webp", grey("WEBP", lossless=True)),
    Encoding(
        "webp alpha",
        ".webp",
        lambda p: save(strokes(0, "RGBA")(p), "WEBP", lossless=True),
        1,
        expected=np.invert,
    ),
    Encoding("webp animated", ".webp", several("WEBP", lossless=True), reason=FRAMES),
    Encoding("bmp", ".bmp", grey("BMP")),
    Encoding("bmp RGB", ".BMP", mode("RGB", "BMP")),
    Encoding("bmp RGBA", ".bmp", mode("RGBA", "BMP")),
    Encoding("dib", ".dib", grey("DIB")),
    Encoding("pgm", ".pgm", grey("PPM")),
    Encoding("pgm ascii", ".pgm", ascii_pgm),
    Encoding("ppm ascii", ".ppm", ascii_ppm),
    Encoding("pgm 16 bits", ".pgm", pgm(65535)),
    Encoding("pgm 12 bits", ".pgm", pgm(4095)),
    Encoding("pbm", ".pbm", bilevel("PPM"), expected=threshold),
    Encoding("ppm", ".pnm", mode("RGB", "PPM")),
    Encoding("ico", ".ico", grey("ICO", sizes=[(28, 28)])),
    Encoding("ico bitmap", ".ico", mode("RGBA", "ICO", sizes=[(28, 28)], bitmap_format="bmp")),
    Encoding("avif", ".avif", enlarged(grey("AVIF", quality=90)), **SCALED_LOSSY),
    Encoding("jp2", ".jp2", grey("JPEG2000")),
    Encoding("j2k", ".j2k", grey("JPEG2000", no_jp2=True)),
    Encoding("jp2 16 bits", ".jp2", raw("JPEG2000", "uint16", 257)),
    Encoding("tga", ".tga", grey("TGA")),
    Encoding("tga run-length", ".tga", grey("TGA", compression="tga_rle")),
    Encoding("pcx", ".pcx", grey("PCX")),
    Encoding("heic", ".heic", heif, **SCALED_LOSSY),
)
