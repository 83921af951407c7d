"""Augmentation of pictures in MNIST's form: moved and bent, then now and then degraded.

Warps run in OpenCV, on maps that are made for a block of pictures at once.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2
from batch_predict.records import SIDE

from .degradations import degrade

Rng = np.random.Generator
Picture = NDArray[np.uint8]
Floats = NDArray[np.float32]

BLOCK: Final = 100  # pictures at once; OpenCV 5 resizes up to 128 channels
GRID: Final = 5  # points of the elastic field, each way
HARDER: Final = 0.6  # how much further the degraded ones are moved and bent


def augment(rng: Rng, pixels: Picture, hard_share: float = 0.5, bent: float = 1.0) -> Picture:
    """`pixels` (n, 28, 28) uint8 -> as many others that mean the same.

    `hard_share` of them are bent further than the rest, and spoilt; all are moved and bent `bent`
    times as far as MNIST's digits bear.
    """
    out = np.empty_like(pixels)
    for start in range(0, len(pixels), BLOCK):
        block = pixels[start : start + BLOCK]
        hard = rng.random(len(block)) < hard_share
        maps = _maps(rng, bent * (1.0 + HARDER * hard))
        for i, picture in enumerate(block):
            warped = cv2.remap(picture, maps[i, 0], maps[i, 1], cv2.INTER_LINEAR)
            out[start + i] = degrade(rng, warped) if hard[i] else warped
    return out


def _maps(rng: Rng, strength: NDArray[np.floating]) -> Floats:
    """Where each pixel of each picture comes from: (n, 2, 28, 28), x then y; `strength` (n,)."""
    n = len(strength)
    turn, lean = rng.normal(0, [[0.09], [0.10]], (2, n)) * strength
    wide, tall = np.exp(rng.normal(0, 0.07, (2, n)) * strength)
    cos, sin = np.cos(turn), np.sin(turn)
    matrix = np.array(
        [[cos * wide, (lean * cos - sin) * tall], [sin * wide, (lean * sin + cos) * tall]]
    )
    shift = np.clip(rng.normal(0, 0.7, (2, n)) * strength, -4, 4)
    middle = (SIDE - 1) / 2
    y, x = np.indices((SIDE, SIDE)) - middle
    straight = np.einsum("ijn,jhw->nihw", matrix, np.stack([x, y])) + middle
    field = rng.normal(0, 1, (2, GRID, GRID, n)) * np.abs(rng.normal(0, 0.5, n)) * strength
    fine = [cv2.resize(f, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) for f in field]
    bent = np.stack([f.reshape(SIDE, SIDE, n) for f in fine]).transpose(3, 0, 1, 2)
    maps: Floats = (straight + shift.T[:, :, None, None] + bent).astype(np.float32)
    return maps
