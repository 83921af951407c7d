"""Handwriting: a form -> the pen's path, different every time.

The hand moves the control points, slants, stretches and bends the whole, rounds corners off,
overshoots and trembles.
"""

import numpy as np

from .arrays import Floats, f32, rotation
from .spline import Form


def write(rng: np.random.Generator, form: Form) -> Floats:
    """The pen's path (m, 2) for a form, as a random hand writes it; the height is about 1."""
    haste = rng.uniform(0.3, 1)  # neat to careless
    control = form.control + rng.normal(0, 0.025 * haste, form.control.shape).astype(np.float32)
    for first, last in form.ends:
        control[first] += _overshoot(rng, haste) * (control[first] - control[first + 1])
        control[last] += _overshoot(rng, haste) * (control[last] - control[last - 1])
        control[first : last + 1] += rng.normal(0, 0.012 * haste, 2).astype(np.float32)
    roundness = max(0, rng.uniform(-0.5, 0.8)) * haste
    path = f32(((1 - roundness) * form.sharp + roundness * form.smooth) @ control)
    path -= path.mean(axis=0)
    path += _bend(rng, path, 0.03 * haste)
    path += tremor(rng, len(path), rng.exponential(0.003))
    slant, turn = rng.normal(0.1, 0.24), rotation(np.deg2rad(rng.normal(0, 6)))
    stretch = np.exp(rng.normal(0.05, 0.27))
    shear = np.array([[stretch, -slant], [0, 1]])
    return f32(path @ (turn @ shear).T)


def _overshoot(rng: np.random.Generator, haste: float) -> np.float32:
    """How far a stroke runs beyond its end, as a share of its last span; below 0 it stops short."""
    return np.float32(rng.normal(0, 0.18 * haste))


def _bend(rng: np.random.Generator, path: Floats, much: float) -> Floats:
    """A slow wave through the plane: neighbouring strokes bend together."""
    direction = rng.normal(0, 3, (2, 2)).astype(np.float32)
    phase = rng.uniform(0, 2 * np.pi, 2).astype(np.float32)
    return f32(much * np.sin(path @ direction + phase))


def tremor(rng: np.random.Generator, length: int, much: float) -> Floats:
    """(length, 2) smooth noise along the path."""
    knots = rng.normal(0, much, (length // 4 + 2, 2))
    at = np.arange(length) / 4
    below = at.astype(int)
    part = (at - below)[:, None]
    return f32(knots[below] * (1 - part) + knots[below + 1] * part)
