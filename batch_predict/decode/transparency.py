"""What to lay a transparent picture on: black or white, whichever shows the strokes."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_SEEN: Final = 128  # alpha from which a pixel counts as there
_FAR: Final = 96  # grey levels between ink and paper
_INK_SHARE: Final = 0.005  # of what is seen: so much of another tone inside the rim is no accident
_INK_PIXELS: Final = 16  # and so many at least
BLACK: Final = 0
WHITE: Final = 255


def on_contrast(image: Image.Image) -> NDArray[np.uint8]:
    """(h, w, 3) of an RGBA image, laid on the ground that shows what is drawn."""
    alpha = np.asarray(image.getchannel("A"))
    if alpha.min() == 255:
        return np.asarray(image.convert("RGB"))
    ground = _ground(np.asarray(image.convert("RGB").convert("L")), alpha)
    sheet = Image.new("RGBA", image.size, (ground, ground, ground, 255))
    return np.asarray(Image.alpha_composite(sheet, image).convert("RGB"))


def _ground(tone: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> int:
    """The rim, where what is seen meets what is not, decides.

    Ink of one tone to its rim needs the opposite. Where the rim differs from what it encloses (a
    sheet with ink on it, strokes with soft edges or a halo), the ground goes on as the rim does.
    """
    seen = alpha >= _SEEN
    if not seen.any():
        seen = alpha > 0
    rim = seen & _beside(~seen)
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


def _beside(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels with a neighbour above, below, left or right in `mask`."""
    wide = np.pad(mask, 1)
    return wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:]
