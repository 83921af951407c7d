"""Ink drawn anew: a digit of few pixels as smooth strokes of any width at any size."""

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2

from .arrays import LINE_EXCESS, SUBPIXEL_BITS, Floats, Ink, f32, fixed, scaled

SKELETON_SIDE = 112  # px: where the middle of the strokes is sought
SMOOTHING = 4  # px of that
SMALLEST_LOOP = 6  # px in area
EDGE_LEVEL = 85  # coverage at the rim of a stroke: thin strokes of MNIST hardly reach half


def redraw(ink: Ink, height: int, width: float | None = None) -> Ink:
    """`ink` (s, s), cut to what is written, `height` px tall (or wide) -> (h, w) uint8 coverage.

    `width` is the pen's in px of the result; None keeps the strokes as thick as they are.
    """
    inked = np.argwhere(ink > 0)
    if not len(inked):
        return np.zeros((height, height), np.uint8)
    (top, left), (bottom, right) = inked.min(axis=0), inked.max(axis=0) + 1
    cut = np.pad(ink[top:bottom, left:right], 1)
    return _enlarge(cut, height) if width is None else _trace(cut, height, width)


def _enlarge(ink: Ink, height: int) -> Ink:
    """Resampled; enlarged edges are made as crisp as at the outset."""
    scale = height / max(ink.shape)
    size = scaled(ink.shape, scale)[::-1]
    if scale <= 1:
        return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA), np.uint8)
    large = cv2.resize(ink.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    if scale > 2:
        large = cv2.GaussianBlur(large, (0, 0), 0.5 * scale)
        large = (large - EDGE_LEVEL) * np.float32(min(scale / 2, 8)) + EDGE_LEVEL
    return np.clip(large, 0, 255).astype(np.uint8)


def _trace(ink: Ink, height: int, width: float) -> Ink:
    """The middle lines of the strokes, drawn with a pen of `width` px."""
    mask = _strokes(ink)
    points, pairs = _middle_lines(mask)
    scale = (height - width) / max(mask.shape)
    margin = int(np.ceil(width / 2)) + 1
    size = tuple(int(np.ceil(side * scale)) + 2 * margin for side in mask.shape)
    canvas = np.zeros(size, np.uint8)
    lines = list(fixed(f32(points * scale + margin))[pairs])
    thickness = max(1, round(width) - LINE_EXCESS)
    cv2.polylines(canvas, lines, False, 255, thickness, cv2.LINE_AA, SUBPIXEL_BITS)
    return canvas


def _strokes(ink: Ink) -> NDArray[np.bool_]:
    """Where the strokes are, at most `SKELETON_SIDE` px high and wide.

    A thick pen fills small loops nearly up, a thin one hardly covers a pixel. Of the levels that
    tear nothing apart, the one that shows most loops is taken.
    """
    scale = SKELETON_SIDE / max(ink.shape)
    size = scaled(ink.shape, scale)[::-1]
    large = cv2.resize(ink.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
    large = cv2.GaussianBlur(large, (0, 0), max(SMOOTHING / 2, 0.5 * scale))
    masks = [large > level for level in (EDGE_LEVEL, 140, 180)]
    parts = [cv2.connectedComponents(mask.astype(np.uint8))[0] for mask in masks]
    whole = [mask for mask, count in zip(masks, parts, strict=True) if count == parts[0]]
    return max(whole, key=_loops)


def _loops(mask: NDArray[np.bool_]) -> int:
    ground = np.pad(~mask, 1, constant_values=True)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ground.astype(np.uint8), connectivity=4)
    return int((stats[:, cv2.CC_STAT_AREA] >= SMALLEST_LOOP).sum())


def _middle_lines(mask: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.intp]]:
    """Smoothed points (n, 2) of the skeleton, and which of them are neighbours, (m, 2)."""
    middle = np.pad(skeleton(mask), 1)
    where = np.argwhere(middle)
    rows, columns = where.T
    around = [
        cv2.GaussianBlur(middle * weight, (0, 0), SMOOTHING / 2)[rows, columns]
        for weight in (*np.indices(middle.shape, dtype=np.float32)[::-1], np.float32(1))
    ]
    number = np.full(middle.shape, -1)
    number[rows, columns] = np.arange(len(where))
    pairs = []
    for dy, dx in ((0, 1), (1, -1), (1, 0), (1, 1)):
        beside = number[rows + dy, columns + dx]
        pairs.append(np.stack([np.arange(len(where)), beside], 1)[beside >= 0])
    return f32(np.stack(around[:2], 1) / around[2][:, None] - 0.5), np.concatenate(pairs)


def skeleton(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Zhang and Suen's thinning ("A fast parallel algorithm", 1984): lines one pixel wide."""
    thin = np.pad(mask, 1)
    while True:
        before = thin.sum()
        for odd in (False, True):
            n = [np.roll(thin, shift, (0, 1)) for shift in _RING]
            count = np.sum(n, axis=0)
            turns = np.sum([~a & b for a, b in zip(n, n[1:] + n[:1], strict=True)], axis=0)
            north, east, south, west = n[0], n[2], n[4], n[6]
            if odd:
                stays = (north & east & west) | (north & south & west)
            else:
                stays = (north & east & south) | (east & south & west)
            thin = thin & ~((count >= 2) & (count <= 6) & (turns == 1) & ~stays)
        if thin.sum() == before:
            return thin[1:-1, 1:-1]


_RING = ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))  # north first
