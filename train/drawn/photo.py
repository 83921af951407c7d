"""A phone's photo of a digit on paper: page, ink, light and camera, with a knob for each trouble.

Everything on the page is drawn through one homography from the page's plane, whose unit is the
picture's shorter side, into the picture.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from train.drawn.arrays import Floats, Ink, Size
from train.drawn.camera import Photo, develop, illuminate
from train.drawn.difficulty import Difficulty
from train.drawn.draw import draw_digit
from train.drawn.paper import PAPERS, TABLES, texture
from train.drawn.printed import page_outline, print_holes, print_lines
from train.drawn.reink import reink

INKS = {  # transmittance of red, green, blue
    "red": (0.85, 0.12, 0.15),
    "cyan": (0.10, 0.70, 0.85),
    "purple": (0.50, 0.15, 0.65),
    "green": (0.12, 0.60, 0.22),
    "blue": (0.10, 0.20, 0.80),
    "orange": (0.95, 0.50, 0.10),
}
BOARDS = ((0.10, 0.22, 0.16), (0.10, 0.10, 0.11), (0.10, 0.13, 0.25))  # green, black, blue
GREY_LEVELS = 255


def photograph(
    rng: np.random.Generator,
    ink: Ink | None,
    difficulty: Difficulty,
    size: Size = (480, 360),
    textures: str = "train",
) -> Photo:
    """`ink` (s, s) uint8 coverage on paper -> a photo, (h, w, 3) uint8 RGB.

    `ink` may be an MNIST digit: it is drawn anew with a pen. None leaves the page empty.
    `textures` is "train" or "test": papers and tables that the other never shows.
    """
    plane = _look(rng, difficulty.perspective, size)
    page = _page(rng, difficulty, size, textures)
    print_lines(rng, page, plane, difficulty.lines)
    coverage = _written(rng, ink, difficulty, size, plane)
    page = _apply_ink(rng, page, coverage, difficulty)
    print_holes(rng, page, plane, difficulty.holes)
    page = _lay_on_table(rng, page, plane, difficulty.edge, textures)
    page = illuminate(rng, page, difficulty)
    return develop(rng, page, difficulty)


def _look(rng: np.random.Generator, much: float, size: Size) -> Floats:
    """Homography from page coordinates (centre 0, unit the shorter side) to pixels (x, y)."""
    height, width = size
    unit = min(size)
    turn = np.deg2rad(rng.uniform(-15, 15)) * much
    tilt = rng.uniform(-0.25, 0.25, 2) * much
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * unit
    pose = np.eye(3)
    pose[:2, :2] = turned
    pose[2, :2] = tilt
    centre = np.array([[1, 0, width / 2], [0, 1, height / 2], [0, 0, 1]])
    return (centre @ pose).astype(np.float32)


def _page(rng: np.random.Generator, difficulty: Difficulty, size: Size, textures: str) -> Floats:
    """The bare page, (h, w, 3) reflectance in [0, 1]."""
    if difficulty.chalk:
        albedo = np.array(BOARDS[rng.integers(len(BOARDS))]) * rng.uniform(0.7, 1.6)
    else:
        white = np.array((0.93, 0.92, 0.90)) * rng.uniform(0.9, 1.05)
        tint = rng.uniform(0.35, 1.0) * (1 - 0.45 * rng.random(3))
        albedo = white * ((1 - difficulty.tinted) + difficulty.tinted * tint)
    rough = (0.006 + 0.05 * difficulty.rough) * texture(rng, size, PAPERS[textures])
    return np.clip(albedo.astype(np.float32) * (1 + rough[:, :, None]), 0, 1)


def _written(
    rng: np.random.Generator,
    ink: Ink | None,
    difficulty: Difficulty,
    size: Size,
    plane: Floats,
) -> Floats:
    """Coverage by ink (h, w) in [0, 1]: the digit, and its neighbour if there is one."""
    coverage = np.zeros(size, np.float32)
    if ink is None:
        return coverage
    height = _digit_height(rng, difficulty)
    width = 0.001 + 0.02 * (1 - difficulty.thin) if difficulty.thin else None
    digit = reink(ink, round(height * min(size)), width and width * min(size))
    half = np.array(size[::-1]) / min(size) / 2
    reach = np.maximum(half - np.array(digit.shape[::-1]) / min(size) / 2 - 0.03, 0)
    at = rng.uniform(-1, 1, 2) * reach * max(difficulty.small, 0.3)
    if difficulty.fills:
        at = rng.uniform(-0.06, 0.06, 2) * difficulty.fills
    _stamp(coverage, digit, plane, at)
    if difficulty.neighbour:
        other = draw_digit(rng, int(rng.integers(10)), len(digit))
        side = -1 if rng.random() < 0.5 else 1
        beyond = half[0] + 0.5 * height * (0.42 - 0.35 * difficulty.neighbour)
        _stamp(coverage, other, plane, np.array([side * beyond, at[1] + rng.uniform(-0.1, 0.1)]))
    return coverage


def _digit_height(rng: np.random.Generator, difficulty: Difficulty) -> float:
    """The digit's height as a share of the picture's shorter side."""
    height = rng.uniform(0.4, 0.75)
    if difficulty.fills:
        height = 0.8 + 0.25 * difficulty.fills
    return height * (1 - difficulty.small) + 0.1 * difficulty.small


def _stamp(coverage: Floats, ink: Ink, plane: Floats, at: NDArray[np.float64]) -> None:
    """Adds `ink`, drawn at the picture's resolution and centred on the page at `at`."""
    height, width = coverage.shape
    unit = min(coverage.shape)
    to_page = np.array(
        [
            [1 / unit, 0, at[0] - ink.shape[1] / unit / 2],
            [0, 1 / unit, at[1] - ink.shape[0] / unit / 2],
            [0, 0, 1],
        ]
    )
    warped = cv2.warpPerspective(ink, plane @ to_page, (width, height), flags=cv2.INTER_LINEAR)
    np.maximum(coverage, warped.astype(np.float32) / GREY_LEVELS, out=coverage)


