"""A page without writing: paper or board, ruling, binder holes, its edges and the table beyond."""

import numpy as np
from numpy.typing import ArrayLike

from batch_predict.opencv import cv2

from .arrays import SUBPIXEL_BITS, Floats, Ink, Size, f32, fixed
from .difficulty import Difficulty
from .paper import Texture, texture

BOARDS = ((0.10, 0.22, 0.16), (0.10, 0.10, 0.11), (0.10, 0.13, 0.25))  # green, black, blue
UPRIGHTS = {"ruled": 0, "margin": 2, "squared": None, "dotted": None}  # None: all of them
LINE_COLOURS = ((0.45, 0.55, 0.80), (0.55, 0.55, 0.58), (0.85, 0.50, 0.55), (0.45, 0.70, 0.68))
HOLES = 0.14  # how far from the frame holes reach
EDGE = 0.19  # and how far inside the page's edge may lie; both in the unit of the next
REACH = 1.6  # the page's half size in units of the picture's shorter side: beyond what is in view


def bare_page(
    rng: np.random.Generator, difficulty: Difficulty, size: Size, papers: tuple[Texture, ...]
) -> Floats:
    """The bare page, (h, w, 3) reflectance in [0, 1]."""
    if difficulty.chalk:
        albedo = np.array(BOARDS[rng.integers(len(BOARDS))]) * rng.uniform(0.7, 1.6)
    else:
        white = np.array((0.93, 0.92, 0.90)) * rng.uniform(0.9, 1.05)
        tint = rng.uniform(0.35, 1.0) * (1 - 0.45 * rng.random(3))
        albedo = white * ((1 - difficulty.tinted) + difficulty.tinted * tint)
    rough = (0.006 + 0.05 * difficulty.rough) * texture(rng, size, papers)
    return f32(np.clip(f32(albedo) * (1 + rough[:, :, None]), 0, 1))


def print_lines(rng: np.random.Generator, page: Floats, plane: Floats, much: float) -> None:
    """Rules `page` (h, w, 3) in place; `much` is how dark the lines are, 0 draws none."""
    if not much:
        return
    ruling = list(UPRIGHTS)[rng.integers(len(UPRIGHTS))]
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
        uprights = rng.permutation(rows[:, :, ::-1])[: UPRIGHTS[ruling]]
        for line in np.concatenate([rows, uprights]):
            run = [fixed(_project(plane, line))]
            cv2.polylines(mask, run, False, 255, thickness, cv2.LINE_AA, SUBPIXEL_BITS)
    ink = np.array(LINE_COLOURS[rng.integers(len(LINE_COLOURS))], np.float32) ** (0.5 + 2 * much)
    _blend(page, mask, (0.3 + 0.7 * much), page.mean(axis=(0, 1)) * ink)


def punch_holes(rng: np.random.Generator, page: Floats, plane: Floats, much: float) -> None:
    """Punches two to four holes along a side of `page` in place; `much` is their size."""
    if not much:
        return
    pitch = rng.uniform(0.3, 0.6)
    along = np.arange(-2, 3) * pitch + rng.uniform(0, pitch)
    side = rng.choice([-1, 1]) * (0.5 - rng.uniform(0.03, HOLES - 0.045))
    angle = np.linspace(0, 2 * np.pi, 40)
    circle = np.stack([np.cos(angle), np.sin(angle)], 1) * (0.015 + 0.03 * much)
    mask = np.zeros(page.shape[:2], np.uint8)
    swap = rng.random() < 0.5
    for y in along:
        centre = np.array([y, side] if swap else [side, y])
        hole = fixed(_project(plane, circle + centre))
        cv2.fillPoly(mask, [hole], 255, cv2.LINE_AA, SUBPIXEL_BITS)
    _blend(page, mask, 1.0, np.full(3, rng.uniform(0.05, 0.5), np.float32))


def lay_on_table(
    rng: np.random.Generator, page: Floats, plane: Floats, much: float, tables: tuple[Texture, ...]
) -> Floats:
    """The page's edge comes into view: at 1 up to a quarter of the picture is table."""
    if not much:
        return page
    size = page.shape[:2]
    on_page, shade = _outline(rng, plane, size, much)
    albedo = rng.uniform(0.1, 0.7) * (1 - 0.5 * rng.random(3))
    table = f32(albedo) * (1 + f32(0.12) * texture(rng, size, tables)[:, :, None])
    return page * on_page + np.clip(table, 0, 1) * (1 - on_page) * shade


def _outline(
    rng: np.random.Generator, plane: Floats, size: Size, much: float
) -> tuple[Floats, Floats]:
    """(h, w, 1) share of page in each pixel, and how much light the table has beside the page."""
    half = np.array(size[::-1]) / min(size) / 2
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * REACH
    shown = rng.integers(1, 4)  # one side, the other, or both
    for axis in range(2):
        if shown >> axis & 1:
            edge = rng.choice([-1, 1]) * (half[axis] - (EDGE - 0.01) * much)
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
