"""Small pictures, 8 to 64 pixels: one function for each kind, with truth by pixel.

Each draws ink on a canvas finer than the picture, reduces it, and gives it tones; the spoilt ones
begin with a picture in MNIST's form.
"""

from collections.abc import Iterable
from copy import deepcopy
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2
from batch_predict.records import EMPTY, OTHER, PIXEL_MAX, SIDE

from ..corrupt import CORRUPTIONS
from ..data import Pictures
from ..drawn.arrays import Floats, f32, scaled
from . import looks
from .canvas import SMALL, Canvas
from .looks import Look, blurred, finished, rendered, shown
from .printed import add_form, add_lines
from .sample import INK, PRINT, WRITING, Sample
from .writing import (
    Writing,
    crisp,
    digit,
    fitted,
    no_digit,
    resized,
    with_pen,
)

Rng = np.random.Generator

SMALLEST: Final = 8.0  # px, the longer side: a smaller digit is read by nobody
WHOLE: Final = 0.75  # of what is written is left in 1 bit
#: The families, and how often each is drawn; the hard ones more often.
FAMILIES: Final = {
    "shot_noise": 1.0, "impulse_noise": 1.0, "glass_blur": 1.0, "motion_blur": 2.0, "shear": 0.3,
    "scale": 0.6, "rotate": 0.4, "brightness": 0.5, "translate": 0.4, "stripe": 1.0, "fog": 1.0,
    "spatter": 1.5, "dotted_line": 1.5, "zigzag": 3.0, "canny_edges": 1.5,
}  # fmt: skip
_NAMES: Final = tuple(FAMILIES)
_SHARES: Final = np.array(list(FAMILIES.values())) / sum(FAMILIES.values())
MOVING: Final = frozenset({"shear", "scale", "rotate", "translate"})  # the ink moves with them
LINING: Final = frozenset({"dotted_line", "zigzag"})  # they add print


def spoilt(rng: Rng, mnist: Pictures) -> Sample:
    """A picture in MNIST's form spoilt by one of the fifteen families, now and then by two."""
    picture, label = _mnist_form(rng, mnist)
    times = range(1 + (rng.random() < 0.12))
    sample = _spoilt(
        rng, picture, label, (_NAMES[rng.choice(len(_NAMES), p=_SHARES)] for _ in times)
    )
    inverted = rng.random() < 0.3
    return sample._replace(pixels=PIXEL_MAX - sample.pixels) if inverted else sample


def plain(rng: Rng, mnist: Pictures, family: str) -> Sample:
    """One of MNIST's digits, spoilt by one of FAMILIES."""
    i = int(rng.integers(len(mnist.labels)))
    return _spoilt(rng, mnist.pixels[i], int(mnist.labels[i]), [family])


def unspoilt(mnist: Pictures, number: int) -> Sample:
    """One of MNIST's digits, as it is."""
    maps = np.zeros((4 * SIDE, 4 * SIDE, 3), np.uint8)
    maps[..., INK] = crisp(mnist.pixels[number])
    return Sample(_rgb(mnist.pixels[number]), maps, int(mnist.labels[number]))


def _spoilt(rng: Rng, picture: NDArray[np.uint8], label: int, families: Iterable[str]) -> Sample:
    """`picture` (28, 28), spoilt by `families`, one after the other."""
    maps = np.zeros((4 * SIDE, 4 * SIDE, 3), np.uint8)
    clean, pixels = picture, picture
    for name in families:
        family, before = CORRUPTIONS[name], deepcopy(rng)
        pixels = family(rng, pixels)
        if name in MOVING:
            clean = family(deepcopy(before), clean)
            maps[..., PRINT] = cv2.resize(
                family(before, np.ascontiguousarray(maps[::4, ::4, PRINT])), (4 * SIDE,) * 2
            )
        elif name in LINING:
            line = crisp(family(before, np.zeros_like(clean)))
            maps[..., PRINT] = np.maximum(maps[..., PRINT], line)
    maps[..., INK] = crisp(clean)
    return Sample(_rgb(pixels), maps, label)


def _mnist_form(rng: Rng, mnist: Pictures) -> tuple[NDArray[np.uint8], int]:
    """One of MNIST's, or another digit, its longer side 20 pixels, in the middle of 28x28."""
    if rng.random() < 0.75:
        i = int(rng.integers(len(mnist.labels)))
        return mnist.pixels[i], int(mnist.labels[i])
    ink, label = digit(rng, mnist, mnist_share=0.3)
    small = fitted(ink, 20)
    picture = np.zeros((SIDE, SIDE), np.uint8)
    top, left = (round((SIDE - side) / 2) for side in small.shape)
    picture[top : top + small.shape[0], left : left + small.shape[1]] = small
    return picture, label


