"""Photos, scans and screens of a digit on everything that people write on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from batch_predict.records import PIXEL_MAX

from ..data import Pictures
from ..drawn.arrays import Floats, Size, f32
from ..drawn.camera import Photo, develop, illuminate
from ..drawn.difficulty import Difficulty
from ..drawn.draw import pick
from ..drawn.page import bare_page, lay_on_table, punch_holes
from ..drawn.paper import SURFACES
from ..drawn.photo import look
from . import camera, page_writing, rulings
from .page import Page
from .printing import words
from .rulings import Room
from .sample import INK, Sample
from .slips import lay_slip

Rng = np.random.Generator

SIDES: Final = (160, 192, 224, 256, 384)  # px, the longer side that is rendered
SIDES_HOW_OFTEN: Final = (0.2, 0.3, 0.25, 0.2, 0.05)
RATIOS: Final = (1, 0.75, 0.75, 1.333, 0.5625, 0.9, 1.1)  # width to height
OFTEN: Final = (0.06, 0.12, 0.28)  # how many of a photo's troubles come together
PAPERS: Final[tuple[tuple[float, rulings.Ruling | None], ...]] = (
    (22, None), (12, rulings.ruled), (26, rulings.squared), (4, rulings.dotted), (8, rulings.seyes),
    (10, rulings.box), (6, rulings.comb), (7, rulings.table), (5, rulings.guides),
)  # fmt: skip


def _size(rng: Rng) -> Size:
    side = int(rng.choice(SIDES, p=SIDES_HOW_OFTEN))
    ratio = RATIOS[rng.integers(len(RATIOS))]
    return (side, round(side * ratio)) if ratio <= 1 else (round(side / ratio), side)


def _anywhere(rng: Rng, page: Page) -> Room:
    """Where a digit stands on paper without lines: filling the view, or small and far."""
    way = rng.random()
    if way < 0.72:
        height = rng.uniform(0.3, 0.85)
        reach = np.maximum(page.half - height / 2 - 0.03, 0)
        return Room(f32(rng.uniform(-0.9, 0.9, 2) * reach), float(height))
    if way < 0.88:  # large: up to the frame, and beyond it
        height = rng.uniform(0.85, 1.12)
        slack = np.abs(page.half - height / 2) + 0.03
        return Room(f32(rng.uniform(-0.7, 0.7, 2) * slack), float(height))
    height = rng.uniform(0.1, 0.3)
    reach = np.maximum(page.half - height / 2 - 0.02, 0)
    return Room(f32(rng.uniform(-1, 1, 2) * reach), float(height))


def _print(rng: Rng, page: Page) -> Room | None:
    ruling = pick(rng, PAPERS)
    room = ruling(rng, page) if ruling else None
    if rng.random() < (0.35 if room else 0.06):
        words(rng, page, room or _anywhere(rng, page))
    return room


def _finish(rng: Rng, page: Page, label: int, difficulty: Difficulty) -> Sample:
    """Light, lens, sensor, and what is done to the file afterwards."""
    if rng.random() < 0.06:
        camera.glare(rng, page)
    light = illuminate(rng, page.light, difficulty)
    difficulty = replace(difficulty, blur=difficulty.blur * _steadiness(page))
    if rng.random() < 0.04:
        light = camera.cropped_askew(rng, light)
    pixels = develop(rng, light, difficulty)
    return Sample(_edited(rng, pixels, _AFTER_A_PHOTO), page.maps, label)


def _steadiness(page: Page) -> float:
    """Nobody hands in a photo whose writing is blurred away: how much blur the writing bears."""
    rows = np.flatnonzero(page.maps[:, :, INK].any(axis=1))
    tall = (rows[-1] - rows[0]) / min(page.size) if len(rows) else 1.0
    return float(min(1.0, 0.15 + tall))


_Edits = tuple[tuple[float, Callable[[Rng, Photo], Photo]], ...]  # a chance, and what is done then
_AFTER_A_PHOTO: Final[_Edits] = (
    (0.25, camera.sharpened), (0.14, camera.toned), (0.15, camera.saved_again),
    (0.03, camera.two_tone),
)  # fmt: skip
_AFTER_A_SCAN: Final[_Edits] = (
    (0.25, camera.toned), (0.25, camera.saved_again), (0.2, camera.two_tone),
)  # fmt: skip


def _edited(rng: Rng, pixels: Photo, edits: _Edits) -> Photo:
    """What is done to the file afterwards, one after the other."""
    for chance, edit in edits:
        if rng.random() < chance:
            pixels = edit(rng, pixels)
    return pixels


def _as_levels(light: Floats) -> Photo:
    """Light, 1 is white, as 8 bits."""
    return np.asarray(np.clip(np.rint(light * PIXEL_MAX), 0, PIXEL_MAX), np.uint8)


def _start(rng: Rng, difficulty: Difficulty, light: Floats) -> Page:
    size = (light.shape[0], light.shape[1])
    return Page(light, look(rng, difficulty.perspective, size))


def on_paper(rng: Rng, mnist: Pictures) -> Sample:
    """School paper, copy paper, forms: photographed."""
    difficulty = replace(Difficulty.random(rng, float(rng.choice(OFTEN))), chalk=0.0, neighbour=0.0)
    page = _start(rng, difficulty, bare_page(rng, difficulty, _size(rng), SURFACES.papers))
    room = _print(rng, page) or _anywhere(rng, page)
    if rng.random() < 0.03:
        rulings.stamp_ring(rng, page)
    tool = page_writing.ink_tool(rng, page, difficulty.faint)
    if rng.random() < 0.04:
        page_writing.shine_through(rng, page, tool)
    label = page_writing.write(rng, page, mnist, tool, room)
    if rng.random() < 0.12:
        camera.creases(rng, page)
    if difficulty.holes and rng.random() < 0.5:
        punch_holes(rng, page.light, page.plane, difficulty.holes)
    if difficulty.edge:
        page.light = lay_on_table(
            rng, page.light, page.plane, difficulty.edge * 0.6, SURFACES.tables
        )
    return _finish(rng, page, label, difficulty)


def on_slip(rng: Rng, mnist: Pictures) -> Sample:
    """A sticky note, a receipt, an envelope or a card, with what it lies on in view."""
    difficulty = replace(Difficulty.random(rng, float(rng.choice(OFTEN))), chalk=0.0, edge=0.0)
    page = _start(rng, difficulty, bare_page(rng, difficulty, _size(rng), SURFACES.papers))
    room = lay_slip(rng, page)
    if rng.random() < 0.3:
        words(rng, page, room)
    tool = page_writing.ink_tool(rng, page, difficulty.faint * 0.7)
    label = page_writing.write(rng, page, mnist, tool, room)
    return _finish(rng, page, label, difficulty)


def on_board(rng: Rng, mnist: Pictures) -> Sample:
    """A blackboard, a whiteboard, dark card with a light pen."""
    white = rng.random() < 0.45
    difficulty = Difficulty.random(rng, float(rng.choice(OFTEN)))
    difficulty = replace(difficulty, chalk=0.0 if white else 0.5, tinted=difficulty.tinted * 0.2)
    page = _start(rng, difficulty, bare_page(rng, difficulty, _size(rng), SURFACES.papers[:1]))
    camera.smears(rng, page, light=not white)
    if rng.random() < 0.12:
        rulings.squared(rng, page) if rng.random() < 0.5 else rulings.ruled(rng, page)
    if white:
        tool = replace(
            page_writing.ink_tool(rng, page, difficulty.faint * 0.6),
            pen=page_writing.PENS["marker"],
        )
    else:
        pen = page_writing.CHALK if rng.random() < 0.75 else page_writing.PENS["gel pen"]
        tool = page_writing.light_tool(rng, pen)
    label = page_writing.write(rng, page, mnist, tool, _anywhere(rng, page))
    if white or rng.random() < 0.2:
        camera.glare(rng, page)
    return _finish(rng, page, label, difficulty)


def scanned(rng: Rng, mnist: Pictures) -> Sample:
    """A flat scan: even light, a form or a bare sheet, crisp; perhaps cut out of a larger one."""
    size = _size(rng)
    paper = np.full((*size, 3), rng.uniform(0.86, 1.0), np.float32)
    paper *= f32(1 - rng.uniform(0, 0.12, 3) * (rng.random() < 0.3))
    difficulty = Difficulty(faint=float(rng.random() * (rng.random() < 0.3)))
    page = _start(rng, difficulty, paper)
    room = _print(rng, page) or _anywhere(rng, page)
    label = page_writing.write(
        rng, page, mnist, page_writing.ink_tool(rng, page, difficulty.faint), room
    )
    _rims(rng, page)
    light = page.light + rng.normal(0, rng.uniform(0, 0.02), (*size, 1)).astype(np.float32)
    if rng.random() < 0.15:
        light = camera.cropped_askew(rng, light)
    return Sample(_edited(rng, _as_levels(light), _AFTER_A_SCAN), page.maps, label)


def _rims(rng: Rng, page: Page) -> None:
    """A scanner's dark border, or the rest of a black frame, along one to three sides."""
    if rng.random() > 0.2:
        return
    height, width = page.size
    dark = np.float32(rng.uniform(0, 0.45))
    for side in rng.permutation(4)[: int(rng.integers(1, 4))]:
        depth = max(1, round(rng.uniform(0.005, 0.07) * min(height, width)))
        strip: tuple[slice, slice] = (
            (slice(0, depth), slice(None)), (slice(height - depth, None), slice(None)),
            (slice(None), slice(0, depth)), (slice(None), slice(width - depth, None)),
        )[side]  # fmt: skip
        page.light[strip] = dark
        page.maps[strip] = 0


