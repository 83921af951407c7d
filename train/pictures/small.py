"""Small pictures, 8 to 64 pixels: one function for each kind, with truth by pixel.

Each draws ink on a canvas finer than the picture, reduces it, and gives it tones.
"""

import numpy as np
from numpy.typing import NDArray

from batch_predict.opencv import cv2
from batch_predict.records import EMPTY, OTHER, PIXEL_MAX, SIDE

from ..data import Pictures
from ..drawn.arrays import Floats, f32, scaled
from . import looks
from .canvas import SMALL, Canvas
from .looks import blurred, finished, rendered, shown
from .printed import add_form, add_lines
from .sample import INK, WRITING, Sample
from .small_canvas import (
    SMALLEST,
    add_neighbour,
    any_look,
    any_writing,
    as_bits,
    counted_bits,
    frame_size,
    hard_edged,
    place,
    sample_of,
    stretched,
    write_at,
)
from .spoilt import spoilt
from .writing import Writing, digit, fitted, no_digit, with_pen

Rng = np.random.Generator


def reduced(rng: Rng, mnist: Pictures) -> Sample:
    """A digit in 8 to 34 pixels: grey, 17 levels or 1 bit, its shape kept or stretched."""
    written = digit(rng, mnist)
    if rng.random() < 0.35:
        return _collected(rng, written)
    side = 8 + int(26 * rng.random() ** 1.5)  # the smallest more often: they hold the least
    size = stretched(rng, written, side, kept=0.45)
    edges = rng.integers(0, 5, 4) if rng.random() < 0.6 else np.zeros(4, int)
    top, left, below, right = (int(n) for n in edges)
    canvas = Canvas(size[0] + top + below, size[1] + left + right)
    write_at(canvas, written, size, top, left)
    coverage, levels = canvas.coverage(), 0
    if side >= 12 and rng.random() < 0.45:
        canvas.widen()
        coverage = as_bits(canvas.coverage(), rng.uniform(0.25, 0.6))
    elif rng.random() < 0.4:
        coverage, levels = counted_bits(canvas, rng.uniform(0.3, 0.6)), 17
    look = looks.black_on_white(rng) if rng.random() < 0.4 else looks.grey(rng)
    return sample_of(rng, canvas, look._replace(levels=levels, soft=0.0), written.label, coverage)


