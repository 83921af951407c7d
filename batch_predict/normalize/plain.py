"""The article's preparation: grey, resized to 28x28. No polarity, no centring."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from batch_predict.records import SIDE


def plain(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`pixels` (h, w) grey or (h, w, 3) RGB, uint8 -> (28, 28) uint8, resized with antialiasing.

    A grey 28x28 picture comes back bit for bit.
    """
    if pixels.shape == (SIDE, SIDE):
        return pixels
    grey = Image.fromarray(pixels).convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(grey)
