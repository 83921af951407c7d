"""Digits written on all that people write on, and photographed: in a rendering of our own.

Nothing here is shared with the pictures that the ink is learned from but the pen model's forms.
Each takes a generator and ink, (s, s) uint8 coverage, and returns a file's bytes.
"""

import cv2
import numpy as np

from tests.bench import papers, pens, shots
from tests.bench.pens import specks
from tests.bench.sheet import Place, any_view
from tests.bench.strokes import SIDE, strokes_of

MNIST_SIDE = 28  # px: of ink that has a width of its own
AS_WRITTEN = 0.2  # of MNIST's digits on plain paper keep it


def school(rng, ink, paper=papers.plain, among=pens.SCHOOL):
    """On one of the school papers, by one of the pens `among`."""
    sheet, place = paper(rng, any_view(rng))
    thick = paper is papers.plain and len(ink) == MNIST_SIDE and rng.random() < AS_WRITTEN
    pen = pens.FELT if thick else among[rng.integers(len(among))]
    sheet.write(rng, strokes_of(ink), place, pen, outlined=thick)
    return shots.photographed(rng, sheet)


def thin_on_squares(rng, ink):
    """A fine pen that is hardly bolder than the grid, and as pale."""
    sheet, place = papers.squared(rng, any_view(rng), darkness=(1.8, 3.5))
    pale = np.float32(rng.uniform(0.15, 0.42) * (1 + rng.normal(0, 0.08, 3)))
    sheet.write(rng, strokes_of(ink), place, pens.FINE, pale)
    return shots.photographed(rng, sheet)


def shadowed(rng, ink):
    paper = (papers.plain, papers.squared, papers.ruled)[rng.integers(3)]
    sheet, place = paper(rng, any_view(rng))
    sheet.write(rng, strokes_of(ink), place, pens.of_school(rng))
    return shots.photographed(rng, sheet, (shots.hand_shadow, shots.phone_shadow)[rng.integers(2)])


def in_glare(rng, ink):
    sheet, place = papers.plain(rng, any_view(rng))
    sheet.write(rng, strokes_of(ink), place, pens.of_school(rng))
    return shots.photographed(rng, sheet, shots.glare)


def sent_on(rng, ink):
    paper = (papers.plain, papers.squared)[rng.integers(2)]
    sheet, place = paper(rng, any_view(rng))
    sheet.write(rng, strokes_of(ink), place, pens.of_school(rng))
    return shots.saved_again(rng, shots.sensed(rng, shots.lit(rng, shots.seen(rng, sheet))))


PHONES = ((3000, 4000), (4000, 3000), (3024, 4032), (1536, 2048), (1200, 1600), (1600, 1200))
PHONES_HOW_OFTEN = (0.05, 0.05, 0.02, 0.28, 0.3, 0.3)


def pale_pencil(rng, ink):
    """A hard pencil on paper with a grain, on many megapixels."""
    view = PHONES[rng.choice(len(PHONES), p=PHONES_HOW_OFTEN)]
    less = min(1, 1600 / max(view))  # drawn so large, and enlarged before the sensor's noise
    sheet, place = papers.plain(
        rng, tuple(round(n * less) for n in view), share=(0.15, 0.7), across=(15, 70)
    )
    grain = specks(rng, sheet.light.shape[:2], rng.uniform(0.08, 0.2) * sheet.mm)
    sheet.light *= 1 + np.float32(rng.uniform(0.005, 0.02)) * grain[:, :, None]
    paper = sheet.light.mean(axis=(0, 1))
    sheet.write(
        rng, strokes_of(ink), place, pens.PENCIL, paper * np.float32(rng.uniform(0.55, 0.8))
    )
    light = shots.lit(rng, shots.seen(rng, sheet))
    if less < 1:
        light = cv2.resize(light, view[::-1], interpolation=cv2.INTER_CUBIC)
    return shots.jpeg(shots.sensed(rng, light, noise=(1.0, 3.5)), rng.integers(70, 93))


def at_the_frame(rng, ink):
    """Cut by the frame, a little, on one side or in a corner."""
    paper = (papers.plain, papers.squared)[rng.integers(2)]
    sheet, place = paper(rng, any_view(rng))
    strokes = strokes_of(ink)
    tall = min(place.tall * rng.uniform(1, 2), 1.8 * sheet.half.min())
    box = np.array(_box(strokes)) * tall
    at = np.array([place.x, place.y]) * 0.5
    for axis in [(0,), (1,), (0, 1)][rng.choice(3, p=[0.4, 0.4, 0.2])]:
        lost = rng.uniform(0, 0.07) * tall
        at[axis] = rng.choice([-1, 1]) * (sheet.half[axis] - box[axis] / 2 + lost)
    sheet.write(rng, strokes, Place(*at, tall), pens.of_school(rng))
    return shots.photographed(rng, sheet, turn=0.8, tilt=0.003)


