"""What to lay a transparent picture on: black or white, whichever shows the strokes."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_OPAQUE: Final = 224  # alpha from which a pixel's colour is its own, not an edge's
_FAR: Final = 96  # grey levels between ink and paper
_INK_SHARE: Final = 0.02  # of a drawing's opaque pixels: more of another tone is ink on paper
_PAPER_FILL: Final = 0.5  # of the bounding box: strokes fill less of it than a sheet does
BLACK: Final = 0
WHITE: Final = 255


def on_contrast(image: Image.Image) -> NDArray[np.uint8]:
    """(h, w, 3) of an RGBA image, laid on the ground that `_ground` picks."""
    alpha = np.asarray(image.getchannel("A"))
    if alpha.min() == 255:
        return np.asarray(image.convert("RGB"))
    ground = _ground(np.asarray(image.convert("RGB").convert("L")), alpha)
    sheet = Image.new("RGBA", image.size, (ground, ground, ground, 255))
    return np.asarray(Image.alpha_composite(sheet, image).convert("RGB"))


def _ground(tone: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> int:
    """Strokes of one tone need the opposite; a sheet with ink on it goes on as its paper does."""
    seen = alpha >= _OPAQUE
    if not seen.any():
        seen = alpha > 0
    if not seen.any():
        return WHITE
    usual = int(np.median(tone[seen]))
    far = np.abs(tone[seen].astype(np.int16) - usual) > _FAR
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    box = (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
    sheet = far.mean() > _INK_SHARE and seen.sum() > _PAPER_FILL * box
    light = usual > WHITE // 2
    return WHITE if light == sheet else BLACK