def _apply_ink(
    rng: np.random.Generator, page: Floats, coverage: Floats, difficulty: Difficulty
) -> Floats:
    """The page with ink on it; chalk adds light, everything else takes it away."""
    ground = float(page.mean())
    if difficulty.chalk:
        stroke = np.array((0.9, 0.9, 0.86)) * (1 - 0.5 * difficulty.chalk * rng.random(3))
        strength = rng.uniform(0.7, 1)
    else:
        dark = np.array((0.10, 0.10, 0.13)) * rng.uniform(0.5, 2.5)
        vivid = np.array(list(INKS.values())[rng.integers(len(INKS))])
        stroke = ground * (dark * (1 - difficulty.colour) + vivid * difficulty.colour)
        strength = rng.uniform(0.8, 1)
    if difficulty.faint:
        contrast = float(np.abs(ground - stroke).mean())
        levels = 10 + 110 * (1 - difficulty.faint)
        strength = min(strength, levels / GREY_LEVELS / contrast)
    much = (coverage * np.float32(strength))[:, :, None]
    return page * (1 - much) + stroke.astype(np.float32) * much


def _lay_on_table(
    rng: np.random.Generator, page: Floats, plane: Floats, much: float, textures: str
) -> Floats:
    """The page's edge comes into view: at 1 up to a quarter of the picture is table."""
    if not much:
        return page
    size = page.shape[:2]
    on_page, shade = page_outline(rng, plane, size, much)
    albedo = rng.uniform(0.1, 0.7) * (1 - 0.5 * rng.random(3))
    table = albedo * (1 + 0.12 * texture(rng, size, TABLES[textures])[:, :, None])
    return page * on_page + np.clip(table, 0, 1).astype(np.float32) * (1 - on_page) * shade
