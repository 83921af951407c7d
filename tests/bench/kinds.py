"""Kinds of digit pictures that people have, made from MNIST's test digits or the pen model's.

Each takes a generator and ink, (s, s) uint8 coverage, and returns pixels: (h, w) or (h, w, 3).
"""

import cv2
import numpy as np

from train.drawn import draw_digit, redraw

BLACK, WHITE = (0, 0, 0), (255, 255, 255)
SCREEN_INKS = ((20, 20, 20), (0, 90, 230), (220, 30, 40), (0, 140, 60), (130, 30, 160))


def _cut(ink):
    y, x = np.nonzero(ink > 60)
    return ink[y.min() : y.max() + 1, x.min() : x.max() + 1]


def _stretched(ink, size):
    method = cv2.INTER_AREA if max(ink.shape) > max(size) else cv2.INTER_CUBIC
    return cv2.resize(ink, size[::-1], interpolation=method)


def _boxed(ink, side):
    """Cut to what is written, its longer side `side`, centred on a square."""
    cut = _cut(ink)
    scale = side / max(cut.shape)
    small = _stretched(cut, tuple(max(1, round(n * scale)) for n in cut.shape))
    boxed = np.zeros((side, side), np.uint8)
    top, left = ((side - n) // 2 for n in small.shape)
    boxed[top : top + small.shape[0], left : left + small.shape[1]] = small
    return boxed


def either_polarity(rng, ink):
    return ink if rng.random() < 0.5 else 255 - ink


def painted(coverage, ground, stroke):
    much = coverage[:, :, None] / 255
    return np.rint(much * np.array(stroke) + (1 - much) * np.array(ground)).astype(np.uint8)


def _on_canvas(rng, strokes, size):
    """`strokes` somewhere on an empty canvas of `size`."""
    canvas = np.zeros(size, np.uint8)
    height, width = np.minimum(strokes.shape, size)
    top, left = (int(rng.integers(0, size[i] - n + 1)) for i, n in enumerate((height, width)))
    canvas[top : top + height, left : left + width] = strokes[:height, :width]
    return canvas


def app_drawing(rng, ink):
    """A finger on a phone's canvas: one width, hard or soft edges, screen colours."""
    side = int(rng.integers(140, 1000))
    size = (side, round(side * rng.choice([1, 1, 0.75, 0.56])))
    height = rng.uniform(0.35, 0.9) * min(size)
    strokes = redraw(ink, round(height), max(3, height * rng.uniform(0.03, 0.12)))
    canvas = _on_canvas(rng, strokes, size)
    if rng.random() < 0.5:
        canvas = np.where(canvas > 127, 255, 0).astype(np.uint8)
    stroke = SCREEN_INKS[rng.integers(len(SCREEN_INKS))]
    return painted(canvas, *((WHITE, stroke) if rng.random() < 0.7 else (BLACK, WHITE)))


def usps(rng, ink):
    """Digits off envelopes, 16x16 grey, filling the square, blurred by their reduction."""
    grey = _boxed(cv2.GaussianBlur(ink, (0, 0), rng.uniform(0.3, 0.9)), 16) / 255
    return np.rint(255 * np.clip(grey * rng.uniform(0.9, 1.6), 0, 1)).astype(np.uint8)


def church_record(rng, ink):
    """Faded brown ink on yellowed paper, cut tightly, its neighbours' parts left in."""
    height = int(rng.integers(50, 140))
    strokes = redraw(ink, height, max(2, height * rng.uniform(0.04, 0.10)))
    margin = int(height * rng.uniform(0.05, 0.25))
    coverage = np.pad(strokes, margin)
    if rng.random() < 0.5:
        _add_neighbour(rng, coverage, margin, height)
    blot = _cloud(rng, coverage.shape, 6)
    faded = coverage * np.clip(rng.uniform(0.5, 0.95) + 0.2 * blot, 0.2, 1)
    paper = np.array((222, 205, 170)) * rng.uniform(0.75, 1.05)
    pixels = painted(faded, paper, np.array((85, 62, 45)) * rng.uniform(0.6, 1.4)).astype(float)
    stains = 10 * _cloud(rng, coverage.shape, 4) + 5 * _cloud(rng, coverage.shape, 40)
    pixels = cv2.GaussianBlur(pixels + stains[:, :, None], (0, 0), rng.uniform(0.4, 1.2))
    return np.clip(pixels + rng.normal(0, 3, pixels.shape), 0, 255).astype(np.uint8)


def _add_neighbour(rng, coverage, margin, height):
    """The end of the digit before, in the left margin."""
    other = redraw(draw_digit(rng, int(rng.integers(10)), 64), height, max(2, height * 0.06))
    width = max(1, min(margin, other.shape[1] // 3))
    place = coverage[margin:, :width]
    rows = min(len(place), len(other))
    place[:rows] = np.maximum(place[:rows], other[:rows, -width:])


def church_record_small(rng, ink):
    """The same, turned to light on black, its ground removed, and pressed into 28x28."""
    record = church_record(rng, ink).min(axis=2)
    light = 255 - record.astype(float)
    ground = np.percentile(light, 70) + rng.uniform(5, 25)
    clean = np.clip((light - ground) / (light.max() - ground) * rng.uniform(1, 1.6), 0, 1)
    return cv2.resize(np.rint(clean * 255).astype(np.uint8), (28, 28), interpolation=cv2.INTER_AREA)


def _cloud(rng, size, cells):
    return cv2.resize(rng.normal(0, 1, (cells, cells)), size[::-1], interpolation=cv2.INTER_CUBIC)


def semeion(rng, ink):
    """One bit a pixel, 16x16, stretched to the whole square."""
    large = redraw(ink, 128)
    bits = _stretched(_cut(large), (16, 16)) > rng.uniform(90, 140)
    return either_polarity(rng, bits.astype(np.uint8) * 255)


def optdigits_32(rng, ink):
    """One bit a pixel, 32x32, the digit as tall as the square."""
    return either_polarity(rng, np.where(_boxed(redraw(ink, 128), 32) > 110, 255, 0).astype("u1"))


def optdigits_8(rng, ink):
    """8x8: how many of the 4x4 bits of the 32x32 bitmap are set, 0 to 16."""
    bits = _boxed(redraw(ink, 128), 32) > 110
    counts = bits.reshape(8, 4, 8, 4).sum(axis=(1, 3))
    return either_polarity(rng, np.rint(counts * 255 / 16).astype(np.uint8))


def tight_crop(rng, ink):
    """Black pen on white, cut close, 28 px."""
    strokes = _cut(redraw(ink, 84, rng.uniform(4, 12)))
    boxed = _boxed(np.pad(strokes, int(rng.integers(0, 4))), 28)
    return 255 - boxed


def slanted(rng, ink):
    """Leaning far to either side, black on white."""
    large = np.pad(redraw(ink, 90), 60)
    lean, turn = rng.choice([-1, 1]) * rng.uniform(0.3, 0.6), np.deg2rad(rng.uniform(-12, 12))
    matrix = np.array([[np.cos(turn), lean - np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    centre = np.array(large.shape[::-1]) / 2
    shift = centre - matrix @ centre
    return 255 - cv2.warpAffine(large, np.column_stack([matrix, shift]), large.shape[::-1])
