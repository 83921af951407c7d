"""Papers and tables that training never shows."""

import numpy as np

from train.drawn.arrays import f32
from train.drawn.paper import Surfaces, cloud, grid, mix


def laid(rng, size):
    """Laid paper: fine parallel wires under a fleecy surface."""
    y = np.linspace(0, rng.uniform(200, 400), size[0], dtype=np.float32)[:, None]
    return mix([np.broadcast_to(np.sin(y), size), cloud(rng, size, 60)])


def crumpled(rng, size):
    """Paper that was crumpled: facets of different brightness with sharp creases."""
    total = np.zeros(size, np.float32)
    for _ in range(rng.integers(6, 14)):
        y, x = grid(size)
        angle, offset = rng.uniform(0, np.pi), rng.uniform(-0.6, 0.6)
        away = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) - offset
        away = away + np.float32(0.05) * cloud(rng, size, 5)
        total += np.sign(away) * np.exp(-np.abs(away) * rng.uniform(3, 12))
    return total * np.float32(0.6)


def flecked(rng, size):
    """Recycled paper: sparse dark flecks on a cloudy ground."""
    flecks = np.minimum(cloud(rng, size, 200) + 2.6, 0)
    return mix([4 * flecks, 0.5 * cloud(rng, size, 20)])


def cloth(rng, size):
    """Woven cloth: two crossing waves."""
    y, x = grid(size)
    count = np.float32(rng.uniform(150, 500))
    return f32(np.sin(count * x) + np.sin(count * y) + cloud(rng, size, 6))


UNSEEN = Surfaces((laid, crumpled, flecked), (cloth, crumpled))