def _box(strokes):
    """Width and height of what is written, its longer side 1."""
    inside = strokes.middle < 1.5 / SIDE
    return np.ptp(np.flatnonzero(inside.any(0))) / SIDE, np.ptp(
        np.flatnonzero(inside.any(1))
    ) / SIDE


def large_and_thin(rng, ink):
    """A digit that fills the view, written by a pen of a hundredth of it."""
    sheet, place = papers.plain(rng, any_view(rng, 350, 1400), share=(0.75, 0.95), across=(40, 130))
    sheet.write(rng, strokes_of(ink), place, pens.BALL)
    return shots.photographed(rng, sheet, turn=1.5, tilt=0.008)


def small_and_far(rng, ink):
    """A digit of a twentieth to a seventh of the view, sharp enough to be read."""
    view = any_view(rng, 700, 1500)
    sheet, place = papers.plain(rng, view, share=(0.06, 0.15), across=(60, 200))
    pen = (pens.BALL, pens.GEL, pens.FELT)[rng.integers(3)]
    sheet.write(rng, strokes_of(ink), place, pen)
    light = shots.lit(rng, shots.seen(rng, sheet))
    return shots.file(rng, shots.sensed(rng, light, blur=(0.2, 0.6)))


def two_on_paper(rng, inks):
    """Two digits side by side, by one pen."""
    sheet, place = papers.plain(rng, any_view(rng, 300, 900), share=(0.3, 0.5))
    pen, ink = pens.of_school(rng), None
    gap = place.tall * rng.uniform(0.55, 1.0)
    middle = np.clip(place.x, *(np.array([-1, 1]) * max(0, sheet.half[0] - place.tall)))
    for side, each in zip((-0.5, 0.5), inks, strict=True):
        at = Place(middle + side * gap, place.y + rng.normal(0, 0.04) * place.tall, place.tall)
        ink = sheet.write(rng, strokes_of(each), at, pen, ink)
    return shots.photographed(rng, sheet)


def small(rng, inks):
    """One or two characters as others reduce them: 28 to 64 px, clean, either polarity."""
    side = int(rng.choice([28, 28, 32, 48, 64]))
    tall = 4 * side * rng.uniform(0.5, 0.85) / (1 if len(inks) == 1 else 1.5)
    width = tall * rng.uniform(0.06, 0.15)
    drawings = [pens.drawn(rng, strokes_of(each), tall, width) for each in inks]
    canvas = np.zeros((4 * side, 4 * side), np.float32)
    gap = tall * rng.uniform(0.75, 1.0)
    for number, drawing in enumerate(drawings):
        shift = (number - (len(inks) - 1) / 2) * gap
        corner = np.array(canvas.shape) / 2 - np.array(drawing.shape) / 2 + [0, shift]
        matrix = np.float32([[1, 0, corner[1]], [0, 1, corner[0]]])
        canvas = np.maximum(canvas, cv2.warpAffine(drawing, matrix, canvas.shape[::-1]))
    grey = cv2.resize(canvas, (side, side), interpolation=cv2.INTER_AREA)
    grey = np.uint8(np.rint(255 * np.clip(grey * rng.uniform(0.9, 1.4), 0, 1)))
    return shots.png(grey if rng.random() < 0.5 else 255 - grey)


def traced(rng, ink):
    """The strokes of the scenes, clean on white: what is lost before any photo."""
    tall = rng.uniform(50, 100)
    cover = pens.drawn(rng, strokes_of(ink), tall, tall * rng.uniform(0.06, 0.12))
    return shots.png(np.uint8(np.rint(255 * (1 - cover))))


def envelope(rng, ink):
    """A postcode's digit off an envelope: thresholded, cut to its ink, 16x16 grey, to the frame."""
    tall = 160
    strokes = strokes_of(ink)
    cover = pens.drawn(rng, strokes, tall, tall * rng.uniform(0.05, 0.16), rng.random() < 0.4)
    rough = 0.5 + 0.12 * specks(rng, cover.shape, 4)
    bits = np.float32(cv2.GaussianBlur(np.float32(cover), (0, 0), 2) > rough)
    rows, columns = (np.flatnonzero(bits.any(axis)) for axis in (1, 0))
    cut = bits[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    wide = max(cut.shape[1], round(cut.shape[0] * rng.uniform(0.35, 0.8)))
    side = max(cut.shape[0], wide)
    beside = side - cut.shape[1]
    square = np.pad(cut, ((0, side - len(cut)), (beside // 2, beside - beside // 2)))
    grey = cv2.resize(square, (16, 16), interpolation=cv2.INTER_AREA)
    return shots.png(np.uint8(np.rint(255 * np.clip(grey * rng.uniform(1, 1.5), 0, 1))))
