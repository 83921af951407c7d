"""A decoded picture -> what the classifier will see, or what the ink network is to mark first."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.letterbox import reduced
from batch_predict.normalize.mnist_form import are_mnist_form, is_mnist_form
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.plain import plain
from batch_predict.opencv import cv2
from batch_predict.records import Picture, Prepared, Reduced

# Of the picture's shorter side: the window of the median that is taken for the ground where the
# polarity is given. No stroke fills half of it.
GROUND_WINDOW: Final = 0.5


def normalize(picture: Picture, preprocess: Preprocess, polarity: Polarity) -> Prepared | Reduced:
    """`picture.pixels`, (h, w) or (h, w, 3) uint8 -> (28, 28), or no larger than its square.

    MNIST's form passes bit for bit, unless `preprocess` has the network mark it, too.
    """
    pixels = picture.pixels
    if preprocess is Preprocess.PLAIN:
        return Prepared(picture.ref, plain(pixels), picture.reasons)
    if preprocess is Preprocess.AUTO and is_mnist_form(pixels):
        return Prepared(picture.ref, pixels, picture.reasons)
    return Reduced(picture.ref, one_sided(reduced(pixels), polarity), picture.reasons)


def pass_as_they_are(pixels: NDArray[np.uint8], preprocess: Preprocess) -> NDArray[np.bool_]:
    """Of which of `pixels` (n, 28, 28) uint8 `normalize` makes `Prepared`: (n,)."""
    if preprocess is Preprocess.AUTO:
        return are_mnist_form(pixels)
    return np.full(len(pixels), preprocess is Preprocess.PLAIN)


def one_sided(pixels: NDArray[np.uint8], polarity: Polarity) -> NDArray[np.uint8]:
    """`pixels` (h, w[, 3]) uint8 with nothing on the other side of the ground than the ink is.

    `polarity` says which side that is; with AUTO they stay as they are.
    """
    if polarity is Polarity.AUTO:
        return pixels
    ground = cv2.medianBlur(pixels, int(GROUND_WINDOW * min(pixels.shape[:2])) | 1)
    side = np.minimum if polarity is Polarity.DARK_ON_LIGHT else np.maximum
    return np.asarray(side(pixels, ground), np.uint8)
