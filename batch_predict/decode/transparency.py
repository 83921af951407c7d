"""What to lay a transparent picture on: black or white, whichever shows the strokes."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

_SEEN: Final = 128  # alpha from which a pixel counts as there
_FAR: Final = 96  # grey levels between ink and paper
_INK_SHARE: Final = 0.005  # of what is seen: so much of another tone inside the rim is no accident
_INK_PIXELS: Final = 16  # and so many at least
_BLOCK: Final = 1 << 20  # pixels
_AFAR: Final = 1000  # pixels, both sides
_NEIGHBOURS: Final = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))  # and the pixel itself
BLACK: Final = 0
WHITE: Final = 255


def on_contrast(image: Image.Image) -> NDArray[np.uint8]:
    """(h, w, 3) of an RGBA image, laid on the ground that shows what is drawn."""
    ground = _ground(image)
    width, height = image.size
    pixels = np.empty((height, width, 3), np.uint8)
    step = 1 + _BLOCK // width
    for top in range(0, height, step):  # a sheet of the whole size would be large
        part = image.crop((0, top, width, min(top + step, height)))
        sheet = Image.new("RGBA", part.size, (ground, ground, ground, 255))
        pixels[top : top + step] = np.asarray(Image.alpha_composite(sheet, part).convert("RGB"))
    return pixels


def _ground(image: Image.Image) -> int:
    """The rim, where what is seen meets what is not, decides.

    Ink of one tone to its rim needs the opposite. Where the rim differs from what it encloses (a
    sheet with ink on it, strokes with soft edges or a halo), the ground goes on as the rim does.
    """
    if image.width * image.height > _BLOCK:  # a look from afar is enough
        image = image.resize(
            (min(_AFAR, image.width), min(_AFAR, image.height)), Image.Resampling.NEAREST
        )
    tone = np.asarray(image.convert("RGB").convert("L"))
    alpha = np.asarray(image.getchannel("A"))
    seen = alpha >= _SEEN
    if not seen.any():
        seen = alpha > 0
    rim = seen & (cv2.dilate((~seen).astype(np.uint8), _NEIGHBOURS) > 0)
    if not rim.any():
        rim = seen
    if not rim.any():
        return WHITE
    usual = np.median(tone[rim])
    enclosed = tone[seen & ~rim]
    other = enclosed[np.abs(enclosed - usual) > _FAR]
    if other.size > max(_INK_PIXELS, _INK_SHARE * seen.sum()):
        return WHITE if usual > np.median(other) else BLACK
    return BLACK if np.median(tone[seen]) > WHITE // 2 else WHITE
