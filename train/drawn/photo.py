"""A phone's photo of a digit on paper: page, ink, light and camera, with a knob for each trouble.

Everything on the page is drawn through one homography from the page's plane, whose unit is the
picture's shorter side, into the picture.
"""

import numpy as np

from .arrays import Floats, Ink, Size, f32, rotation
from .camera import Photo, develop, illuminate
from .difficulty import Difficulty
from .inking import apply_ink, written
from .page import bare_page, lay_on_table, print_lines, punch_holes
from .paper import SURFACES, Surfaces


def photograph(
    rng: np.random.Generator,
    ink: Ink | None,
    difficulty: Difficulty,
    size: Size = (480, 360),
    surfaces: Surfaces = SURFACES,
) -> Photo:
    """`ink` (s, s) uint8 coverage on paper -> a photo, (h, w, 3) uint8 RGB.

    `ink` may be an MNIST digit: it is drawn anew with a pen. None leaves the page empty.
    """
    plane = look(rng, difficulty.perspective, size)
    page = bare_page(rng, difficulty, size, surfaces.papers)
    print_lines(rng, page, plane, difficulty.lines)
    coverage = written(rng, ink, difficulty, size, plane)
    page = apply_ink(rng, page, coverage, difficulty)
    punch_holes(rng, page, plane, difficulty.holes)
    page = lay_on_table(rng, page, plane, difficulty.edge, surfaces.tables)
    page = illuminate(rng, page, difficulty)
    return develop(rng, page, difficulty)


def look(rng: np.random.Generator, much: float, size: Size) -> Floats:
    """Homography from page coordinates (centre 0, unit the shorter side) to pixels (x, y)."""
    height, width = size
    unit = min(size)
    turn = np.deg2rad(rng.uniform(-15, 15)) * much
    tilt = rng.uniform(-0.25, 0.25, 2) * much
    pose = np.eye(3)
    pose[:2, :2] = rotation(turn) * unit
    pose[2, :2] = tilt
    centre = np.array([[1, 0, width / 2], [0, 1, height / 2], [0, 0, 1]])
    return f32(centre @ pose)
