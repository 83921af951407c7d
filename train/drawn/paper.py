"""Surfaces: papers, and the tables they lie on. Two families, so that tests see other textures."""

from collections.abc import Callable, Iterable

import cv2
import numpy as np

from train.drawn.arrays import Floats, Size, f32, scaled

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
    return _mix(f32(cloud(rng, size, cells) / i) for i, cells in enumerate((8, 32, 128, 250), 1))


def grainy(rng: np.random.Generator, size: Size) -> Floats:
    """Rough drawing paper, lit from one side."""
    bumps = cloud(rng, size, 90) + cloud(rng, size, 220)
    return _mix([bumps - np.roll(bumps, (2, 1), (0, 1)), 0.1 * bumps])


def smooth(rng: np.random.Generator, size: Size) -> Floats:
    """Coated paper: nearly nothing."""
    return 0.2 * cloud(rng, size, 4)


def laid(rng: np.random.Generator, size: Size) -> Floats:
    """Laid paper: fine parallel wires under a fleecy surface."""
    y = np.linspace(0, rng.uniform(200, 400), size[0], dtype=np.float32)[:, None]
    return _mix([np.broadcast_to(np.sin(y), size), cloud(rng, size, 60)])


def crumpled(rng: np.random.Generator, size: Size) -> Floats:
    """Paper that was crumpled: facets of different brightness with sharp creases."""
    total = np.zeros(size, np.float32)
    for _ in range(rng.integers(6, 14)):
        y, x = _grid(size)
        angle, offset = rng.uniform(0, np.pi), rng.uniform(-0.6, 0.6)
        away = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) - offset
        away = away + np.float32(0.05) * cloud(rng, size, 5)
        total += np.sign(away) * np.exp(-np.abs(away) * rng.uniform(3, 12))
    return total * np.float32(0.6)


def flecked(rng: np.random.Generator, size: Size) -> Floats:
    """Recycled paper: sparse dark flecks on a cloudy ground."""
    flecks = np.minimum(cloud(rng, size, 200) + 2.6, 0)
    return _mix([4 * flecks, 0.5 * cloud(rng, size, 20)])


def wood(rng: np.random.Generator, size: Size) -> Floats:
    """Planks: rings drawn out along one side."""
    y, x = _grid(size)
    rings = x * np.float32(rng.uniform(4, 20)) + np.float32(0.5) * cloud(rng, size, 4)
    return f32(np.sin(6 * rings + y) + 0.3 * cloud(rng, size, 150))


def stone(rng: np.random.Generator, size: Size) -> Floats:
    """Speckled worktop."""
    return _mix([cloud(rng, size, 150), cloud(rng, size, 60)])


def cloth(rng: np.random.Generator, size: Size) -> Floats:
    """Woven cloth: two crossing waves."""
    y, x = _grid(size)
    count = np.float32(rng.uniform(150, 500))
    return f32(np.sin(count * x) + np.sin(count * y) + cloud(rng, size, 6))


PAPERS: dict[str, tuple[Texture, ...]] = {
    "train": (smooth, fibres, grainy),
    "test": (laid, crumpled, flecked),
}
TABLES: dict[str, tuple[Texture, ...]] = {"train": (wood, stone), "test": (cloth, crumpled)}


def texture(rng: np.random.Generator, size: Size, among: tuple[Texture, ...]) -> Floats:
    """(h, w) of one of the textures, made at `COARSEST` at most."""
    small = scaled(size, min(1.0, COARSEST / max(size)))
    made = among[rng.integers(len(among))](rng, small)
    if small == size:
        return made
    return f32(cv2.resize(made, size[::-1], interpolation=cv2.INTER_CUBIC))


def _grid(size: Size) -> tuple[Floats, Floats]:
    """Row and column of each pixel as shares of the longer side."""
    y, x = np.indices(size, dtype=np.float32, sparse=True)
    return y / np.float32(max(size)), x / np.float32(max(size))


def _mix(layers: Iterable[Floats]) -> Floats:
    return f32(np.sum(list(layers), axis=0))
