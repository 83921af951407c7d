"""What is printed on paper before anyone writes: lines, squares, dots, boxes, combs, tables."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from batch_predict.opencv import cv2
from batch_predict.records import PIXEL_MAX

from ..drawn.arrays import Floats, f32, rotation
from .page import Page
from .sample import PRINT

Rng = np.random.Generator

REACH: Final = 1.6  # how far lines run from the middle, in units of the shorter side
COLOURS: Final = (
    (0.45, 0.55, 0.80), (0.30, 0.42, 0.75), (0.55, 0.55, 0.58), (0.25, 0.25, 0.28),
    (0.85, 0.50, 0.55), (0.45, 0.70, 0.68), (0.62, 0.50, 0.72), (0.85, 0.65, 0.45),
)  # fmt: skip  # of printed lines on white: blues, greys, red, green, violet, orange


class Room(NamedTuple):
    """Where a ruling asks the digit to be written: middle and height, in page units."""

    at: Floats
    height: float


Ruling = Callable[[Rng, Page], Room | None]


def colour(rng: Rng, page: Page, darkness: float) -> Floats:
    """A printed colour on this page; `darkness` 0 is pale, 1 as printed, above 1 darker."""
    ground = page.light.mean(axis=(0, 1))
    printed = f32(COLOURS[rng.integers(len(COLOURS))])
    return f32(ground * printed**darkness)


def _net(values: Floats, axis: int, turn: float) -> Floats:
    """Lines through `values` across `axis`, turned: segments (n, 2, 2)."""
    ends = np.full_like(values, REACH)
    along = np.stack([np.stack([-ends, values], 1), np.stack([ends, values], 1)], 1)
    segments = along if axis == 0 else along[:, :, ::-1]
    return f32(segments @ rotation(turn).T)


def _offsets(rng: Rng, pitch: float) -> Floats:
    return f32(np.arange(-REACH, REACH, pitch) + rng.uniform(0, pitch))


def _lean(rng: Rng) -> float:
    return float(np.deg2rad(rng.normal(0, 5)))


def ruled(rng: Rng, page: Page) -> None:
    """Lines to write on, and perhaps a margin."""
    turn, pitch = _lean(rng), rng.uniform(0.08, 0.6)
    thick = rng.uniform(0.002, 0.012)
    mask = page.blank()
    page.lines(mask, _net(_offsets(rng, pitch), 0, turn), thick)
    page.lay(mask, PRINT, colour(rng, page, rng.uniform(0.4, 2.2)), rng.uniform(0.3, 1))
    if rng.random() < 0.3:
        margin = page.blank()
        page.lines(margin, _net(f32([rng.uniform(-0.5, 0.5)]), 1, turn), thick)
        page.lay(margin, PRINT, colour(rng, page, rng.uniform(0.4, 2)), rng.uniform(0.4, 1))


def squared(rng: Rng, page: Page) -> None:
    """School paper: 2 to 20 cells in view, perhaps parted by thinner or dotted lines."""
    turn, pitch = _lean(rng), 1 / (rng.uniform(2, 9) if rng.random() < 0.8 else rng.uniform(9, 20))
    parts = int(rng.choice([1, 1, 2, 3, 4, 5])) if pitch > 0.12 else 1
    thick = rng.uniform(0.002, 0.014)
    darkness = rng.uniform(0.3, 2.2)
    printed = colour(rng, page, darkness)
    fine, bold = page.blank(), page.blank()
    dots = rng.random() < 0.5
    for axis in (0, 1):
        offsets = _offsets(rng, pitch)
        page.lines(bold, _net(offsets, axis, turn), thick)
        if parts > 1:
            between = (offsets[:, None] + pitch * np.arange(1, parts) / parts).ravel()
            segments = _net(f32(between), axis, turn)
            if dots:
                segments = _dashes(segments, pitch / parts / rng.integers(3, 9))
            page.lines(fine, segments, thick * rng.uniform(0.4, 1))
    page.lay(fine, PRINT, printed, rng.uniform(0.25, 0.9))
    page.lay(bold, PRINT, printed, rng.uniform(0.35, 1))


def _dashes(segments: Floats, step: float) -> Floats:
    """Long segments (n, 2, 2) -> many short ones, gaps between them."""
    count = int(min(2 * REACH / step, 400))
    at = np.linspace(0, 1, count, endpoint=False)
    start, run = segments[:, :1], segments[:, 1:] - segments[:, :1]
    first = start + run * at[None, :, None]
    last = first + run * (0.45 / count)
    return f32(np.stack([first, last], 2).reshape(-1, 2, 2))


def dotted(rng: Rng, page: Page) -> None:
    """A grid of dots."""
    turn, pitch = _lean(rng), rng.uniform(0.06, 0.3)
    x, y = np.meshgrid(_offsets(rng, pitch), _offsets(rng, pitch))
    at = np.stack([x.ravel(), y.ravel()], 1) @ rotation(turn).T
    mask = page.blank()
    page.lines(mask, np.stack([at, at + 1e-4], 1), rng.uniform(0.006, 0.02))
    page.lay(mask, PRINT, colour(rng, page, rng.uniform(0.5, 2)), rng.uniform(0.4, 1))


def seyes(rng: Rng, page: Page) -> None:
    """French school paper (Seyes): every fourth line is strong, and there are uprights."""
    turn, pitch = _lean(rng), rng.uniform(0.12, 0.7)
    thick = rng.uniform(0.002, 0.008)
    strong = _offsets(rng, pitch)
    fine = (strong[:, None] + pitch * np.array([0.25, 0.5, 0.75])).ravel()
    pale, bold = page.blank(), page.blank()
    page.lines(pale, _net(f32(fine), 0, turn), thick * 0.7)
    page.lines(bold, _net(strong, 0, turn), thick)
    page.lines(bold, _net(_offsets(rng, pitch), 1, turn), thick)
    page.lay(pale, PRINT, colour(rng, page, rng.uniform(0.3, 1.4)), rng.uniform(0.3, 0.8))
    page.lay(bold, PRINT, colour(rng, page, rng.uniform(0.5, 1.8)), rng.uniform(0.4, 1))


def box(rng: Rng, page: Page) -> Room:
    """One box to write in, whole or partly beyond the frame, ruled by machine or by hand."""
    tall = rng.uniform(0.5, 1.1)
    wide = tall * np.exp(rng.normal(-0.05, 0.25))
    middle = rng.normal(0, 0.06, 2) if rng.random() < 0.7 else rng.normal(0, 0.16, 2)
    turn = _lean(rng)
    corners = f32([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * f32([wide, tall]) / 2
    _frame(rng, page, [f32(corners @ rotation(turn).T + middle)], rng.random() < 0.25)
    return _within(rng, f32(middle), wide, tall)


def comb(rng: Rng, page: Page) -> Room:
    """A row of boxes, or a base line with teeth; the digit stands in one."""
    tall = rng.uniform(0.45, 1.0)
    wide = tall * rng.uniform(0.6, 1.2)
    middle = f32(rng.normal(0, 0.07, 2))
    turn = f32(rotation(_lean(rng)))
    teeth = rng.uniform(0.2, 1.0) if rng.random() < 0.4 else 1.0
    uprights = [
        [[(i + 0.5) * wide, tall / 2], [(i + 0.5) * wide, tall / 2 - teeth * tall]]
        for i in range(-4, 4)
    ]
    rows = [[[-4 * wide, tall / 2], [4 * wide, tall / 2]]]
    if teeth == 1.0:
        rows.append([[-4 * wide, -tall / 2], [4 * wide, -tall / 2]])
    mask = page.blank()
    page.lines(mask, f32(uprights + rows) @ turn.T + middle, rng.uniform(0.004, 0.035))
    page.lay(mask, PRINT, colour(rng, page, rng.uniform(0.5, 3)), rng.uniform(0.5, 1))
    return _within(rng, middle, wide, tall)


def table(rng: Rng, page: Page) -> Room:
    """A table's cell and parts of its neighbours, ruled by machine or by hand."""
    tall, wide = rng.uniform(0.45, 1.1), rng.uniform(0.5, 1.6)
    middle = f32(rng.normal(0, 0.07, 2))
    turn = f32(rotation(_lean(rng)))
    cell = f32([[0.0, 0.0], [wide, 0.0], [wide, tall], [0.0, tall]])
    cells: list[Floats] = []
    for column in range(-2, 3):
        for row in range(-2, 3):
            corner = f32([(column - 0.5) * wide, (row - 0.5) * tall])
            cells.append(f32((cell + corner) @ turn.T + middle))
    _frame(rng, page, cells, rng.random() < 0.5)
    return _within(rng, middle, wide, tall)