def _collected(rng: Rng, written: Writing) -> Sample:
    """As well-known collections have it: 8x8 in 17 levels, 16x16 or 32x32 in 1 bit."""
    side = int(rng.choice([8, 16, 32], p=[0.35, 0.4, 0.25]))
    canvas = Canvas(side, side)
    if side == 16 and rng.random() < 0.8:
        size = (side, side)  # pulled to fill the square
    else:
        size = scaled(written.ink.shape, side / max(written.ink.shape))
    write_at(canvas, written, size, (side - size[0]) // 2, (side - size[1]) // 2)
    if side == 8:
        coverage = counted_bits(canvas, rng.uniform(0.3, 0.6))
    else:
        canvas.widen()
        coverage = as_bits(canvas.coverage(), rng.uniform(0.3, 0.6))
    look = looks.black_on_white(rng) if rng.random() < 0.75 else looks.grey(rng)
    look = look._replace(soft=0.0, levels=17 if side == 8 else 0)
    return sample_of(rng, canvas, look, written.label, coverage)


def framed(rng: Rng, mnist: Pictures) -> Sample:
    """A digit of any size, off the middle, soft, on grey, now and then cut by the frame."""
    canvas = Canvas(*frame_size(rng, 20, SMALL))
    written = any_writing(rng, mnist, 0.05)
    beyond = rng.uniform(0, 0.16) if rng.random() < 0.25 else 0.0
    place(rng, canvas, written, rng.uniform(0.25, 1.0), beyond)
    return sample_of(rng, canvas, looks.grey(rng), written.label)


def record(rng: Rng, mnist: Pictures) -> Sample:
    """Old church records: pale brown ink, stains, a table's lines and the neighbours' ends."""
    side = SIDE if rng.random() < 0.6 else int(rng.integers(20, 65))
    canvas = Canvas(side, side if rng.random() < 0.7 else round(side * rng.uniform(0.5, 1)))
    written = digit(rng, mnist, mnist_share=0.7)
    place(rng, canvas, written, rng.uniform(0.65, 1.0), rng.uniform(0, 0.06))
    if rng.random() < 0.45:
        add_neighbour(rng, canvas, mnist)
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
    place(rng, behind, digit(rng, mnist), rng.uniform(0.5, 1.1), 0.5)
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
    if rng.random() < 0.5:
        size = stretched(rng, written, side, kept=0.4)
    else:
        longer = max(written.ink.shape)
        height, width = (max(3, round(n * side / longer)) for n in written.ink.shape)
        size = (height, width)
    shift = rng.normal(0, 0.4, 2) * (rng.random() < 0.5)
    top, left = (side - size[0]) / 2 + shift[0], (side - size[1]) / 2 + shift[1]
    write_at(canvas, written, size, top, left)
    coverage = canvas.coverage()
    soft = rng.uniform(0.0, 0.8)
    if soft > 0.15:
        coverage = f32(cv2.GaussianBlur(coverage, (0, 0), soft))
    coverage = np.clip(coverage * rng.uniform(0.9, 1.6), 0, 1)
    look = looks.black_on_white(rng) if rng.random() < 0.6 else looks.grey(rng)
    return sample_of(rng, canvas, look._replace(soft=0.0), written.label, coverage)


def tight(rng: Rng, mnist: Pictures) -> Sample:
    """Black crops that fill the frame, thick pens and thin, their edges hard or soft."""
    side = SIDE if rng.random() < 0.6 else int(rng.integers(16, 49))
    written = any_writing(rng, mnist, 0.06, mnist_share=0.35)
    if rng.random() < 0.4:
        written = Writing(with_pen(rng, written.ink), written.label)
    margin = int(rng.integers(0, 4)) if rng.random() < 0.6 else 0
    inner = max(6, side - 2 * margin)
    height, width = stretched(rng, written, inner, kept=0.55)
    canvas = Canvas(side, side)
    write_at(canvas, written, (height, width), (side - height) / 2, (side - width) / 2)
    return sample_of(rng, canvas, looks.black_on_white(rng), written.label, hard_edged(rng, canvas))


def app(rng: Rng, mnist: Pictures) -> Sample:
    """A round pen on a screen's canvas, its edges hard or soft, at 24 to 64 pixels."""
    canvas = Canvas(*frame_size(rng, 24, SMALL))
    written = any_writing(rng, mnist, 0.04, mnist_share=0.4)
    place(rng, canvas, written, rng.uniform(0.3, 0.95), 0.08 * (rng.random() < 0.1))
    look = looks.black_on_white(rng) if rng.random() < 0.3 else looks.screen(rng)
    return sample_of(rng, canvas, look, written.label, hard_edged(rng, canvas, 0.4))


def form(rng: Rng, mnist: Pictures, least: int = 20, most: int = SMALL) -> Sample:
    """A digit in a printed box, a comb or a table's cell, which it may touch or leave.

    `least` and `most` px are the longer side of the picture.
    """
    height, width = frame_size(rng, least, most)
    canvas = Canvas(height, width)
    left, top, right, bottom = add_form(rng, canvas)
    left, top = max(left, 0), max(top, 0)
    right, bottom = min(right, width), min(bottom, height)
    written = any_writing(rng, mnist, 0.05)
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
        add_neighbour(rng, canvas, mnist)
    pick = rng.random()
    if pick < 0.45:
        look = looks.paper(rng)
    elif pick < 0.7:
        look = looks.grey(rng)
    else:
        look = looks.screen(rng) if rng.random() < 0.5 else looks.black_on_white(rng)
    if rng.random() < 0.15:
        look = look._replace(print=look.ink)  # drawn with the same pen
    return sample_of(rng, canvas, look, written.label, hard_edged(rng, canvas, 0.12))


def crowded(rng: Rng, mnist: Pictures, least: int = 16, most: int = SMALL) -> Sample:
    """A digit with parts of its neighbours in view, or with a small sign beside it."""
    canvas = Canvas(*frame_size(rng, least, most))
    written = digit(rng, mnist)
    place(rng, canvas, written, rng.uniform(0.5, 0.95), 0.05 * (rng.random() < 0.2))
    for _ in range(rng.integers(1, 3)):
        add_neighbour(rng, canvas, mnist)
    return sample_of(rng, canvas, any_look(rng), written.label, hard_edged(rng, canvas, 0.2))


def lined(rng: Rng, mnist: Pictures) -> Sample:
    """A digit on ruled or squared paper, or with other lines through it."""
    canvas = Canvas(*frame_size(rng, 20, SMALL))
    written = any_writing(rng, mnist, 0.04)
    place(rng, canvas, written, rng.uniform(0.5, 0.95), 0.0)
    add_lines(rng, canvas)
    return sample_of(rng, canvas, any_look(rng), written.label, hard_edged(rng, canvas, 0.1))


def snapshot(rng: Rng, mnist: Pictures) -> Sample:
    """A photo that its owner reduced to 20 to 64 pixels."""
    canvas = Canvas(*frame_size(rng, 20, SMALL))
    written = any_writing(rng, mnist, 0.05)
    place(rng, canvas, written, rng.uniform(0.25, 0.95), 0.06 * (rng.random() < 0.15))
    return sample_of(rng, canvas, looks.paper(rng), written.label)


def several(rng: Rng, mnist: Pictures) -> Sample:
    """Two or three digits of equal weight, whole: none of them counts."""
    height, width = frame_size(rng, 16, SMALL)
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
    return sample_of(rng, canvas, any_look(rng), OTHER, hard_edged(rng, canvas, 0.2))


def sign(rng: Rng, mnist: Pictures) -> Sample:
    """A letter, a sign, a blot or scratches: nothing that is a digit."""
    canvas = Canvas(*frame_size(rng, 12, SMALL))
    written = no_digit(rng)
    place(rng, canvas, written, rng.uniform(0.4, 1.0), 0.0)
    if rng.random() < 0.15:
        add_neighbour(rng, canvas, mnist)
    return sample_of(rng, canvas, any_look(rng), OTHER, hard_edged(rng, canvas, 0.2))


def empty(rng: Rng, mnist: Pictures) -> Sample:
    """Nothing written: bare ground, noise, stains, lines, an empty box."""
    del mnist
    canvas = Canvas(*frame_size(rng, 8, SMALL))
    pick = rng.random()
    if pick < 0.3:
        add_form(rng, canvas)
    elif pick < 0.5:
        add_lines(rng, canvas)
    look = any_look(rng)
    if rng.random() < 0.4:
        look = look._replace(noise=rng.uniform(1, 30), stains=rng.uniform(0, 10))
    if rng.random() < 0.15:
        look = look._replace(salt=rng.uniform(0, 0.01))  # dust
    return sample_of(rng, canvas, look, EMPTY)


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