def reduced(rng: Rng, mnist: Pictures) -> Sample:
    """A digit in 8 to 34 pixels: grey, 17 levels or 1 bit, its shape kept or stretched."""
    written = digit(rng, mnist)
    if rng.random() < 0.35:
        return _collected(rng, written)
    side = 8 + int(26 * rng.random() ** 1.5)  # the smallest more often: they hold the least
    size = _stretched(rng, written, side, kept=0.45)
    edges = rng.integers(0, 5, 4) if rng.random() < 0.6 else np.zeros(4, int)
    top, left, below, right = (int(n) for n in edges)
    canvas = Canvas(size[0] + top + below, size[1] + left + right)
    fine = resized(written.ink, (size[0] * canvas.factor, size[1] * canvas.factor))
    canvas.write(written.label, fine, top, left)
    coverage, levels = canvas.coverage(), 0
    if side >= 12 and rng.random() < 0.45:
        canvas.widen()
        coverage = _bits(canvas.coverage(), rng.uniform(0.25, 0.6))
    elif rng.random() < 0.4:
        coverage, levels = _counted(canvas, rng.uniform(0.3, 0.6)), 17
    look = looks.black_on_white(rng) if rng.random() < 0.4 else looks.grey(rng)
    return _sample(rng, canvas, look._replace(levels=levels, soft=0.0), written.label, coverage)


