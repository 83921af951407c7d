"""A sheet that something is written on, flat, before a camera or scanner sees it."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tests.bench.pens import Pen, drawn, specks
from tests.bench.strokes import Strokes

MARGIN = 0.14  # of the view's longer side, on every side: room for the camera to turn
WIDEST = 0.17  # of a digit: nobody takes a wider pen for it


class Place(NamedTuple):
    """Where something is written: mm from the middle of the view, and how tall it is there."""

    x: float
    y: float
    tall: float


@dataclass
class Sheet:
    """Reflectance (H, W, 3) float32 of the view and a margin around it."""

    light: np.ndarray
    view: tuple[int, int]  # height, width px
    mm: float  # px

    @property
    def half(self):
        """From the middle of the view to its sides (x, y), mm."""
        return np.array(self.view[::-1]) / self.mm / 2

    @property
    def at(self):
        """The rows (H, 1) and columns (W,) of `light` in mm from the middle of the view."""
        height, width = self.light.shape[:2]
        y = (np.arange(height, dtype=np.float32) - (height - 1) / 2) / np.float32(self.mm)
        x = (np.arange(width, dtype=np.float32) - (width - 1) / 2) / np.float32(self.mm)
        return y[:, None], x

    def tint(self, cover, ink):
        """Lays `ink` (3,) over the sheet where `cover` (H, W) says."""
        _tint(self.light, cover, np.float32(ink))

    def write(self, rng, strokes: Strokes, place: Place, pen: Pen, ink=None, outlined=False):
        """Draws with `pen`; returns its ink (3,)."""
        ink = np.float32(pen.inks[rng.integers(len(pen.inks))]) if ink is None else ink
        width = min(rng.uniform(*pen.widths), WIDEST * place.tall) * self.mm
        cover = drawn(rng, strokes, place.tall * self.mm, width, outlined)
        cover = np.float32(pen.cover(rng, cover, self.mm))
        height, wide = cover.shape
        middle = np.array(self.light.shape[:2]) / 2 + self.mm * np.array([place.y, place.x])
        top, left = np.rint(middle - np.array([height, wide]) / 2).astype(int)
        rows = slice(max(0, top), max(0, min(top + height, self.light.shape[0])))
        columns = slice(max(0, left), max(0, min(left + wide, self.light.shape[1])))
        part = cover[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        _tint(self.light[rows, columns], part, ink)
        return ink


def _tint(light, cover, ink):
    """Lays `ink` over `light` (h, w, 3) in place."""
    light *= 1 - cover[:, :, None]
    light += cover[:, :, None] * ink


def any_view(rng, shortest=200, longest=1100):
    """Height and width of a picture as people take or cut them, px."""
    side = np.exp(rng.uniform(np.log(shortest), np.log(longest)))
    ratio = rng.choice([1, 1, 0.75, 0.75, 0.5625, rng.uniform(0.6, 1)])
    size = round(side), round(side * ratio)
    return size if rng.random() < 0.6 else size[::-1]


def bare(rng, view, across, colour=None):
    """A sheet whose view is `across` mm on its shorter side; white paper, or of a `colour`."""
    height, width = view
    more = round(MARGIN * max(view))
    size = (height + 2 * more, width + 2 * more)
    mm = min(view) / across
    white = np.float32(rng.uniform(0.84, 0.98) * (1 + rng.normal(0, 0.012, 3)))
    grain = specks(rng, size, rng.uniform(0.15, 0.5) * mm) + specks(
        rng, size, rng.uniform(1, 4) * mm
    )
    tone = 1 + rng.uniform(0.002, 0.012) * grain
    light = tone[:, :, None] * (white if colour is None else np.float32(colour))
    return Sheet(np.float32(light), view, mm)


def line_cover(at, position, width, px):
    """Coverage along an axis by a line of `width` mm at `position` mm; `px` a mm."""
    return np.clip((width / 2 - np.abs(at - position)) * px + 0.5, 0, 1)


def lines_cover(at, pitch, offset, width, px):
    """The same of lines `pitch` mm apart."""
    nearest = np.abs((at - offset + pitch / 2) % pitch - pitch / 2)
    return np.clip((width / 2 - nearest) * px + 0.5, 0, 1)


def uneven(rng, cover, mm, much=0.15):
    """Print that is not as dark everywhere."""
    return np.float32(cover * np.clip(1 - much + much * specks(rng, cover.shape, 2 * mm), 0, 1))
