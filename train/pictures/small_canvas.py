"""What small pictures of all kinds are made by: where ink lies, what of it is left, the tones."""

from typing import Final

import numpy as np

from batch_predict.opencv import cv2
from batch_predict.records import EMPTY, PIXEL_MAX, SIDE

from ..data import Pictures
from ..drawn.arrays import Floats, f32
from . import looks
from .canvas import Canvas
from .looks import Look, blurred, finished, rendered, shown
from .sample import PRINT, WRITING, Sample
from .writing import Writing, digit, fitted, no_digit, resized

Rng = np.random.Generator

SMALLEST: Final = 8.0  # px, the longer side: a smaller digit is read by nobody
WHOLE: Final = 0.75  # of what is written is left in 1 bit


def frame_size(rng: Rng, least: int, most: int) -> tuple[int, int]:
    """Height and width: often square and often 28, else anything, up to twice as long as wide."""
    pick = rng.random()
    if pick < 0.35 and least <= SIDE <= most:
        return SIDE, SIDE
    if pick < 0.45 and least <= 32 <= most:
        return 32, 32
    longer = int(rng.integers(least, most + 1))
    if pick < 0.65:
        return longer, longer
    shorter = max(8, round(longer * rng.uniform(0.5, 1)))
    return (longer, shorter) if rng.random() < 0.6 else (shorter, longer)


def any_look(rng: Rng) -> Look:
    """Of a screen or a sheet, as small pictures have it."""
    some = (looks.black_on_white, looks.grey, looks.paper, looks.screen)
    return some[rng.choice(len(some), p=(0.2, 0.35, 0.3, 0.15))](rng)


def any_writing(rng: Rng, mnist: Pictures, signs: float, mnist_share: float = 0.55) -> Writing:
    """A digit, or in a share of `signs` something else."""
    return no_digit(rng) if rng.random() < signs else digit(rng, mnist, mnist_share)


def place(rng: Rng, canvas: Canvas, written: Writing, share: float, beyond: float) -> None:
    """Adds what is written, `share` of the frame, anywhere in it or `beyond` it by that share."""
    height, width = canvas.size
    shape = np.array(written.ink.shape)
    longer = share * float(min(np.array([height, width]) / shape)) * max(shape)
    ink = fitted(written.ink, canvas.factor * max(longer, SMALLEST))
    size = np.array(ink.shape) / canvas.factor
    room = np.array([height, width]) - size
    middle = np.clip(rng.normal(0.5, 0.25, 2), 0, 1)
    at = -beyond * size + middle * (room + 2 * beyond * size)
    canvas.write(written.label, ink, at[0], at[1])


def write_at(
    canvas: Canvas, written: Writing, size: tuple[int, int], top: float, left: float
) -> None:
    """Adds what is written at `size` (height, width); all in pixels."""
    height, width = size
    ink = resized(written.ink, (height * canvas.factor, width * canvas.factor))
    canvas.write(written.label, ink, top, left)


def add_neighbour(rng: Rng, canvas: Canvas, mnist: Pictures) -> None:
    """Other writing: a part of another digit at the frame, or something small anywhere there."""
    height, width = canvas.size
    other = no_digit(rng) if rng.random() < 0.15 else digit(rng, mnist)
    small = rng.random() < 0.15
    share = rng.uniform(0.1, 0.25) if small else rng.uniform(0.5, 1.0)
    ink = fitted(other.ink, max(3.0, share * min(height, width) * canvas.factor))
    size = np.array(ink.shape) / canvas.factor
    frame = np.array([height, width])
    axis = int(rng.random() < 0.75)  # beside it more often than above
    at = rng.uniform(0, 1, 2) * (frame - size)
    inside = 1.0 if small else rng.uniform(0.05, 0.4)  # the part of it in view
    first = rng.random() < 0.5
    at[axis] = -size[axis] * (1 - inside) if first else frame[axis] - size[axis] * inside
    canvas.put(WRITING, ink, at[0], at[1])


def stretched(rng: Rng, written: Writing, side: int, kept: float) -> tuple[int, int]:
    """(height, width) with the longer `side`; the shape `kept` in so many, else up to a square."""
    height, width = written.ink.shape
    least = min(height, width) / max(height, width)
    share = least if rng.random() < kept else rng.uniform(least, 1)
    shorter = max(3, round(side * share))
    return (side, shorter) if height > width else (shorter, side)


def hard_edged(rng: Rng, canvas: Canvas, share: float = 0.6) -> Floats | None:
    """Coverage of 1 bit, by reduction without averaging or by threshold, in a `share`; or None."""
    if rng.random() > share:
        return None
    canvas.widen()
    coverage, sampled = canvas.coverage(), f32(canvas.sampled() > 127)
    if rng.random() < 0.5 and _kept(sampled, coverage) > WHOLE:
        return sampled
    return as_bits(coverage, rng.uniform(0.3, 0.6))


def as_bits(coverage: Floats, level: float) -> Floats:
    """1 where more of a pixel is covered than `level` of the fullest pixel, or than a part of it.

    The level is lowered until most of what is written is there.
    """
    fullest = max(float(coverage.max()), 1e-3)
    while True:
        bits = f32(coverage > level * fullest)
        if level < 0.1 or _kept(bits, coverage) > WHOLE:
            return bits
        level *= 0.7


def _kept(bits: Floats, coverage: Floats) -> float:
    """The share of what is written that lies where `bits` are 1."""
    written = coverage[..., :PRINT]
    return float((bits[..., :PRINT] * written).sum() / max(float(written.sum()), 1e-3))


def counted_bits(canvas: Canvas, level: float) -> Floats:
    """How many of the 4x4 bits of each pixel are set: 17 levels."""
    height, width = canvas.size
    fine = cv2.resize(canvas.maps, (4 * width, 4 * height), interpolation=cv2.INTER_AREA)
    bits = as_bits(f32(fine), level)
    return f32(cv2.resize(bits, (width, height), interpolation=cv2.INTER_AREA))


def sample_of(
    rng: Rng, canvas: Canvas, look: Look, label: int, coverage: Floats | None = None
) -> Sample:
    """The canvas as `look` has it; a `coverage` given is as soft as it is to be."""
    if coverage is None:
        coverage = blurred(look, canvas.coverage())
    if label != EMPTY:
        look = shown(look, coverage[..., :2])
    pixels = finished(rng, rendered(rng, coverage, look), look)
    sample = Sample(pixels, canvas.maps, label)
    return _barred(rng, sample) if rng.random() < 0.04 else sample


def _barred(rng: Rng, sample: Sample) -> Sample:
    """With bars of one tone on two sides or all four, as programs make pictures square."""
    height, width = sample.pixels.shape[:2]
    upright, level = (int(rng.integers(1, 1 + max(1, side // 4))) for side in (width, height))
    if rng.random() < 0.7:
        upright, level = (upright, 0) if height >= width else (0, level)
    tone = rng.choice([0, PIXEL_MAX, int(rng.integers(256))])
    k = sample.factor
    pixels = np.pad(
        sample.pixels, ((level, level), (upright, upright), (0, 0)), constant_values=tone
    )
    maps = np.pad(sample.maps, ((k * level, k * level), (k * upright, k * upright), (0, 0)))
    return Sample(pixels, maps, sample.label)