def _collected(rng: Rng, written: Writing) -> Sample:
    """As well-known collections have it: 8x8 in 17 levels, 16x16 or 32x32 in 1 bit."""
    side = int(rng.choice([8, 16, 32], p=[0.35, 0.4, 0.25]))
    canvas = Canvas(side, side)
    if side == 16 and rng.random() < 0.8:
        size = (side, side)  # pulled to fill the square
    else:
        size = scaled(written.ink.shape, side / max(written.ink.shape))
    fine = resized(written.ink, (size[0] * canvas.factor, size[1] * canvas.factor))
    canvas.write(written.label, fine, (side - size[0]) // 2, (side - size[1]) // 2)
    if side == 8:
        coverage = _counted(canvas, rng.uniform(0.3, 0.6))
    else:
        canvas.widen()
        coverage = _bits(canvas.coverage(), rng.uniform(0.3, 0.6))
    look = looks.black_on_white(rng) if rng.random() < 0.75 else looks.grey(rng)
    look = look._replace(soft=0.0, levels=17 if side == 8 else 0)
    return _sample(rng, canvas, look, written.label, coverage)


def _stretched(rng: Rng, written: Writing, side: int, kept: float) -> tuple[int, int]:
    """(height, width) with the longer `side`; the shape `kept` in so many, else up to a square."""
    height, width = written.ink.shape
    least = min(height, width) / max(height, width)
    share = least if rng.random() < kept else rng.uniform(least, 1)
    shorter = max(3, round(side * share))
    return (side, shorter) if height > width else (shorter, side)


def _bits(coverage: Floats, level: float) -> Floats:
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


def _counted(canvas: Canvas, level: float) -> Floats:
    """How many of the 4x4 bits of each pixel are set: 17 levels."""
    height, width = canvas.size
    fine = cv2.resize(canvas.maps, (4 * width, 4 * height), interpolation=cv2.INTER_AREA)
    bits = _bits(f32(fine), level)
    return f32(cv2.resize(bits, (width, height), interpolation=cv2.INTER_AREA))


def framed(rng: Rng, mnist: Pictures) -> Sample:
    """A digit of any size, off the middle, soft, on grey, now and then cut by the frame."""
    height, width = _size(rng, 20, SMALL)
    canvas = Canvas(height, width)
    written = _any_writing(rng, mnist, 0.05)
    beyond = rng.uniform(0, 0.16) if rng.random() < 0.25 else 0.0
    _place(rng, canvas, written, rng.uniform(0.25, 1.0), beyond)
    return _sample(rng, canvas, looks.grey(rng), written.label)


def record(rng: Rng, mnist: Pictures) -> Sample:
    """Old church records: pale brown ink, stains, a table's lines and the neighbours' ends."""
    side = SIDE if rng.random() < 0.6 else int(rng.integers(20, 65))
    canvas = Canvas(side, side if rng.random() < 0.7 else round(side * rng.uniform(0.5, 1)))
    written = digit(rng, mnist, mnist_share=0.7)
    _place(rng, canvas, written, rng.uniform(0.65, 1.0), rng.uniform(0, 0.06))
    if rng.random() < 0.45:
        _add_neighbour(rng, canvas, mnist)
    if rng.random() < 0.2:
        add_lines(rng, canvas)
    tone = np.array((222, 205, 170)) * rng.uniform(0.7, 1.1) * (1 + rng.normal(0, 0.04, 3))
    pen = tone * rng.uniform(0.2, 0.75) * np.array((1, 0.95, 0.88))
    look = looks.plain_look(
        rng, tone, pen, soft=rng.uniform(0.2, 0.9), stains=rng.uniform(0, 9),
        slope=rng.uniform(0, 0.3), noise=rng.uniform(0, 6), fading=rng.uniform(0, 0.5),
    )  # fmt: skip
    coverage = blurred(look, canvas.coverage())
    look = shown(look, coverage[..., :1])
    picture = rendered(rng, coverage, look)
    if rng.random() < 0.3:
        picture -= _other_side(rng, canvas, mnist)
    if rng.random() < 0.6:
        picture = _cleaned(rng, picture, coverage[..., INK] > 0.5)
    return Sample(finished(rng, picture, look), canvas.maps, written.label)


def _other_side(rng: Rng, canvas: Canvas, mnist: Pictures) -> Floats:
    """Grey levels that writing on the sheet's other side takes away, seen through it, mirrored."""
    behind = Canvas(*canvas.size)
    _place(rng, behind, digit(rng, mnist), rng.uniform(0.5, 1.1), 0.5)
    seen = cv2.GaussianBlur(behind.coverage()[:, ::-1, :1], (0, 0), 1.2)
    return f32(seen)[..., None] * f32(rng.uniform(5, 35))


def _cleaned(rng: Rng, picture: Floats, inked: NDArray[np.bool_]) -> Floats:
    """Grey, light on dark, and its ground cut away, as such collections are handed on.

    Where that would take the ink as well, the ground stays.
    """
    light = 255 - picture.min(axis=2)
    ground = np.percentile(light, rng.uniform(20, 70)) + rng.uniform(-10, 25)
    if inked.any():
        ground = min(ground, float(np.percentile(light[inked], 10)) - 5)
    span = max(20.0, float(light.max() - ground))
    clean = np.clip((light - ground) / span * rng.uniform(0.8, 1.7), 0, 1) * PIXEL_MAX
    if rng.random() < 0.25:
        clean = PIXEL_MAX - clean
    return f32(np.repeat(clean[..., None], 3, axis=2))


def envelope(rng: Rng, mnist: Pictures) -> Sample:
    """Digits off envelopes, 16x16 grey (12 to 24), touching the frame, softened by reduction."""
    side = 16 if rng.random() < 0.6 else int(rng.integers(12, 25))
    canvas = Canvas(side, side)
    written = digit(rng, mnist, mnist_share=0.75)
    ink = written.ink
    if rng.random() < 0.5:
        size = _stretched(rng, written, side, kept=0.4)
    else:
        size = tuple(max(3, round(n * side / max(ink.shape))) for n in ink.shape)
    fine = resized(ink, (size[0] * canvas.factor, size[1] * canvas.factor))
    shift = rng.normal(0, 0.4, 2) * (rng.random() < 0.5)
    top, left = (side - size[0]) / 2 + shift[0], (side - size[1]) / 2 + shift[1]
    canvas.write(written.label, fine, top, left)
    coverage = canvas.coverage()
    soft = rng.uniform(0.0, 0.8)
    if soft > 0.15:
        coverage = f32(cv2.GaussianBlur(coverage, (0, 0), soft))
    coverage = np.clip(coverage * rng.uniform(0.9, 1.6), 0, 1)
    look = looks.black_on_white(rng) if rng.random() < 0.6 else looks.grey(rng)
    return _sample(rng, canvas, look._replace(soft=0.0), written.label, coverage)


def tight(rng: Rng, mnist: Pictures) -> Sample:
    """Black crops that fill the frame, thick pens and thin, their edges hard or soft."""
    side = SIDE if rng.random() < 0.6 else int(rng.integers(16, 49))
    written = _any_writing(rng, mnist, 0.06, mnist_share=0.35)
    if rng.random() < 0.4:
        written = Writing(with_pen(rng, written.ink), written.label)
    margin = int(rng.integers(0, 4)) if rng.random() < 0.6 else 0
    inner = max(6, side - 2 * margin)
    height, width = _stretched(rng, written, inner, kept=0.55)
    canvas = Canvas(side, side)
    fine = resized(written.ink, (height * canvas.factor, width * canvas.factor))
    canvas.write(written.label, fine, (side - height) / 2, (side - width) / 2)
    return _sample(rng, canvas, looks.black_on_white(rng), written.label, _hard(rng, canvas))


def _hard(rng: Rng, canvas: Canvas, share: float = 0.6) -> Floats | None:
    """Coverage of 1 bit, by reduction without averaging or by threshold, in a `share`; or None."""
    if rng.random() > share:
        return None
    canvas.widen()
    coverage, sampled = canvas.coverage(), f32(canvas.sampled() > 127)
    if rng.random() < 0.5 and _kept(sampled, coverage) > WHOLE:
        return sampled
    return _bits(coverage, rng.uniform(0.3, 0.6))


def app(rng: Rng, mnist: Pictures) -> Sample:
    """A round pen on a screen's canvas, its edges hard or soft, at 24 to 64 pixels."""
    height, width = _size(rng, 24, SMALL)
    canvas = Canvas(height, width)
    written = _any_writing(rng, mnist, 0.04, mnist_share=0.4)
    _place(rng, canvas, written, rng.uniform(0.3, 0.95), 0.08 * (rng.random() < 0.1))
    look = looks.black_on_white(rng) if rng.random() < 0.3 else looks.screen(rng)
    return _sample(rng, canvas, look, written.label, _hard(rng, canvas, 0.4))


def form(rng: Rng, mnist: Pictures, least: int = 20, most: int = SMALL) -> Sample:
    """A digit in a printed box, a comb or a table's cell, which it may touch or leave.

    `least` and `most` px are the longer side of the picture.
    """
    height, width = _size(rng, least, most)
    canvas = Canvas(height, width)
    left, top, right, bottom = add_form(rng, canvas)
    left, top = max(left, 0), max(top, 0)
    right, bottom = min(right, width), min(bottom, height)
    written = _any_writing(rng, mnist, 0.05)
    share = rng.uniform(0.4, 0.85) if rng.random() < 0.75 else rng.uniform(0.8, 1.1)
    room = np.array([bottom - top, right - left]) * share
    ink = written.ink
    longer = float(min(room / np.array(ink.shape))) * max(ink.shape)
    ink = fitted(ink, canvas.factor * max(longer, SMALLEST))
    middle = np.array([top + bottom, left + right]) / 2
    size = np.array(ink.shape) / canvas.factor
    slack = np.maximum(np.array([bottom - top, right - left]) - size, 0) / 2
    at = middle + rng.uniform(-1, 1, 2) * slack * rng.uniform(0.3, 1.1) - size / 2
    canvas.write(written.label, ink, at[0], at[1])
    if rng.random() < 0.1:
        _add_neighbour(rng, canvas, mnist)
    pick = rng.random()
    if pick < 0.45:
        look = looks.paper(rng)
    elif pick < 0.7:
        look = looks.grey(rng)
    else:
        look = looks.screen(rng) if rng.random() < 0.5 else looks.black_on_white(rng)
    if rng.random() < 0.15:
        look = look._replace(print=look.ink)  # drawn with the same pen
    return _sample(rng, canvas, look, written.label, _hard(rng, canvas, 0.12))


def crowded(rng: Rng, mnist: Pictures, least: int = 16, most: int = SMALL) -> Sample:
    """A digit with parts of its neighbours in view, or with a small sign beside it."""
    height, width = _size(rng, least, most)
    canvas = Canvas(height, width)
    written = digit(rng, mnist)
    _place(rng, canvas, written, rng.uniform(0.5, 0.95), 0.05 * (rng.random() < 0.2))
    for _ in range(rng.integers(1, 3)):
        _add_neighbour(rng, canvas, mnist)
    return _sample(rng, canvas, _any_look(rng), written.label, _hard(rng, canvas, 0.2))


def lined(rng: Rng, mnist: Pictures, least: int = 20, most: int = SMALL) -> Sample:
    """A digit on ruled or squared paper, or with other lines through it."""
    height, width = _size(rng, least, most)
    canvas = Canvas(height, width)
    written = _any_writing(rng, mnist, 0.04)
    _place(rng, canvas, written, rng.uniform(0.5, 0.95), 0.0)
    add_lines(rng, canvas)
    return _sample(rng, canvas, _any_look(rng), written.label, _hard(rng, canvas, 0.1))


def snapshot(rng: Rng, mnist: Pictures) -> Sample:
    """A photo that its owner reduced to 20 to 64 pixels."""
    height, width = _size(rng, 20, SMALL)
    canvas = Canvas(height, width)
    written = _any_writing(rng, mnist, 0.05)
    _place(rng, canvas, written, rng.uniform(0.25, 0.95), 0.06 * (rng.random() < 0.15))
    return _sample(rng, canvas, looks.paper(rng), written.label)


def several(rng: Rng, mnist: Pictures) -> Sample:
    """Two or three digits of equal weight, whole: none of them counts."""
    height, width = _size(rng, 16, SMALL)
    canvas = Canvas(height, width)
    count = int(rng.integers(2, 4))
    tall = rng.uniform(0.5, 0.95) * min(height, width / count * 1.6) * canvas.factor
    inks = [digit(rng, mnist).ink for _ in range(count)]
    inks = [fitted(ink, tall * rng.uniform(0.85, 1.0)) for ink in inks]
    gap = rng.uniform(0.0, 0.15) * tall
    wide = sum(ink.shape[1] for ink in inks) + gap * (count - 1)
    shrink = min(1.0, width * canvas.factor / wide)
    x = (width * canvas.factor - wide * shrink) / 2
    y = rng.uniform(0, max(0.0, height - tall * shrink / canvas.factor))
    for ink in inks:
        small = fitted(ink, max(ink.shape) * shrink)
        canvas.put(WRITING, small, y + rng.uniform(0, 1), x / canvas.factor)
        x += small.shape[1] + gap * shrink
    return _sample(rng, canvas, _any_look(rng), OTHER, _hard(rng, canvas, 0.2))


def sign(rng: Rng, mnist: Pictures) -> Sample:
    """A letter, a sign, a blot or scratches: nothing that is a digit."""
    height, width = _size(rng, 12, SMALL)
    canvas = Canvas(height, width)
    written = no_digit(rng)
    _place(rng, canvas, written, rng.uniform(0.4, 1.0), 0.0)
    if rng.random() < 0.15:
        _add_neighbour(rng, canvas, mnist)
    return _sample(rng, canvas, _any_look(rng), OTHER, _hard(rng, canvas, 0.2))


def empty(rng: Rng, mnist: Pictures) -> Sample:
    """Nothing written: bare ground, noise, stains, lines, an empty box."""
    del mnist
    height, width = _size(rng, 8, SMALL)
    canvas = Canvas(height, width)
    pick = rng.random()
    if pick < 0.3:
        add_form(rng, canvas)
    elif pick < 0.5:
        add_lines(rng, canvas)
    look = _any_look(rng)
    if rng.random() < 0.4:
        look = look._replace(noise=rng.uniform(1, 30), stains=rng.uniform(0, 10))
    if rng.random() < 0.15:
        look = look._replace(salt=rng.uniform(0, 0.01))  # dust
    return _sample(rng, canvas, look, EMPTY)


def _any_look(rng: Rng) -> Look:
    some = (looks.black_on_white, looks.grey, looks.paper, looks.screen)
    return some[rng.choice(len(some), p=(0.2, 0.35, 0.3, 0.15))](rng)


def _any_writing(rng: Rng, mnist: Pictures, signs: float, mnist_share: float = 0.55) -> Writing:
    """A digit, or in a share of `signs` something else."""
    return no_digit(rng) if rng.random() < signs else digit(rng, mnist, mnist_share)


def _size(rng: Rng, least: int, most: int) -> tuple[int, int]:
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


def _place(rng: Rng, canvas: Canvas, written: Writing, share: float, beyond: float) -> None:
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


def _add_neighbour(rng: Rng, canvas: Canvas, mnist: Pictures) -> None:
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


def _sample(
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


def _rgb(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(grey[:, :, None], 3, axis=2)


def enlarged(rng: Rng, mnist: Pictures) -> Sample:
    """A small picture that somebody enlarged: its pixels as squares, or smoothed over."""
    makers = (spoilt, reduced, framed, record, envelope, tight, app, snapshot)
    sample = makers[rng.integers(len(makers))](rng, mnist)
    height, width = sample.pixels.shape[:2]
    times = rng.uniform(66, 400) / max(height, width)
    if rng.random() < 0.5:
        times = max(2, round(times))
    size = scaled((height, width), max(times, 1.0))
    methods = (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC)
    pixels = cv2.resize(sample.pixels, size[::-1], interpolation=methods[rng.integers(3)])
    area = cv2.INTER_AREA if size[0] < len(sample.maps) else cv2.INTER_LINEAR
    maps = cv2.resize(sample.maps, size[::-1], interpolation=area)
    return Sample(np.asarray(pixels, np.uint8), np.asarray(maps, np.uint8), sample.label)
