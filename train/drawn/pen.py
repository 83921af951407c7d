"""A pen: a path -> ink. Its width changes with pressure, direction and the ends of strokes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2

from .arrays import LINE_EXCESS, SUBPIXEL_BITS, Floats, Ink, f32, fixed

TOOTH_SIDE = 128  # px: the specks of the paper's tooth are about this small a part of the ink


class Pen(NamedTuple):
    """A writing tool; widths are fractions of the digit's height."""

    weight: float  # how often it is used
    narrowest: float
    widest: float
    pressure: float  # relative change of the width along the way
    taper: float  # how much thinner the ends of a stroke are
    nib: float  # how much the width depends on direction
    grain: float  # how much of the paper's tooth shows
    skips: float  # the chance that ink fails for a stretch


PENS = {
    "ball": Pen(3, 0.03, 0.07, 0.10, 0.1, 0.0, 0.10, 0.08),
    "felt": Pen(4, 0.07, 0.14, 0.12, 0.1, 0.0, 0.00, 0.00),
    "marker": Pen(2, 0.13, 0.22, 0.08, 0.0, 0.2, 0.00, 0.00),
    "pencil": Pen(2, 0.04, 0.10, 0.30, 0.4, 0.0, 0.60, 0.05),
    "brush": Pen(1, 0.08, 0.18, 0.40, 0.7, 0.3, 0.15, 0.00),
    "fountain": Pen(1, 0.04, 0.10, 0.25, 0.2, 0.5, 0.00, 0.03),
    "chalk": Pen(1, 0.06, 0.14, 0.20, 0.1, 0.2, 0.80, 0.05),
}


def pen_widths(
    rng: np.random.Generator, path: Floats, stroke: NDArray[np.intp], pen: Pen
) -> Floats:
    """(m,) widths along the path in the path's units; 0 where the pen skips."""
    length = len(path)
    wave = np.sin(np.arange(length) * rng.uniform(0.02, 0.15) + rng.uniform(0, 2 * np.pi))
    width = rng.uniform(pen.narrowest, pen.widest) * (1 + pen.pressure * wave)
    if pen.nib:
        dx, dy = np.gradient(path, axis=0).T
        width = width * (1 - pen.nib * np.abs(np.cos(np.arctan2(dy, dx) + rng.uniform(0.3, 1.2))))
    if pen.taper:
        width = width * (1 - pen.taper * _nearness_to_end(stroke) * rng.uniform(0.3, 1))
    if rng.random() < pen.skips:
        start = rng.integers(length)
        width[start : start + rng.integers(2, 6)] = 0
    return f32(width)


def _nearness_to_end(stroke: NDArray[np.intp]) -> Floats:
    """(m,) 1 at the end of each stroke, 0 in its first half."""
    counts = np.bincount(stroke)
    along = np.arange(len(stroke)) - np.repeat(np.cumsum(counts) - counts, counts)
    return f32(np.clip(2 * along / counts[stroke] - 1, 0, 1))


def place(
    rng: np.random.Generator, path: Floats, widths: Floats, side: int
) -> tuple[Floats, Floats]:
    """Path and widths in pixels of a square: mostly well inside, at times up to its edge."""
    low, high = path.min(axis=0), path.max(axis=0)
    extent = float((high - low).max()) + float(widths.max())
    scale = side * (rng.uniform(0.6, 0.92) if rng.random() < 0.9 else rng.uniform(0.97, 1.03))
    scale /= extent
    room = np.maximum(side - scale * (high - low + widths.max()), 0)
    offset = room * rng.uniform(0.25, 0.75, 2) + scale * widths.max() / 2
    return f32((path - low) * scale + offset), f32(widths * scale)


def stroke_lines(path: Floats, widths: Floats, stroke: NDArray[np.intp], side: int) -> Ink:
    """Round pen of `widths` px along `path` px -> (side, side) coverage, anti-aliased."""
    canvas = np.zeros((side, side), np.uint8)
    draw_strokes(canvas, path, widths, stroke)
    return canvas


def draw_strokes(canvas: Ink, path: Floats, widths: Floats, stroke: NDArray[np.intp]) -> None:
    """Draws in place: a round pen of `widths` px along `path` px; 0 leaves a gap."""
    points = fixed(path)
    thickness = np.where(widths > 0, np.maximum(np.rint(widths - LINE_EXCESS), 1), 0).astype(int)
    breaks = np.flatnonzero((np.diff(thickness) != 0) | (np.diff(stroke) != 0)) + 1
    for start, stop in zip([0, *breaks], [*breaks, len(path)], strict=True):
        if thickness[start]:
            joined = stop + 1 if stop < len(path) and stroke[stop] == stroke[start] else stop
            run = points[start:joined]
            cv2.polylines(
                canvas, [run], False, 255, int(thickness[start]), cv2.LINE_AA, SUBPIXEL_BITS
            )


def grain(rng: np.random.Generator, ink: Ink, much: float) -> Ink:
    """The tooth of the paper: ink missing in specks about a hundredth of the picture wide."""
    side = min(len(ink), TOOTH_SIDE)
    tooth = rng.random((side, side), np.float32)
    tooth = f32(cv2.GaussianBlur(tooth, (0, 0), 0.7))
    if side != len(ink):
        tooth = f32(cv2.resize(tooth, ink.shape[::-1], interpolation=cv2.INTER_CUBIC))
    keep = np.clip((tooth - 0.5) * 6 + 1.1 - rng.uniform(0, 0.6), 0, 1)
    return np.asarray(ink * (1 - much + much * keep), np.uint8)
