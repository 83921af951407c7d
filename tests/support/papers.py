"""Pictures of digits on ruled paper, of any size, as the network that marks ink takes them."""

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2
from tests.support.own_models import digits


def papers(count: int, side: int) -> NDArray[np.uint8]:
    """RGB pictures (count, side, side, 3) uint8: a pen on coloured paper with lines and noise."""
    rng = np.random.default_rng(3)
    pixels, _ = digits()
    found = rng.integers(150, 240, (count, 1, 1, 3)) + rng.normal(0, 4, (count, side, side, 3))
    found[:, :: max(8, side // 12)] *= 0.8
    found += np.linspace(-20, 20, side)[:, None, None]
    inside, rim = side * 2 // 3, side // 6
    for paper, digit in zip(found, pixels[::7], strict=False):
        pen = cv2.resize(digit[..., 0], (inside, inside), interpolation=cv2.INTER_CUBIC)
        cover = np.clip(pen, 0, 1)[..., None]
        paper[rim : rim + inside, rim : rim + inside] *= 1 - 0.7 * cover
    return np.rint(found.clip(0, 255)).astype(np.uint8)
