"""Digits in forms: printed boxes, combs, the cells of tables; photographed, or scanned.

Lengths are in mm. Each takes a generator and ink, and returns a file's bytes.
"""

import cv2
import numpy as np

from tests.bench import pens, shots
from tests.bench.sheet import Place, bare, line_cover, uneven
from tests.bench.strokes import strokes_of

INKS = (
    (0.10, 0.10, 0.11),
    (0.30, 0.30, 0.32),
    (0.45, 0.45, 0.47),
    (0.25, 0.35, 0.65),
    (0.85, 0.5, 0.3),
    (0.35, 0.6, 0.45),
)
BOLD = (pens.BALL, pens.GEL, pens.FELT)  # what a threshold leaves whole
WRITERS = (pens.BALL, pens.BALL, pens.GEL, pens.FINE, pens.PENCIL, pens.SKIPPING)


def _print(rng, sheet, cover, colour):
    sheet.tint(uneven(rng, np.float32(np.clip(cover, 0, 1)), sheet.mm, 0.1), colour)


def _segment(sheet, along, start, end, position, width):
    """A printed line along axis 0 (down) or 1 (across): its coverage (H, W)."""
    y, x = sheet.at
    run, across = (y, x) if along == 0 else (x, y)
    reach = np.clip((run - start) * sheet.mm + 0.5, 0, 1) * np.clip(
        (end - run) * sheet.mm + 0.5, 0, 1
    )
    return reach * line_cover(across, position, width, sheet.mm)


def _words(rng, sheet, where, tall):
    """A caption beside a box: letters of a few mm."""
    text = "".join(rng.choice(list("abcdehmnrstuvw. ")) for _ in range(int(rng.integers(3, 12))))
    cover = np.zeros(sheet.light.shape[:2], np.uint8)
    origin = (np.array(sheet.light.shape[1::-1]) / 2 + sheet.mm * np.array(where)).astype(int)
    scale = tall * sheet.mm / 22
    thick = max(1, round(tall * sheet.mm / 9))
    cv2.putText(
        cover, text, origin.tolist(), cv2.FONT_HERSHEY_DUPLEX, scale, 255, thick, cv2.LINE_AA
    )
    _print(rng, sheet, cover / 255, INKS[0])


def _write(rng, sheet, ink, middle, cell, writers):
    """Into a cell of width and height `cell` mm, loosely; some touch a line."""
    wide, tall = cell
    share = rng.uniform(0.5, 0.85) if rng.random() < 0.85 else rng.uniform(0.85, 1.1)
    strokes = strokes_of(ink)
    digit = min(share * tall, 1.3 * share * wide)
    slack = 0.5 * np.maximum(np.array([wide - 0.7 * digit, tall - digit]), 0.1 * digit)
    at = np.array(middle) + rng.uniform(-0.6, 0.6, 2) * slack
    sheet.write(rng, strokes, Place(*at, digit), writers[rng.integers(len(writers))])


def _cell(rng):
    tall = rng.uniform(5, 14)
    return tall * rng.uniform(0.65, 1.25), tall


def _sheet(rng, side, wide, tall, around):
    """A sheet in whose view, about `side` px, a cell `wide` x `tall` mm leaves `around` of it."""
    cut = np.array([tall, wide]) * (1 + around * rng.uniform(0.6, 1.4, 2))
    view = tuple(np.maximum(np.rint(cut * side / cut.max()), 24).astype(int).tolist())
    return bare(rng, view, cut.min())


def _boxed(rng, ink, side, writers=WRITERS):
    """A printed box, whole or with a side or two out of view."""
    wide, tall = _cell(rng)
    sheet = _sheet(
        rng, side, wide, tall, rng.choice([rng.uniform(0.05, 0.3), rng.uniform(0.3, 1.4)])
    )
    shift = rng.normal(0, 0.08, 2) * [wide, tall]
    width, colour = rng.uniform(0.15, 0.7), INKS[rng.integers(len(INKS))]
    cover = np.zeros(sheet.light.shape[:2], np.float32)
    for along, half, other in ((0, tall / 2, wide / 2), (1, wide / 2, tall / 2)):
        for hand in (-1, 1):
            middle, across = shift[1 - along], shift[along]
            ends = middle - half - width / 2, middle + half + width / 2
            cover = np.maximum(cover, _segment(sheet, along, *ends, across + hand * other, width))
    _print(rng, sheet, cover, colour)
    if rng.random() < 0.2:
        _words(rng, sheet, (shift[0] - wide / 2, shift[1] - tall / 2 - 1), rng.uniform(1.5, 3))
    _write(rng, sheet, ink, shift, (wide, tall), writers)
    return sheet


def _combed(rng, ink, side, writers=WRITERS):
    """A comb: a base line with teeth between the places for digits."""
    wide, tall = _cell(rng)
    sheet = _sheet(rng, side, wide, tall, rng.uniform(0.1, 1.0))
    shift = rng.normal(0, 0.08, 2) * [wide, tall]
    width, colour = rng.uniform(0.15, 0.5), INKS[rng.integers(len(INKS))]
    base = shift[1] + tall / 2
    top = base - tall * rng.choice([1.0, rng.uniform(0.15, 0.6)])
    cover = np.broadcast_to(_segment(sheet, 1, -1e3, 1e3, base, width), sheet.light.shape[:2])
    if rng.random() < 0.3 and base - top > 0.9 * tall:
        cover = np.maximum(cover, _segment(sheet, 1, -1e3, 1e3, top, width))
    for tooth in np.arange(-3.5, 4) * wide + shift[0]:
        cover = np.maximum(cover, _segment(sheet, 0, top, base, tooth, width))
    _print(rng, sheet, cover, colour)
    _write(rng, sheet, ink, shift, (wide, tall), writers)
    return sheet