def _within(rng: Rng, middle: Floats, wide: float, tall: float) -> Room:
    """Most write well inside the lines, some touch or cross them."""
    height = tall * rng.uniform(0.3, 0.9) if rng.random() < 0.85 else tall * rng.uniform(0.85, 1.15)
    slack = np.maximum(np.array([wide, tall]) - height, 0.0) / 2
    return Room(f32(middle + rng.uniform(-0.7, 0.7, 2) * slack), float(height))


def _frame(rng: Rng, page: Page, outlines: list[Floats], by_hand: bool) -> None:
    mask = page.blank()
    thick = rng.uniform(0.004, 0.02) if by_hand else rng.uniform(0.003, 0.04)
    for outline in outlines:
        closed = np.concatenate([outline, outline[:1]])
        if by_hand:
            steps = np.linspace(0, 4, 41)
            run = np.stack([np.interp(steps, np.arange(5), closed[:, i]) for i in range(2)], 1)
            wave = np.cumsum(rng.normal(0, 0.003, run.shape), 0)
            closed = f32(run + wave - wave.mean(0))
        page.lines(mask, np.stack([closed[:-1], closed[1:]], 1), thick)
    dark = colour(rng, page, rng.uniform(1, 4) if by_hand else rng.uniform(0.4, 4))
    page.lay(mask, PRINT, dark, rng.uniform(0.5, 1))


