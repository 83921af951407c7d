"""Ink on a page: where the digit and its neighbour are written, and how they take away light."""

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2

from .arrays import Floats, Ink, Size, f32, on_page
from .difficulty import Difficulty
from .draw import draw_digit
from .page import EDGE, HOLES
from .redrawing import redraw

INKS = {  # transmittance of red, green, blue
    "red": (0.85, 0.12, 0.15),
    "cyan": (0.10, 0.70, 0.85),
    "purple": (0.50, 0.15, 0.65),
    "green": (0.12, 0.60, 0.22),
    "blue": (0.10, 0.20, 0.80),
    "orange": (0.95, 0.50, 0.10),
}
PALEST, DARKER = 10, 110  # grey levels of contrast at the pale end, and what ordinary ink adds
GREY_LEVELS = 255
COARSE = 64  # px: smaller ink has lost the pen it was drawn with
WIDEST = 0.1  # of the pens that trace, as a share of the digit's height


def written(
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
    unit = min(size)
    half = np.array(size[::-1]) / unit / 2
    clear = half - _margin(difficulty)  # away from holes and the page's edge
    height = min(_digit_height(rng, difficulty), 2 * clear.min())
    width = _pen_width(rng, ink, difficulty, height)
    digit = redraw(ink, round(height * unit), width and width * unit)
    reach = np.maximum(clear - np.array(digit.shape[::-1]) / unit / 2, 0)
    at = rng.uniform(-1, 1, 2) * reach * max(difficulty.small, 0.3)
    if difficulty.fills:
        at = rng.uniform(-0.06, 0.06, 2) * difficulty.fills
    _stamp(coverage, digit, plane, at)
    if difficulty.neighbour:
        other = draw_digit(rng, int(rng.integers(10)), len(digit))
        other = redraw(other, len(digit), width and width * unit)
        inside = height * (0.36 - 0.25 * difficulty.neighbour)
        beside = rng.choice([-1, 1]) * (half[0] + inside)
        _stamp(coverage, other, plane, np.array([beside, at[1] + rng.uniform(-0.1, 0.1)]))
    return coverage


def _margin(difficulty: Difficulty) -> float:
    """How far from the frame the digit keeps, as a share of the picture's shorter side."""
    if difficulty.fills:
        return -0.1
    return 0.02 + max(HOLES * bool(difficulty.holes), EDGE * difficulty.edge)


def _digit_height(rng: np.random.Generator, difficulty: Difficulty) -> float:
    """The digit's height as a share of the picture's shorter side."""
    height = rng.uniform(0.4, 0.75)
    if difficulty.fills:
        height = 0.8 + 0.25 * difficulty.fills
    return height * (1 - difficulty.small) + 0.1 * difficulty.small


def _pen_width(
    rng: np.random.Generator, ink: Ink, difficulty: Difficulty, height: float
) -> float | None:
    """The pen that traces the ink, as a share of the shorter side; None leaves the strokes."""
    if difficulty.thin:
        return min(0.001 + 0.02 * (1 - difficulty.thin), height * WIDEST)
    if len(ink) <= COARSE and rng.random() < 0.5:
        return height * rng.uniform(0.02, WIDEST)
    return None


def _stamp(coverage: Floats, ink: Ink, plane: Floats, at: NDArray[np.float64]) -> None:
    """Adds `ink`, drawn at the picture's resolution and centred on the page at `at`."""
    height, width = coverage.shape
    whole = plane @ on_page(ink.shape, min(coverage.shape), at)
    warped = cv2.warpPerspective(ink, whole, (width, height), flags=cv2.INTER_LINEAR)
    np.maximum(coverage, warped.astype(np.float32) / GREY_LEVELS, out=coverage)


def apply_ink(
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
        levels = PALEST + DARKER * (1 - difficulty.faint)
        strength = min(strength, levels / GREY_LEVELS / contrast)
    much = (coverage * np.float32(strength))[:, :, None]
    return page * (1 - much) + f32(stroke) * much
