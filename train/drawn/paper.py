"""Surfaces: papers, and the tables they lie on."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from batch_predict.opencv import cv2

from .arrays import Floats, Size, f32, scaled

COARSEST = 512  # px: larger textures are made this large and enlarged

Texture = Callable[[np.random.Generator, Size], Floats]


def cloud(rng: np.random.Generator, size: Size, cells: float) -> Floats:
    """Smooth noise (h, w) of mean 0 and about unit spread, with `cells` bumps along the side."""
    height, width = size
    side = max(height, width)
    coarse = (
        max(2, round(cells * height / side)) + 3,
        max(2, round(cells * width / side)) + 3,
    )
    knots = rng.normal(0, 1.3, coarse).astype(np.float32)
    fine = cv2.resize(knots, (width, height), interpolation=cv2.INTER_CUBIC)
    return f32(fine)


def fibres(rng: np.random.Generator, size: Size) -> Floats:
    """Office paper: clouds of many sizes."""
    return mix(f32(cloud(rng, size, cells) / i) for i, cells in enumerate((8, 32, 128, 250), 1))


def grainy(rng: np.random.Generator, size: Size) -> Floats:
    """Rough drawing paper, lit from one side."""
    bumps = cloud(rng, size, 90) + cloud(rng, size, 220)
    return mix([bumps - np.roll(bumps, (2, 1), (0, 1)), 0.1 * bumps])


def smooth(rng: np.random.Generator, size: Size) -> Floats:
    """Coated paper: nearly nothing."""
    return 0.2 * cloud(rng, size, 4)


def wood(rng: np.random.Generator, size: Size) -> Floats:
    """Planks: rings drawn out along one side."""
    y, x = grid(size)
    rings = x * np.float32(rng.uniform(4, 20)) + np.float32(0.5) * cloud(rng, size, 4)
    return f32(np.sin(6 * rings + y) + 0.3 * cloud(rng, size, 150))


def stone(rng: np.random.Generator, size: Size) -> Floats:
    """Speckled worktop."""
    return mix([cloud(rng, size, 150), cloud(rng, size, 60)])


class Surfaces(NamedTuple):
    """What a photo may show: papers, and tables under them."""

    papers: tuple[Texture, ...]
    tables: tuple[Texture, ...]


SURFACES = Surfaces((smooth, fibres, grainy), (wood, stone))


def texture(rng: np.random.Generator, size: Size, among: tuple[Texture, ...]) -> Floats:
    """(h, w) of one of the textures, made at `COARSEST` at most."""
    small = scaled(size, min(1.0, COARSEST / max(size)))
    made = among[rng.integers(len(among))](rng, small)
    if small == size:
        return made
    return f32(cv2.resize(made, size[::-1], interpolation=cv2.INTER_CUBIC))


def grid(size: Size) -> tuple[Floats, Floats]:
    """Row and column of each pixel as shares of the longer side."""
    y, x = np.indices(size, dtype=np.float32, sparse=True)
    return y / np.float32(max(size)), x / np.float32(max(size))


def mix(layers: Iterable[Floats]) -> Floats:
    """The sum of several textures."""
    return f32(np.sum(list(layers), axis=0))