def _tabled(rng, ink, side, writers=WRITERS):
    """A cell of a table, whose lines go on."""
    wide, tall = _cell(rng)
    wide *= rng.choice([1, 1.6])
    sheet = _sheet(rng, side, wide, tall, rng.uniform(0.05, 0.8))
    shift = rng.normal(0, 0.1, 2) * [wide, tall]
    width, colour = rng.uniform(0.15, 0.6), INKS[rng.integers(len(INKS))]
    cover = np.zeros(sheet.light.shape[:2], np.float32)
    for along, pitch, middle in ((1, tall, shift[1]), (0, wide, shift[0])):
        if rng.random() < 0.12:
            continue  # a table without lines in this direction
        for position in middle + pitch * np.arange(-2.5, 3):
            cover = np.maximum(cover, _segment(sheet, along, -1e3, 1e3, position, width))
            if along == 1 and abs(position - middle) < pitch and width < 0.3 and rng.random() < 0.1:
                double = _segment(sheet, along, -1e3, 1e3, position + 2.5 * width, width)
                cover = np.maximum(cover, double)
    _print(rng, sheet, cover, colour)
    _write(rng, sheet, ink, shift, (wide, tall), writers)
    return sheet


def _hand_drawn(rng, ink, side):
    """A box or a table's cell drawn by hand, often with the pen of the digit."""
    wide, tall = _cell(rng)
    sheet = _sheet(rng, side, wide, tall, rng.uniform(0.15, 0.9))
    shift = rng.normal(0, 0.08, 2) * [wide, tall]
    pen = WRITERS[rng.integers(4)]
    colour = np.float32(pen.inks[rng.integers(len(pen.inks))])
    width = rng.uniform(*pen.widths)
    far = rng.choice([0.03, 0.5])  # the strokes of a box end at its corners, those of a table go on
    cover = np.zeros(sheet.light.shape[:2], np.uint8)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * np.array([wide, tall]) / 2 + shift
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        reach = rng.normal(far, 0.05, 2)[:, None] * (end - start)
        line = np.linspace(start - reach[0], end + reach[1], 12)
        line += np.cumsum(rng.normal(0, 0.008 * tall, line.shape), axis=0)
        points = line * sheet.mm + np.array(cover.shape[::-1]) / 2
        thick = max(1, round(width * sheet.mm))
        cv2.polylines(
            cover, [np.int32(points * 16).reshape(-1, 1, 2)], False, 255, thick, cv2.LINE_AA, 4
        )
    sheet.tint(np.float32(pen.cover(rng, np.float32(cover / 255), sheet.mm)), colour)
    digit = min(rng.uniform(0.4, 0.75) * tall, 0.9 * wide)
    same = rng.random() < 0.7
    writer = pen if same else WRITERS[rng.integers(len(WRITERS))]
    at = shift + rng.uniform(-0.15, 0.15, 2) * [wide, tall]
    sheet.write(rng, strokes_of(ink), Place(*at, digit), writer, colour if same else None)
    return sheet


def _either(rng, sheet):
    """A phone's photo, or a flatbed's scan."""
    return shots.photographed(rng, sheet) if rng.random() < 0.6 else _scan(rng, sheet)


def flatbed(rng, sheet):
    """Grey or colour as the scanner sees it: even light, white paper, a little askew."""
    light = shots.seen(rng, sheet, turn=0.5, tilt=0)
    light = light * np.float32(rng.uniform(1.0, 1.12) / light.max())
    light = cv2.GaussianBlur(light, (0, 0), rng.uniform(0.3, 0.8))
    return light + rng.normal(0, rng.uniform(0.002, 0.012), light.shape[:2])[:, :, None]


def _scan(rng, sheet):
    light = flatbed(rng, sheet)
    pixels = np.uint8(np.rint(np.clip(light, 0, 1) * 255))
    pixels = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY) if rng.random() < 0.5 else pixels
    return shots.png(pixels)


def _side(rng):
    """The longer side, px: cuttings of forms have 36 to 160; photos of them up to 700."""
    low, high = np.log([36, 160] if rng.random() < 0.5 else [160, 700])
    return np.exp(rng.uniform(low, high))


def in_box(rng, ink):
    return _either(rng, _boxed(rng, ink, _side(rng)))


def in_comb(rng, ink):
    return _either(rng, _combed(rng, ink, _side(rng)))


def in_table(rng, ink):
    return _either(rng, _tabled(rng, ink, _side(rng)))


def in_hand_drawn_box(rng, ink):
    return _either(rng, _hand_drawn(rng, ink, _side(rng)))


def one_bit(rng, ink):
    """A form's scan in black and white, 100 to 200 dpi, with specks; some with part of a box."""
    side = np.exp(rng.uniform(*np.log([36, 110])))
    make = (_boxed, _combed, _tabled, None, None)[rng.integers(5)]
    if make:
        sheet = make(rng, ink, side, BOLD)
    else:
        wide, tall = _cell(rng)
        sheet = _sheet(rng, side, wide, tall, 0.0)
        _write(rng, sheet, ink, (0, 0), (wide, tall), BOLD)
    grey = flatbed(rng, sheet).mean(axis=2)
    ink_level = np.percentile(grey, 1)
    threshold = ink_level + rng.uniform(0.5, 0.8) * (np.median(grey) - ink_level)
    bits = grey > threshold
    bits[rng.random(bits.shape) < rng.uniform(0, 0.003)] ^= True
    data = cv2.imencode(".png", np.uint8(bits) * 255, [cv2.IMWRITE_PNG_BILEVEL, 1])[1]
    return data.tobytes()
