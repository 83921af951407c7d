"""Pictures in MNIST's form, 28x28, as they are or spoilt by the families of `train.corrupt`."""

from collections.abc import Iterable
from copy import deepcopy
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2
from batch_predict.records import PIXEL_MAX, SIDE

from ..corrupt import CORRUPTIONS
from ..data import Pictures
from .sample import INK, PRINT, Sample
from .writing import FINE, crisp, digit, fitted

Rng = np.random.Generator

# How often each family is drawn; the hard ones more often.
_ODDS: Final = {
    "shot_noise": 1.0, "impulse_noise": 1.0, "glass_blur": 1.0, "motion_blur": 2.0, "shear": 0.3,
    "scale": 0.6, "rotate": 0.4, "brightness": 0.5, "translate": 0.4, "stripe": 1.0, "fog": 1.0,
    "spatter": 1.5, "dotted_line": 1.5, "zigzag": 3.0, "canny_edges": 1.5,
}  # fmt: skip
FAMILIES: Final = tuple(_ODDS)
SHARES: Final = np.array(list(_ODDS.values())) / sum(_ODDS.values())  # of FAMILIES, as drawn
MOVING: Final = frozenset({"shear", "scale", "rotate", "translate"})  # the ink moves with them
LINING: Final = frozenset({"dotted_line", "zigzag"})  # they add print


def spoilt(rng: Rng, mnist: Pictures) -> Sample:
    """A picture in MNIST's form spoilt by one of the fifteen families, now and then by two."""
    picture, label = _mnist_form(rng, mnist)
    times = range(1 + (rng.random() < 0.12))
    sample = _spoilt(
        rng, picture, label, (FAMILIES[rng.choice(len(FAMILIES), p=SHARES)] for _ in times)
    )
    inverted = rng.random() < 0.3
    return sample._replace(pixels=PIXEL_MAX - sample.pixels) if inverted else sample


def plain(rng: Rng, mnist: Pictures, family: str) -> Sample:
    """One of MNIST's digits, spoilt by one of FAMILIES."""
    i = int(rng.integers(len(mnist.labels)))
    return _spoilt(rng, mnist.pixels[i], int(mnist.labels[i]), [family])


def unspoilt(mnist: Pictures, number: int) -> Sample:
    """One of MNIST's digits, as it is."""
    maps = np.zeros((FINE * SIDE, FINE * SIDE, 3), np.uint8)
    maps[..., INK] = crisp(mnist.pixels[number])
    return Sample(_rgb(mnist.pixels[number]), maps, int(mnist.labels[number]))


def _spoilt(rng: Rng, picture: NDArray[np.uint8], label: int, families: Iterable[str]) -> Sample:
    """`picture` (28, 28), spoilt by `families`, one after the other."""
    maps = np.zeros((FINE * SIDE, FINE * SIDE, 3), np.uint8)
    clean, pixels = picture, picture
    for name in families:
        family, before = CORRUPTIONS[name], deepcopy(rng)
        pixels = family(rng, pixels)
        if name in MOVING:
            clean = family(deepcopy(before), clean)
            maps[..., PRINT] = cv2.resize(
                family(before, np.ascontiguousarray(maps[::FINE, ::FINE, PRINT])),
                (FINE * SIDE,) * 2,
            )
        elif name in LINING:
            line = crisp(family(before, np.zeros_like(clean)))
            maps[..., PRINT] = np.maximum(maps[..., PRINT], line)
    maps[..., INK] = crisp(clean)
    return Sample(_rgb(pixels), maps, label)


def _mnist_form(rng: Rng, mnist: Pictures) -> tuple[NDArray[np.uint8], int]:
    """One of MNIST's, or another digit, its longer side 20 pixels, in the middle of 28x28."""
    if rng.random() < 0.75:
        i = int(rng.integers(len(mnist.labels)))
        return mnist.pixels[i], int(mnist.labels[i])
    ink, label = digit(rng, mnist, mnist_share=0.3)
    small = fitted(ink, 20)
    picture = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (round((SIDE - side) / 2) for side in small.shape)
    picture[top : top + small.shape[0], left : left + small.shape[1]] = small
    return picture, label


def _rgb(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(grey[:, :, None], 3, axis=2)
