"""School papers as they are printed: squared, Seyès, ruled, plain. All in mm.

Each takes a generator and a view's size, and gives the sheet and where one writes on it.
"""

import numpy as np

from tests.bench.sheet import Place, bare, lines_cover, uneven

PRINTS = (  # line colours, RGB reflectance
    (0.55, 0.66, 0.86), (0.62, 0.70, 0.80), (0.66, 0.64, 0.80), (0.70, 0.70, 0.72),
    (0.55, 0.76, 0.80), (0.80, 0.66, 0.62), (0.50, 0.52, 0.58),
)  # fmt: skip
SQUARE, SEYES = 5, 8  # mm


def _print(rng, sheet, cover, darkness, colour=None):
    """Lays printed lines over `sheet`; at `darkness` 1 they have their full colour, above more."""
    colour = np.float32(PRINTS[rng.integers(len(PRINTS))] if colour is None else colour)
    sheet.tint(
        uneven(rng, np.float32(cover), sheet.mm), colour**darkness * sheet.light.mean((0, 1))
    )


def squared(rng, view, cells=(3, 8), darkness=(0.6, 2.2), dotted=False):
    """5 mm squares, 3 to 8 of them along the view; some with finer lines, solid or dotted."""
    sheet = bare(rng, view, SQUARE * rng.uniform(*cells) * min(view) / max(view))
    y, x = sheet.at
    offset = rng.uniform(0, SQUARE, 2)
    width, dark = rng.uniform(0.15, 0.32), rng.uniform(*darkness)
    colour = PRINTS[rng.integers(len(PRINTS))]
    if dotted or rng.random() < 0.2:
        pitch = SQUARE / rng.choice([2, 4, 5])
        rows, columns = (
            lines_cover(at, pitch, off, 0.7 * width, sheet.mm)
            for at, off in zip((y, x), offset[::-1], strict=True)
        )
        if dotted:
            step, dash = rng.choice([0.5, 0.7, 1.0]), rng.uniform(0.25, 0.5)
            rows = rows * lines_cover(x, step, 0, dash, sheet.mm)
            columns = columns * lines_cover(y, step, 0, dash, sheet.mm)
        _print(rng, sheet, np.maximum(rows, columns), 0.6 * dark, colour)
    if dotted and rng.random() < 0.4:  # nothing but dots
        return sheet, _in_squares(rng, sheet, offset)
    rows, columns = (
        lines_cover(at, SQUARE, off, width, sheet.mm)
        for at, off in zip((y, x), offset[::-1], strict=True)
    )
    _print(rng, sheet, np.maximum(rows, columns), dark, colour)
    return sheet, _in_squares(rng, sheet, offset)


def _in_squares(rng, sheet, offset):
    """A digit one or two squares high, in a square or over their lines, near the middle."""
    tall = SQUARE * rng.choice([rng.uniform(0.8, 1.2), rng.uniform(1.2, 2.4)], p=[0.4, 0.6])
    tall = np.clip(tall, 0.45 * sheet.half.min(), 1.75 * sheet.half.min())
    reach = np.maximum(sheet.half - tall / 2 - 1, 0)
    at = np.clip(rng.normal(0, 0.4, 2), -1, 1) * reach
    if rng.random() < 0.5:  # into the square
        middle = np.round((at - offset) / SQUARE - 0.5) * SQUARE + offset + SQUARE / 2
        at = np.clip(middle + rng.normal(0, 0.4, 2), -reach, reach)
    return Place(*at, tall)


def seyes(rng, view):
    """French school paper: violet lines every 8 mm, three paler ones between, a red margin."""
    sheet = bare(rng, view, SEYES * rng.uniform(1.6, 5))
    y, x = sheet.at
    offset = rng.uniform(0, SEYES, 2)
    width, dark = rng.uniform(0.15, 0.28), rng.uniform(0.8, 1.8)
    fine = lines_cover(y, 2, offset[1], 0.8 * width, sheet.mm)
    _print(rng, sheet, np.broadcast_to(fine, sheet.light.shape[:2]), 0.7 * dark, (0.62, 0.72, 0.90))
    violet = np.maximum(
        lines_cover(y, SEYES, offset[1], 1.2 * width, sheet.mm),
        lines_cover(x, SEYES, offset[0], width, sheet.mm),
    )
    _print(rng, sheet, violet, dark, (0.62, 0.55, 0.80))
    if rng.random() < 0.15:
        side = rng.choice([-1, 1]) * sheet.half[0] * rng.uniform(0.5, 0.95)
        red = lines_cover(x, 1000, side, 1.3 * width, sheet.mm)
        _print(rng, sheet, np.broadcast_to(red, sheet.light.shape[:2]), dark, (0.85, 0.45, 0.5))
    tall = min(rng.choice([4, 6, 8, 10]) * rng.uniform(0.85, 1.2), 1.7 * sheet.half.min())
    return sheet, _on_a_line(rng, sheet, tall, 2, offset[1], 0.3)


def _on_a_line(rng, sheet, tall, pitch, offset, spread):
    """Lines are `pitch` mm apart, one of them `offset` below the middle; `spread` mm about it."""
    reach = np.maximum(sheet.half - tall / 2 - 1, 0)
    left, down = np.clip(rng.normal(0, 0.4, 2), -1, 1) * reach
    base = np.round((down + tall / 2 - offset) / pitch) * pitch + offset
    down = np.clip(base - tall / 2 + rng.normal(0, spread), -reach[1], reach[1])
    return Place(left, down, tall)


def ruled(rng, view):
    """Lines 7 to 10 mm apart."""
    pitch = rng.uniform(7, 10)
    sheet = bare(rng, view, pitch * rng.uniform(1.2, 5))
    y, _ = sheet.at
    offset = rng.uniform(0, pitch)
    lines = lines_cover(y, pitch, offset, rng.uniform(0.15, 0.35), sheet.mm)
    cover = np.broadcast_to(lines, sheet.light.shape[:2])
    _print(rng, sheet, cover, rng.uniform(0.7, 2.4))
    tall = min(pitch * rng.uniform(0.5, 1.6), 1.7 * sheet.half.min())
    return sheet, _on_a_line(rng, sheet, tall, pitch, offset, 0.6)


def plain(rng, view, share=(0.25, 0.8), across=(12, 110)):
    """Copy paper; the digit takes `share` of the shorter side."""
    sheet = bare(rng, view, np.exp(rng.uniform(*np.log(across))))
    tall = 2 * sheet.half.min() * rng.uniform(*share)
    reach = np.maximum(sheet.half - tall / 2 - 0.04 * tall, 0)
    return sheet, Place(*np.clip(rng.normal(0, 0.35, 2), -1, 1) * reach, tall)
