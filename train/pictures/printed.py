"""What is printed on small pictures: boxes, combs, cells of tables, ruled and other lines."""

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2

from ..drawn.arrays import LINE_EXCESS, SUBPIXEL_BITS, Ink, f32, fixed, rotation
from ..drawn.outliers import glyph
from .canvas import Canvas
from .sample import PRINT
from .writing import fitted

Rng = np.random.Generator
Points = NDArray[np.float64]  # (n, 2): x, y in pixels of the picture
Box = tuple[float, float, float, float]  # left, top, right, bottom pixels


def add_form(rng: Rng, canvas: Canvas) -> Box:
    """A box, a comb or a table's cell, whole or cut by the frame; returns its inside."""
    height, width = canvas.size
    left, top, right, bottom = _edges(rng, height, width)
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    style = rng.random()
    if style < 0.45:
        lines = [np.vstack([corners, corners[:1]])]
    elif style < 0.6:
        lines = _by_hand(rng, corners)
    elif style < 0.8:  # a table's lines go on
        far = 2 * np.array([[-width, 0], [width, 0]])
        down = 2 * np.array([[0, -height], [0, height]])
        lines = [corners[i] + far for i in (0, 2)] + [corners[i] + down for i in (0, 2)]
    else:  # a comb: a line below, and teeth up from it
        teeth = (bottom - top) * rng.uniform(0.1, 0.6)
        lines = [corners[2:]]
        lines += [np.array([corner, corner - [0, teeth]]) for corner in corners[2:]]
        across = np.array([right - left, 0])
        lines += [corners[2:] - across, corners[2:] + across]
    kept = [line for line in lines if len(lines) == 1 or rng.random() < 0.9]
    turn = rng.normal(0, 0.15 if rng.random() < 0.2 else 0.035)
    turned = _turned(kept, np.array([width, height]) / 2, turn)
    _draw(rng, canvas, turned, _pen(rng, canvas))
    if style < 0.3 and rng.random() < 0.2:  # a second line around it
        gap = rng.uniform(1, 4)
        outer = corners + gap * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        _draw(rng, canvas, [np.vstack([outer, outer[:1]])], _pen(rng, canvas))
    if rng.random() < 0.08:
        _add_note(rng, canvas, left, top)
    return left, top, right, bottom


def _by_hand(rng: Rng, corners: Points) -> list[Points]:
    """A box of four strokes that run past its corners, or stop short of them."""
    loose = corners + rng.normal(0, 0.02, (4, 2)) * np.ptp(corners, axis=0)
    strokes = []
    for start, end in zip(loose, np.roll(loose, -1, axis=0), strict=True):
        over, before = rng.normal(0.02, 0.04, 2)
        bend = rng.normal(0, 0.01) * (end - start)[::-1]
        ends = start - before * (end - start), end + over * (end - start)
        strokes.append(np.stack([ends[0], (ends[0] + ends[1]) / 2 + bend, ends[1]]))
    return strokes


def _edges(rng: Rng, height: int, width: int) -> Box:
    """Of a box in view, or cut on some sides, or just beyond the frame."""
    edges = []
    for side in (width, height):
        reach = side * rng.uniform(0.0, 0.2)
        before, after = rng.uniform(-1.5, 1 + reach, 2)
        gone = rng.random(2) < 0.15
        edges.append((-side if gone[0] else before, 2 * side if gone[1] else side - 1 - after))
    (left, right), (top, bottom) = edges
    return left, top, right, bottom


def add_lines(rng: Rng, canvas: Canvas) -> None:
    """Lines through the picture: ruled, squared, a single one, dots, a zigzag."""
    height, width = canvas.size
    side = max(height, width)
    middle = np.array([width, height]) / 2
    style = rng.random()
    if style < 0.5:  # ruled or squared
        pitch = rng.uniform(0.18, 0.8) * side
        offsets = np.arange(-side, side, pitch) + rng.uniform(0, pitch)
        rows = [np.array([[-side, y], [side, y]]) for y in offsets]
        lines = rows + [row[:, ::-1] for row in rows] if rng.random() < 0.5 else rows
        turn = rng.normal(0, 0.06) + (np.pi / 2) * (rng.random() < 0.25)
    else:  # one or two, any way
        offsets = rng.uniform(-0.45, 0.45, rng.integers(1, 3)) * side
        lines = [np.array([[-side, y], [side, y]]) for y in offsets]
        turn = rng.choice([0, np.pi / 2]) + rng.normal(0, 0.2)
        if style > 0.9:
            lines = [_zigzag(rng, line, side) for line in lines[:1]]
    matrix = rotation(turn).T
    pen = _pen(rng, canvas)
    placed = [line @ matrix + middle for line in lines]
    if 0.78 < style < 0.9 or rng.random() < 0.1:
        placed = [dash for line in placed for dash in _dashes(rng, line, side)]
    _draw(rng, canvas, placed, pen)


def _zigzag(rng: Rng, line: Points, side: int) -> Points:
    t = np.linspace(0, 1, int(rng.integers(8, 22)))[:, None]
    swing = rng.uniform(0.03, 0.2) * side * (-1.0) ** np.arange(len(t))
    return np.asarray(line[0] + t * (line[1] - line[0]) + np.array([0, 1]) * swing[:, None])


def _dashes(rng: Rng, line: Points, side: int) -> list[Points]:
    """Dots or dashes along `line`."""
    length = np.linalg.norm(line[1] - line[0])
    step, share = rng.uniform(0.06, 0.16) * side / length, rng.uniform(0.02, 0.6)
    starts = np.arange(0, 1, step)
    way = line[1] - line[0]
    return [line[0] + np.array([[t], [t + share * step]]) * way for t in starts]


def _turned(lines: list[Points], middle: Points, turn: float) -> list[Points]:
    matrix = rotation(turn).T
    return [(line - middle) @ matrix + middle for line in lines]


def _pen(rng: Rng, canvas: Canvas) -> float:
    """How wide the lines are, map px: a third of a pixel to two, and to a sixteenth of a side."""
    widest = max(2.0, max(canvas.size) / 16)
    return canvas.factor * float(np.exp(rng.uniform(np.log(0.35), np.log(widest))))


def _draw(rng: Rng, canvas: Canvas, lines: list[Points], pen: float) -> None:
    layer = np.zeros(canvas.maps.shape[:2], np.uint8)
    points = [fixed(f32(canvas.factor * line)) for line in lines]
    thickness = max(1, round(pen) - (LINE_EXCESS if pen > LINE_EXCESS else 0))
    cv2.polylines(layer, points, False, 255, thickness, cv2.LINE_AA, SUBPIXEL_BITS)
    if rng.random() < 0.1:  # worn or badly scanned
        keep = rng.uniform(0.3, 1, (4, 4)).astype(np.float32)
        layer = np.asarray(layer * cv2.resize(keep, layer.shape[::-1]), np.uint8)
    canvas.put(PRINT, layer, 0, 0)


def _add_note(rng: Rng, canvas: Canvas, left: float, top: float) -> None:
    """A small printed sign in the box's corner."""
    size = max(canvas.size) * canvas.factor * rng.uniform(0.12, 0.25)
    sign: Ink = fitted(glyph(rng, 48), size)
    canvas.put(PRINT, sign, max(top, 0) + rng.uniform(0, 3), max(left, 0) + rng.uniform(0, 3))
