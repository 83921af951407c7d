"""What a page has before anyone writes: ruling, binder holes, edges."""

import cv2
import numpy as np
from numpy.typing import ArrayLike

from train.drawn.arrays import SUBPIXEL_BITS, Floats, Ink, Size, f32, fixed

RULINGS = ("ruled", "squared", "dotted")
LINE_COLOURS = ((0.45, 0.55, 0.80), (0.55, 0.55, 0.58), (0.85, 0.50, 0.55), (0.45, 0.70, 0.68))
REACH = 1.6  # the page's half size in units of the picture's shorter side: beyond what is in view


def print_lines(rng: np.random.Generator, page: Floats, plane: Floats, much: float) -> None:
    """Rules `page` (h, w, 3) in place; `much` is how dark the lines are, 0 draws none."""
    if not much:
        return
    ruling = RULINGS[rng.integers(len(RULINGS))]
    pitch = rng.uniform(0.06, 0.3)
    offsets = np.arange(-REACH, REACH, pitch) + rng.uniform(0, pitch)
    ends = np.full_like(offsets, REACH)
    rows = np.stack([np.stack([-ends, offsets], 1), np.stack([ends, offsets], 1)], 1)
    thickness = max(1, round(min(page.shape[:2]) * rng.uniform(0.002, 0.008)))
    mask = np.zeros(page.shape[:2], np.uint8)
    if ruling == "dotted":
        x, y = np.meshgrid(offsets, offsets)
        for dot in _project(plane, np.stack([x.ravel(), y.ravel()], 1)):
            cv2.circle(mask, np.rint(dot).astype(int).tolist(), thickness, 255, -1, cv2.LINE_AA)
    else:
        for line in rows if ruling == "ruled" else np.concatenate([rows, rows[:, :, ::-1]]):
            run = [fixed(_project(plane, line))]
            cv2.polylines(mask, run, False, 255, thickness, cv2.LINE_AA, SUBPIXEL_BITS)
    ink = np.array(LINE_COLOURS[rng.integers(len(LINE_COLOURS))], np.float32) ** (0.5 + 2 * much)
    _blend(page, mask, (0.3 + 0.7 * much), page.mean(axis=(0, 1)) * ink)


def print_holes(rng: np.random.Generator, page: Floats, plane: Floats, much: float) -> None:
    """Punches two to four holes along a side of `page` in place; `much` is their size."""
    if not much:
        return
    pitch = rng.uniform(0.3, 0.6)
    along = np.arange(-2, 3) * pitch + rng.uniform(0, pitch)
    side = rng.choice([-1, 1]) * rng.uniform(0.40, 0.46)
    angle = np.linspace(0, 2 * np.pi, 40)
    circle = np.stack([np.cos(angle), np.sin(angle)], 1) * (0.015 + 0.03 * much)
    mask = np.zeros(page.shape[:2], np.uint8)
    swap = rng.random() < 0.5
    for y in along:
        centre = np.array([y, side] if swap else [side, y])
        hole = fixed(_project(plane, circle + centre))
        cv2.fillPoly(mask, [hole], 255, cv2.LINE_AA, SUBPIXEL_BITS)
    _blend(page, mask, 1.0, np.full(3, rng.uniform(0.05, 0.5), np.float32))


def page_outline(
    rng: np.random.Generator, plane: Floats, size: Size, much: float
) -> tuple[Floats, Floats]:
    """(h, w, 1) share of page in each pixel, and how much light the table has beside the page."""
    half = np.array(size[::-1]) / min(size) / 2
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * REACH
    shown = rng.integers(1, 4)  # one side, the other, or both
    for axis in range(2):
        if shown >> axis & 1:
            edge = rng.choice([-1, 1]) * (half[axis] - 0.18 * much)
            outer = np.sign(corners[:, axis]) == np.sign(edge)
            corners[outer, axis] = edge
    mask = np.zeros(size, np.uint8)
    outline = fixed(_project(plane, corners + rng.uniform(-0.01, 0.01, corners.shape)))
    cv2.fillPoly(mask, [outline], 255, cv2.LINE_AA, SUBPIXEL_BITS)
    cast = f32(cv2.blur(mask, (2 * (min(size) // 30) + 1,) * 2)) / 255
    dark = rng.uniform(0, 0.7)
    return f32(mask / 255)[:, :, None], f32(1 - dark * cast)[:, :, None]


def _blend(page: Floats, mask: Ink, strength: float, colour: Floats) -> None:
    much = (mask.astype(np.float32) * np.float32(strength / 255))[:, :, None]
    page *= 1 - much
    page += much * colour


def _project(plane: Floats, points: ArrayLike) -> Floats:
    """Page coordinates (n, 2) -> pixels (n, 2)."""
    moved = cv2.perspectiveTransform(f32(points).reshape(-1, 1, 2), plane)
    return f32(moved).reshape(-1, 2)
