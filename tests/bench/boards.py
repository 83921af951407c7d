"""Sticky notes, whiteboards, blackboards and screens, photographed."""

import cv2
import numpy as np

from tests.bench import pens, shots
from tests.bench.pens import specks
from tests.bench.sheet import Place, any_view, bare
from tests.bench.strokes import strokes_of

NOTES = (
    (0.97, 0.93, 0.50),
    (0.97, 0.62, 0.72),
    (0.72, 0.90, 0.55),
    (0.60, 0.82, 0.95),
    (0.98, 0.75, 0.42),
)
DESKS = (
    (0.45, 0.30, 0.18),
    (0.70, 0.52, 0.34),
    (0.25, 0.25, 0.27),
    (0.82, 0.82, 0.80),
    (0.55, 0.58, 0.60),
)
COARSER = 4  # what is soft is drawn at so many times fewer pixels
SLATES = ((0.13, 0.22, 0.17), (0.10, 0.11, 0.12), (0.16, 0.27, 0.22))


def sticky_note(rng, ink):
    """76 mm of coloured paper on a desk or a wall, its lower edge curling up."""
    desk = DESKS[rng.integers(len(DESKS))]
    sheet = bare(rng, any_view(rng), rng.uniform(50, 140), desk)
    y, x = sheet.at
    sheet.light *= (
        1 + np.float32(0.05) * specks(rng, sheet.light.shape[:2], 6 * sheet.mm)[..., None]
    )
    half = rng.choice([38, 38, 25])
    left, down = rng.uniform(-0.3, 0.3, 2) * np.maximum(sheet.half - 0.6 * half, 4)
    note = _inside(x - left, half, sheet.mm) * _inside(y - down, half, sheet.mm)
    fallen = np.roll(note, (round(2 * sheet.mm), round(sheet.mm)), (0, 1))
    shade = cv2.blur(fallen, (2 * round(2 * sheet.mm) + 1,) * 2)
    sheet.light *= 1 - 0.45 * shade[:, :, None]
    curl = np.clip((y - down) / half, -1, 1)
    tone = 1 - rng.uniform(0, 0.25) * np.clip(curl, 0, 1) ** 3 + 0.03 * curl
    paper = np.float32(NOTES[rng.integers(len(NOTES))]) * tone[:, :, None]
    sheet.light *= 1 - note[:, :, None]
    sheet.light += note[:, :, None] * paper
    tall = 2 * min(half, sheet.half.min()) * rng.uniform(0.3, 0.75)
    reach = np.maximum(np.minimum(sheet.half, half) - tall / 2 - 3, 0) * 0.6
    pen = (pens.FELT, pens.BALL, pens.GEL, pens.BLEEDING)[rng.integers(4)]
    place = Place(*(np.array([left, down]) + rng.uniform(-1, 1, 2) * reach), tall)
    seen = np.clip([place.x, place.y], -(sheet.half - tall / 2 - 1), sheet.half - tall / 2 - 1)
    sheet.write(rng, strokes_of(ink), Place(*seen, tall), pen)
    return shots.photographed(rng, sheet)


def _inside(at, half, px):
    return np.float32(np.clip((half - np.abs(at)) * px + 0.5, 0, 1))


def _anywhere(rng, sheet, least):
    """Where a digit stands that takes `least` to 0.8 of the shorter side."""
    tall = 2 * sheet.half.min() * rng.uniform(least, 0.8)
    reach = np.maximum(sheet.half - tall / 2 - 0.03 * tall, 0)
    return Place(*rng.uniform(-0.8, 0.8, 2) * reach, tall)


def whiteboard(rng, ink):
    """Dry markers over the traces of what was wiped off; windows mirrored in it."""
    sheet = bare(rng, any_view(rng), rng.uniform(80, 260), np.array([0.90, 0.92, 0.93]))
    sheet.light += 0.7 * (sheet.light.mean(axis=(0, 1)) - sheet.light)  # enamel has no grain
    _wiped(rng, sheet, np.float32([0.62, 0.64, 0.70]), rng.uniform(0.0, 0.25))
    sheet.write(rng, strokes_of(ink), _anywhere(rng, sheet, 0.25), pens.BOARD_MARKER)
    troubles = (shots.glare,) if rng.random() < 0.35 else ()
    return shots.photographed(rng, sheet, *troubles)


