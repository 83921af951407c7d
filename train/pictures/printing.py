"""Printed words and numbers around the place to write: labels, lines of text, addresses."""

import string
from functools import cache
from typing import Final

import numpy as np
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from batch_predict.opencv import cv2

from ..drawn.arrays import Ink, f32
from .page import Page
from .rulings import Room, colour
from .sample import PRINT

Rng = np.random.Generator

FONTS: Final = (  # those that matplotlib carries: the same on every machine
    "DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf", "DejaVuSansMono.ttf",
    "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "STIXGeneral.ttf", "STIXGeneralItalic.ttf",
    "cmr10.ttf",
)  # fmt: skip
_LETTERS: Final = (
    string.ascii_lowercase * 3 + string.ascii_uppercase + string.digits + "äöüéñß.,:/-"
)
FONT_PX: Final = 48  # what text is set in before it is scaled


def words(rng: Rng, page: Page, room: Room | None) -> None:
    """One to four lines of print, kept out of `room` if there is one."""
    for _ in range(int(rng.integers(1, 5))):
        height = rng.uniform(0.02, 0.14)
        strip = _set(rng, int(rng.integers(1, 14)))
        scale = page.px(height) / len(strip)
        size = (max(2, round(strip.shape[1] * scale)), max(2, round(len(strip) * scale)))
        ink = np.asarray(cv2.resize(strip, size, interpolation=cv2.INTER_AREA), np.uint8)
        half = f32(ink.shape[::-1]) / page.px(1.0) / 2
        at = rng.uniform(-1, 1, 2) * page.half
        if room is not None and np.all(np.abs(at - room.at) < half + room.height * 0.55):
            continue
        page.lay(
            page.stamp(ink, at), PRINT, colour(rng, page, rng.uniform(0.8, 4)), rng.uniform(0.5, 1)
        )


def _set(rng: Rng, letters: int) -> Ink:
    """A word or a number in one of the fonts: (h, w) coverage."""
    signs = string.digits if rng.random() < 0.3 else _LETTERS
    text = "".join(signs[i] for i in rng.integers(len(signs), size=letters))
    face = _font(FONTS[rng.integers(len(FONTS))])
    left, top, right, bottom = face.getbbox(text)
    image = Image.new("L", (max(1, int(right - left)) + 4, max(1, int(bottom - top)) + 4))
    ImageDraw.Draw(image).text((2 - left, 2 - top), text, 255, face)
    return np.asarray(image, np.uint8)


@cache
def _font(name: str) -> ImageFont.FreeTypeFont:
    for path in font_manager.fontManager.ttflist:
        if path.fname.endswith("/" + name):
            return ImageFont.truetype(path.fname, FONT_PX)
    raise LookupError(f"matplotlib carries no font {name}")