def guides(rng: Rng, page: Page) -> Room:
    """Four guide lines of a primer, or a base line of dots, to write between."""
    tall = rng.uniform(0.35, 0.7)
    middle = f32(rng.normal(0, 0.1, 2))
    heights = f32(np.array([-0.5, 0.0, 0.5])[: int(rng.integers(2, 4))] * tall + middle[1])
    segments = _net(heights, 0, _lean(rng))
    if rng.random() < 0.4:
        segments = _dashes(segments, rng.uniform(0.03, 0.12))
    mask = page.blank()
    page.lines(mask, segments, rng.uniform(0.003, 0.02))
    page.lay(mask, PRINT, colour(rng, page, rng.uniform(0.4, 3)), rng.uniform(0.4, 1))
    return Room(middle, float(tall * rng.uniform(0.8, 1.1)))


def stamp_ring(rng: Rng, page: Page) -> None:
    """A stamp's ring or wavy bars somewhere across the page."""
    mask = page.blank()
    centre = f32(rng.uniform(-0.7, 0.7, 2))
    angle = np.linspace(0, 2 * np.pi, 60)
    circle = np.stack([np.cos(angle), np.sin(angle)], 1)
    for radius in rng.uniform(0.15, 0.5) * np.array([1.0, rng.uniform(0.6, 0.9)]):
        run = f32(circle * radius + centre)
        page.lines(mask, np.stack([run[:-1], run[1:]], 1), rng.uniform(0.004, 0.012))
    worn = (rng.random((24, 24)) > rng.uniform(0, 0.4)).astype(np.uint8) * PIXEL_MAX
    mask = np.minimum(mask, np.asarray(cv2.resize(worn, mask.shape[::-1]), np.uint8))
    page.lay(mask, PRINT, colour(rng, page, rng.uniform(0.8, 2.5)), rng.uniform(0.3, 0.9))
