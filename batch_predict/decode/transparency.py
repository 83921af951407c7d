"""Lays a transparent picture on black or white, whichever shows the strokes."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from batch_predict.opencv import cv2

_VISIBLE_ALPHA: Final = 128  # alpha from which a pixel counts as visible
_CONTRAST_LEVELS: Final = 96  # grey levels between ink and paper
_INK_SHARE: Final = 0.005  # of the visible pixels: more of another tone inside the rim is ink
_INK_PIXELS: Final = 16  # and so many at least: fewer pixels are no digit
_BLOCK: Final = 1 << 20  # pixels
_THUMBNAIL_SIDE: Final = 1000  # pixels, both sides
_NEIGHBOURS: Final = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))  # and the pixel itself
BLACK: Final = 0
WHITE: Final = 255


def composite(image: Image.Image) -> NDArray[np.uint8]:
    """(h, w, 3) uint8 of an RGBA image, laid on the background that shows what is drawn.

    An alpha channel that hides everything, or everything to the same degree, says nothing of the
    picture (many programs leave it at 0): the colours stand alone.
    """
    image = _with_telling_alpha(image)
    if image.mode == "RGB":
        return np.asarray(image)
    background = _background(image)
    width, height = image.size
    pixels = np.empty((height, width, 3), np.uint8)
    step = 1 + _BLOCK // width
    # Some rows at a time: a backdrop of the whole size would take four bytes a pixel.
    for top in range(0, height, step):
        part = image.crop((0, top, width, min(top + step, height)))
        backdrop = Image.new("RGBA", part.size, (background, background, background, 255))
        pixels[top : top + step] = np.asarray(Image.alpha_composite(backdrop, part).convert("RGB"))
    return pixels


def _with_telling_alpha(image: Image.Image) -> Image.Image:
    """An RGBA image that shows something, or RGB where alpha tells nothing of the picture.

    Alpha is measured by the most opaque pixels, but for so few that they are no drawing. Where even
    those are not visible, the colours are the picture; if they have one tone, alpha is, stretched.
    """
    alpha = image.getchannel("A")
    lowest, highest = alpha.getextrema()
    if lowest == 255:
        return image.convert("RGB")
    counts = np.cumsum(alpha.histogram()[::-1])[::-1]  # pixels of each alpha and over
    drawn = min(_INK_PIXELS, int(counts[0]))
    strongest = int(np.flatnonzero(counts >= drawn)[-1])
    if strongest == 0 or lowest == highest:
        return image.convert("RGB")
    if strongest < _VISIBLE_ALPHA:
        colours = image.convert("RGB")
        if np.ptp(np.asarray(colours.convert("L"))) > _CONTRAST_LEVELS:
            return colours
        image = image.copy()
        image.putalpha(alpha.point([min(255, a * 255 // strongest) for a in range(256)]))
    return image


def _background(image: Image.Image) -> int:
    """BLACK or WHITE, by the rim: the visible pixels that touch invisible ones.

    Where the visible pixels have one tone, they are ink, and the background is the opposite. Where
    the rim differs from what it encloses (a sheet with ink on it, strokes with soft edges or a
    halo), the background takes the rim's tone.
    """
    if image.width * image.height > _BLOCK:  # a thumbnail is enough
        image = image.resize(
            (min(_THUMBNAIL_SIDE, image.width), min(_THUMBNAIL_SIDE, image.height)),
            Image.Resampling.NEAREST,
        )
    tone = np.asarray(image.convert("RGB").convert("L"))
    alpha = np.asarray(image.getchannel("A"))
    visible = alpha >= _VISIBLE_ALPHA
    if not visible.any():
        visible = alpha > 0
    rim = visible & (cv2.dilate((~visible).astype(np.uint8), _NEIGHBOURS) > 0)
    if not rim.any():
        rim = visible
    if not rim.any():
        return WHITE
    usual = np.median(tone[rim])
    enclosed = tone[visible & ~rim]
    other = enclosed[np.abs(enclosed - usual) > _CONTRAST_LEVELS]
    if other.size > max(_INK_PIXELS, _INK_SHARE * visible.sum()):
        return WHITE if usual > np.median(other) else BLACK
    return BLACK if np.median(tone[visible]) > WHITE // 2 else WHITE