def on_screen(rng: Rng, mnist: Pictures) -> Sample:
    """A drawing program's plain ground and round pen: its file, or a photo of the screen."""
    ground = pick(
        rng, ((6, (1, 1, 1)), (2, (0, 0, 0)), (1, (0.1, 0.1, 0.12)), (2, tuple(rng.random(3))))
    )
    page = Page(np.empty((*_size(rng), 3), np.float32), np.eye(3, dtype=np.float32))
    page.light[:] = f32(ground)
    photographed = rng.random() < 0.4
    difficulty = Difficulty.random(rng, 0.15)
    page.plane = look(rng, difficulty.perspective if photographed else 0.0, page.size)
    if rng.random() < 0.15:
        (rulings.squared if rng.random() < 0.5 else rulings.box)(rng, page)
    pen = page_writing.ROUND._replace(narrowest=0.015) if rng.random() < 0.4 else page_writing.ROUND
    bright = float(np.mean(f32(ground)))
    ink = rng.random(3) * 0.35 if bright > 0.5 else 1 - rng.random(3) * 0.35
    tool = page_writing.Tool(pen, f32(ink), 1.0)
    label = page_writing.write(rng, page, mnist, tool, _anywhere(rng, page))
    if photographed:
        camera.screen(rng, page)
        return _finish(rng, page, label, replace(difficulty, blur=difficulty.blur * 0.5))
    return Sample(_as_levels(page.light), page.maps, label)
