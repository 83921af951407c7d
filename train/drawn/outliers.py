"""What is no digit: letters and signs by hand and from fonts, blots, scratches, bits of digits."""

from collections.abc import Callable
from functools import cache

import numpy as np
from matplotlib import font_manager
from PIL import Image, ImageDraw, ImageFont

from batch_predict.opencv import cv2

from .arrays import Ink, rotation
from .draw import draw_digit, draw_sign, pick

# Nothing that is also a way to write a digit.
GLYPHS = "AEFHKMNPRTVWXaehkmnprtvwxÄÑ+=?#%@*<>€$£~^ΔΛΞΠΣΦΨΩαπψω±÷≠≤≈∞√"
FONTS = (
    "DejaVu Sans",
    "DejaVu Sans:italic",
    "DejaVu Sans:bold",
    "DejaVu Sans Mono",
    "DejaVu Serif",
    "DejaVu Serif:italic",
    "STIXGeneral",
)


def glyph(rng: np.random.Generator, size: int) -> Ink:
    """A printed letter or sign, turned a little."""
    sign, font = GLYPHS[rng.integers(len(GLYPHS))], FONTS[rng.integers(len(FONTS))]
    image = Image.new("L", (size, size))
    face = _font(font, max(8, round(size * rng.uniform(0.6, 0.9))))
    ImageDraw.Draw(image).text((size / 2, size / 2), sign, 255, face, anchor="mm")
    turned = image.rotate(rng.normal(0, 8), Image.Resampling.BICUBIC)
    return np.asarray(turned, np.uint8)


@cache
def _font(name: str, height: int) -> ImageFont.FreeTypeFont:
    family, _, style = name.partition(":")
    wanted = font_manager.FontProperties(
        family=family,
        style="italic" if style == "italic" else "normal",
        weight="bold" if style == "bold" else "normal",
    )
    return ImageFont.truetype(font_manager.findfont(wanted), height)


def blot(rng: np.random.Generator, size: int) -> Ink:
    """A filled shape with a wavy rim, and perhaps a few splashes."""
    canvas = np.zeros((size, size), np.uint8)
    for i in range(rng.integers(1, 4)):
        angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        rim = 1 + rng.uniform(0, 0.4) * np.sin(rng.integers(2, 7) * angle + rng.uniform(0, 6))
        reach = rim * size * (rng.uniform(0.15, 0.4) if i == 0 else rng.uniform(0.02, 0.08))
        flat = rng.uniform(0.5, 1)
        outline = np.stack([reach * np.cos(angle), reach * flat * np.sin(angle)], 1)
        outline += size * (rng.uniform(0.4, 0.6, 2) if i == 0 else rng.uniform(0.1, 0.9, 2))
        cv2.fillPoly(canvas, [outline.astype(np.int32).reshape(-1, 1, 2)], 255, cv2.LINE_AA)
    return canvas


def scratches(rng: np.random.Generator, size: int) -> Ink:
    """Four to nine strokes back and forth, as one crosses something out."""
    canvas = np.zeros((size, size), np.uint8)
    turns = rng.integers(5, 11)
    reach = np.where(np.arange(turns) % 2, 1, -1) * rng.uniform(0.15, 0.45, turns)
    zigzag = np.stack([reach, np.linspace(-1, 1, turns) * rng.uniform(0.1, 0.4)], 1)
    turn = rotation(rng.uniform(0, np.pi))
    points = np.rint((zigzag @ turn + 0.5) * size).astype(np.int32).reshape(-1, 1, 2)
    width = max(1, round(size * rng.uniform(0.02, 0.07)))
    cv2.polylines(canvas, [points], False, 255, width, cv2.LINE_AA)
    return canvas


def patch(rng: np.random.Generator, size: int) -> Ink:
    """A rectangle, full or a wide outline (a tall one is a 0): a sticker, a box to write in."""
    canvas = np.zeros((size, size), np.uint8)
    width, height = rng.uniform(0.6, 0.9), rng.uniform(0.2, 0.5)
    box = (size * width, size * height)
    corners = cv2.boxPoints(((size / 2, size / 2), box, rng.uniform(-15, 15)))
    outline = [np.rint(corners).astype(np.int32).reshape(-1, 1, 2)]
    if rng.random() < 0.5:
        cv2.fillPoly(canvas, outline, int(rng.integers(100, 256)), cv2.LINE_AA)
    else:
        pen = max(1, round(size * rng.uniform(0.02, 0.1)))
        cv2.polylines(canvas, outline, True, 255, pen, cv2.LINE_AA)
    return canvas


def rules(rng: np.random.Generator, size: int) -> Ink:
    """Printed lines and no writing: parallel, or crossing."""
    canvas = np.zeros((size, size), np.uint8)
    width = max(1, round(size * rng.uniform(0.02, 0.06)))
    for along in range(rng.integers(1, 3)):
        for at in np.arange(rng.uniform(0, 0.3), 1, rng.uniform(0.2, 0.4)) * size:
            ends = np.array([[0, at], [size, at + rng.normal(0, 0.02) * size]])
            ends = (ends[:, ::-1] if along else ends).astype(np.int32)
            cv2.line(canvas, ends[0].tolist(), ends[1].tolist(), 255, width, cv2.LINE_AA)
    return canvas


def torn_pair(rng: np.random.Generator, size: int) -> Ink:
    """The end of one digit and the beginning of the next."""
    left, right = (_cut(draw_digit(rng, _WIDE[rng.integers(len(_WIDE))], size)) for _ in range(2))
    gap = np.zeros((size, rng.integers(1, 1 + size // 4)), np.uint8)
    pair = np.hstack([left[:, left.shape[1] // 2 :], gap, right[:, : right.shape[1] // 2]])
    beside = max(0, size - pair.shape[1]) // 2
    return np.pad(pair, ((0, 0), (beside, size)))[:, :size]


_WIDE = (0, 2, 3, 4, 5, 6, 8, 9)  # half of these is no digit


def _cut(ink: Ink) -> Ink:
    """The columns that are written on."""
    columns = np.flatnonzero(ink.any(axis=0))
    return ink[:, columns[0] : columns[-1] + 1]


def two_digits(rng: np.random.Generator, size: int) -> Ink:
    """Two digits side by side."""
    pair = [draw_digit(rng, int(rng.integers(10)), size) for _ in range(2)]
    wide = np.hstack(pair)[:, size // 8 : -(size // 8)]
    small = cv2.resize(wide, (size, size * size // wide.shape[1]), interpolation=cv2.INTER_AREA)
    above = (size - len(small)) // 2
    return np.pad(np.asarray(small, np.uint8), ((above, size - len(small) - above), (0, 0)))


OUTLIERS: tuple[tuple[float, Callable[[np.random.Generator, int], Ink]], ...] = (
    (8, draw_sign),
    (5, glyph),
    (1, blot),
    (1.5, scratches),
    (1, patch),
    (1, rules),
    (1, torn_pair),
    (1, two_digits),
)


def draw_outlier(rng: np.random.Generator, size: int = 64) -> Ink:
    """Something that is no digit -> (size, size) uint8 coverage by ink."""
    return pick(rng, OUTLIERS)(rng, size)
