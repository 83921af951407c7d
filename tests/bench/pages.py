"""Files as large as phones and scanners make them, a digit on each: phone photos, pages scanned."""

import io
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.bench import papers, pens, shots
from tests.bench.forms import flatbed
from tests.bench.sheet import Place, Sheet
from tests.bench.strokes import strokes_of
from train.drawn import draw_digit

# Height and width in pixels: 1, 3, 8 and 12 megapixels, held lengthwise and across.
PHOTOS: Final = ((1152, 864), (1536, 2048), (3264, 2448), (3024, 4032))
PAPERS: Final = (papers.plain, papers.squared, papers.ruled, papers.seyes)  # one for each of these
DRAWN: Final = 1600  # px: the longer side at which a photo is drawn, before the sensor's noise
INK: Final = 400  # px: the side on which the pen model writes
PAGES: Final = {"A6": (148, 105), "A5": (210, 148), "A4": (297, 210)}  # height and width, mm
DPI: Final = 300
MM_OF_INCH: Final = 25.4
ORIENTATION: Final = 0x0112  # EXIF
TURNED: Final = 6  # as phones that are held lengthwise store what they see
QUALITY: Final = 95  # of a JPEG


class File(NamedTuple):
    """A picture file and the suffix that its name gets."""

    data: bytes
    suffix: str
    kind: str  # size and format, in words


def phone_photos(count: int) -> Iterator[File]:
    """`count` JPEGs of each size of PHOTOS; upright ones are stored across, turned by EXIF."""
    rng = np.random.default_rng(5)
    for _ in range(count):
        for size, paper in zip(PHOTOS, PAPERS, strict=True):
            photo = Image.fromarray(_photo(rng, size, paper))
            exif = Image.Exif()
            if photo.height > photo.width:
                photo = photo.transpose(Image.Transpose.ROTATE_90)
                exif[ORIENTATION] = TURNED
            kind = f"photo of {photo.width * photo.height / 1e6:.0f} MP"
            yield _file(photo, "JPEG", kind, quality=QUALITY, exif=exif)


def _photo(rng: Any, size: tuple[int, int], paper: Any) -> NDArray[np.uint8]:
    """RGB of `size`: a digit on a school paper."""
    less = min(1, DRAWN / max(size))
    sheet, place = paper(rng, tuple(round(n * less) for n in size))
    _write(rng, sheet, place)
    light = shots.lit(rng, shots.seen(rng, sheet))
    large = cv2.resize(light, size[::-1], interpolation=cv2.INTER_CUBIC)
    return shots.sensed(rng, large)


def _write(rng: Any, sheet: Sheet, place: Place) -> None:
    pen = pens.of_school(rng)
    sheet.write(rng, strokes_of(draw_digit(rng, rng.integers(10), INK)), place, pen)


def scans(count: int) -> Iterator[File]:
    """`count` pages of each size of PAGES, each as grey and RGB, JPEG and PNG, and 1-bit TIFF."""
    rng = np.random.default_rng(6)
    for _ in range(count):
        for name, page in PAGES.items():
            rgb = _scan(rng, page)
            grey = rgb.convert("L")
            bits = grey.point(lambda level: level > 128, "1")
            yield _file(rgb, "JPEG", f"{name}, RGB JPEG", quality=QUALITY)
            yield _file(grey, "JPEG", f"{name}, grey JPEG", quality=QUALITY)
            yield _file(rgb, "PNG", f"{name}, RGB PNG")
            yield _file(grey, "PNG", f"{name}, grey PNG")
            yield _file(bits, "TIFF", f"{name}, 1-bit TIFF", compression="group4")


def _scan(rng: Any, page: tuple[int, int]) -> Image.Image:
    """A digit on a `page` of copy paper, as a flatbed scanner sees it."""
    view = tuple(round(mm / MM_OF_INCH * DPI) for mm in page)
    sheet, place = papers.plain(rng, view, share=(0.1, 0.4), across=(page[1], page[1]))
    _write(rng, sheet, place)
    return Image.fromarray(cv2.convertScaleAbs(flatbed(rng, sheet), alpha=255))


def _file(picture: Image.Image, encoding: str, kind: str, **how: object) -> File:
    file = io.BytesIO()
    picture.save(file, encoding, **how)
    return File(file.getvalue(), f".{encoding.lower()}", kind)