def blackboard(rng, ink):
    """Chalk on slate, over the dust of what was wiped off."""
    sheet = bare(rng, any_view(rng), rng.uniform(120, 500), SLATES[rng.integers(len(SLATES))])
    _wiped(rng, sheet, np.float32([0.75, 0.75, 0.72]), rng.uniform(0.05, 0.3))
    sheet.write(rng, strokes_of(ink), _anywhere(rng, sheet, 0.3), pens.CHALK)
    return shots.photographed(rng, sheet)


def _wiped(rng, sheet, dust, much):
    """Broad strokes of a wiper, in arcs, that left some of what was there."""
    whole = sheet.light.shape[:2]
    size = tuple(max(8, n // COARSER) for n in whole)
    smear = np.zeros(size, np.float32)
    side = max(size)
    for _ in range(int(rng.integers(2, 7))):
        arc = np.zeros(size, np.uint8)
        centre = (rng.uniform(-0.5, 1.5, 2) * size[::-1]).astype(int).tolist()
        radius = int(side * rng.uniform(0.3, 1.4))
        cv2.circle(arc, centre, radius, 255, max(2, round(side * rng.uniform(0.05, 0.2))))
        smear += cv2.GaussianBlur(np.float32(arc / 255), (0, 0), side * 0.02) * rng.uniform(0.3, 1)
    streaks = 0.7 + 0.2 * specks(rng, size, side / 50) + 0.15 * specks(rng, size, side / 10)
    cloud = 0.4 + 0.15 * specks(rng, size, side / 2.5)
    cover = np.clip(much * (0.5 * smear * np.clip(streaks, 0, 2) + cloud), 0, 0.6)
    sheet.tint(cv2.resize(np.float32(cover), whole[::-1], interpolation=cv2.INTER_CUBIC), dust)


def screen_photo(rng, ink):
    """An app's canvas on a screen: its pixels and the camera's make moire bands."""
    view = any_view(rng, 260, 1200)
    dark = rng.random() < 0.2
    sheet = bare(
        rng, view, rng.uniform(15, 60), np.array([0.05, 0.05, 0.06] if dark else [0.93, 0.96, 0.99])
    )
    sheet.light[:] = sheet.light.mean(axis=(0, 1))
    place = _anywhere(rng, sheet, 0.3)
    stroke = np.float32([0.95, 0.95, 0.97]) if dark else None
    pen = pens.FINGER._replace(widths=tuple(place.tall * np.array([0.03, 0.11])))
    sheet.write(rng, strokes_of(ink), place, pen, stroke)
    if rng.random() < 0.3:  # the app's bar
        y, _ = sheet.at
        below = np.float32(y > sheet.half[1] * rng.uniform(0.85, 0.97)) + np.zeros_like(
            sheet.light[..., 0]
        )
        sheet.tint(below, np.float32(rng.uniform(0.2, 0.8, 3)))
    light = shots.seen(rng, sheet) * _subpixels(rng, view)
    light = shots.lit(rng, light, slope=0.2) + np.float32(rng.uniform(0.0, 0.06))
    if rng.random() < 0.25:
        light = shots.glare(rng, light)
    return shots.file(rng, shots.sensed(rng, light, blur=(0.4, 1.0)))


def _subpixels(rng, view):
    """(h, w, 3): the screen's stripes and rows, sampled by the camera's pixels: aliases of them."""
    y, x = np.indices(view, dtype=np.float32, sparse=True)
    pitch, turn, bend = rng.uniform(0.95, 3.2), np.deg2rad(rng.normal(0, 4)), rng.normal(0, 2e-5)
    across = x * np.cos(turn) + y * np.sin(turn) + bend * (x - view[1] / 2) ** 2
    down = y * np.cos(turn) - x * np.sin(turn) + bend * (y - view[0] / 2) ** 2
    much = rng.uniform(0.06, 0.28)
    columns = np.stack([np.cos(2 * np.pi * (across / pitch + i / 3)) for i in range(3)], axis=2)
    rows = np.cos(2 * np.pi * down / pitch)[:, :, None]
    return np.float32(1 - much + much * (0.6 * columns + 0.4 * rows))
