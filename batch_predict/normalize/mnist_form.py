"""MNIST's form: the test for it, and ink brought to it.

After LeCun et al. 1998 and the reconstruction of Yadav and Bottou 2019 ("Cold case: the lost MNIST
digits"): the ink box is padded to a square, area-resampled into 20x20, and placed in 28x28, by
whole pixels, so that the centre of mass lies at pixel 14.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from batch_predict.normalize.bands import without_bands
from batch_predict.opencv import cv2
from batch_predict.records import PIXEL_MAX, SIDE

BOX = 20  # pixels, the longer side of the ink box
CENTRE = 14  # pixel index of the centre of mass, on both axes
# What all 70,000 pictures of MNIST keep to.
BOX_SIDES = (19, 20)  # pixels
CENTRE_TOLERANCE = 0.53  # pixels: placed by whole pixels, measured before LeCun's last rounding
PEAK = 254  # grey level that the darkest ink reaches
# What lies as MNIST's digits do, though noise, blur or a line across has changed its box.
PLACE_TOLERANCE = 3.0  # pixels: the centre of mass
SPOILT = 21.5  # pixels, the longer side of the box with blur, noise or a line across
WIDEST = 9.0  # pixels, radius of gyration: 99% of MNIST's digits, and what blur and lines add


def is_mnist_form(pixels: NDArray[np.uint8]) -> bool:
    """Whether `pixels` (h, w[, 3]) uint8 is a 28x28 grey picture as MNIST would hold it."""
    if pixels.shape != (SIDE, SIDE):
        return False
    _, _, width, height = cv2.boundingRect(pixels)
    if max(width, height) not in BOX_SIDES or cv2.norm(pixels, cv2.NORM_INF) < PEAK:
        return False
    return _off_centre(cv2.moments(pixels)) <= CENTRE_TOLERANCE


def _centre(moments: Mapping[str, float]) -> tuple[float, float]:
    """The centre of mass, across and down, pixels."""
    return moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]


def _off_centre(moments: Mapping[str, float]) -> float:
    across, down = _centre(moments)
    return max(abs(across - CENTRE), abs(down - CENTRE))


def found_form(pixels: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """`pixels` if they are in MNIST's form, or would be without inverted bands; those undone."""
    if is_mnist_form(pixels):
        return pixels
    if pixels.shape != (SIDE, SIDE):
        return None
    even = without_bands(pixels)
    return even if is_mnist_form(even) else None


def is_spoilt_form(ink: NDArray[np.float32]) -> bool:
    """Whether a 28x28 picture was in MNIST's form before noise, blur or a line came over it.

    `ink` is (h, w) float32 at any size, what its mark holds: about where MNIST's digits lie, but
    with a longer box.
    """
    _, _, width, height = cv2.boundingRect((ink > 0).astype(np.uint8))
    longest = max(width, height) * SIDE / max(ink.shape)
    moments = _moments(ink)
    radius = np.sqrt((moments["mu20"] + moments["mu02"]) / moments["m00"])
    is_central = _off_centre(moments) <= PLACE_TOLERANCE
    return bool(is_central and longest >= SPOILT and radius <= WIDEST)


def _moments(ink: NDArray[np.float32]) -> Mapping[str, float]:
    """Of `ink` (h, w) at 28x28."""
    return cv2.moments(cv2.resize(ink, (SIDE, SIDE), interpolation=cv2.INTER_AREA))


def stretched(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`pixels` (28, 28) uint8 over the full range of levels."""
    whole = cv2.normalize(pixels, np.empty_like(pixels), 0, PIXEL_MAX, cv2.NORM_MINMAX)
    return np.asarray(whole, np.uint8)


def centred(pixels: NDArray[np.uint8], ink: NDArray[np.float32]) -> NDArray[np.uint8]:
    """`pixels` (28, 28) uint8 moved by whole pixels, the centre of mass of `ink` at pixel 14."""
    across, down = _centre(_moments(ink))
    move = np.array([[1, 0, round(CENTRE - across)], [0, 1, round(CENTRE - down)]], np.float32)
    moved = cv2.warpAffine(pixels, move, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def place(ink: NDArray[np.float32]) -> NDArray[np.uint8]:
    """`ink` (h, w) float32 in [0, 1], cut to its box -> (28, 28) uint8 in MNIST's form."""
    height, width = ink.shape
    scale = BOX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    grey = np.rint(small * (PIXEL_MAX / float(small.max()))).astype(np.uint8)
    across, down = _centre(cv2.moments(grey))
    height, width = grey.shape
    left = min(max(round(CENTRE - across), 0), SIDE - width)  # moved inwards where it sticks out
    top = min(max(round(CENTRE - down), 0), SIDE - height)
    placed = np.zeros((SIDE, SIDE), np.uint8)
    placed[top : top + height, left : left + width] = grey
    return placed
