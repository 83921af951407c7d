"""Small papers with their edges in view: sticky notes, receipts, envelopes, cards, scraps."""

from typing import Final

import numpy as np

from batch_predict.opencv import cv2
from batch_predict.records import PIXEL_MAX

from ..drawn.arrays import SUBPIXEL_BITS, f32, fixed, rotation
from ..drawn.paper import SURFACES, texture
from .page import Page
from .rulings import Room

Rng = np.random.Generator

TINTS: Final = (  # of papers
    (0.97, 0.93, 0.45), (0.98, 0.62, 0.70), (0.65, 0.88, 0.62), (0.60, 0.80, 0.95),  # sticky notes
    (0.96, 0.95, 0.93), (0.93, 0.91, 0.86), (0.80, 0.66, 0.48), (0.88, 0.80, 0.66),  # slips, kraft
)  # fmt: skip


def lay_slip(rng: Rng, page: Page) -> Room:
    """Turns the bare page into a table with a slip on it; the room on the slip."""
    table = rng.uniform(0.05, 0.9) * (1 - 0.5 * rng.random(3))
    ground = f32(table) * (
        1 + np.float32(0.1) * texture(rng, page.size, SURFACES.tables)[:, :, None]
    )
    slip = page.light * f32(TINTS[rng.integers(len(TINTS))]) * np.float32(rng.uniform(0.8, 1.05))
    tall = rng.uniform(0.55, 1.3)
    wide = tall * rng.uniform(0.6, 1.6)
    turn, at = rotation(np.deg2rad(rng.normal(0, 9))), f32(rng.normal(0, 0.08, 2))
    corners = f32([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * f32([wide, tall]) / 2
    outline = f32((corners + rng.normal(0, 0.012, (4, 2))) @ turn.T + at)
    mask = page.blank()
    cv2.fillPoly(mask, [fixed(page.project(outline))], PIXEL_MAX, cv2.LINE_AA, SUBPIXEL_BITS)
    small = cv2.resize(mask, page.size[::-1], interpolation=cv2.INTER_AREA)
    share = f32(small)[:, :, None] / PIXEL_MAX
    cast = f32(cv2.blur(small, (2 * (min(page.size) // 25) + 1,) * 2))[:, :, None] / PIXEL_MAX
    shade = 1 - np.float32(rng.uniform(0, 0.7)) * cast
    page.light = f32(slip * share + np.clip(ground, 0, 1) * (1 - share) * shade)
    height = float(min(tall, wide, 1.0) * rng.uniform(0.3, 0.8))
    slack = np.maximum(f32([wide, tall]) - height, 0) / 2 * 0.6
    return Room(f32(at + rng.uniform(-1, 1, 2) * slack), height)
