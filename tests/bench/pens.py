"""Pens: strokes -> how much of the light their ink takes, pixel by pixel."""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from tests.bench.strokes import SIDE, Strokes


def specks(rng, size, px):
    """Noise (h, w) of mean 0 and unit spread, with bumps of about `px` pixels."""
    coarse = [max(2, round(n / max(px, 1))) + 3 for n in size]
    knots = np.float32(rng.standard_normal(coarse))
    return cv2.resize(knots, size[::-1], interpolation=cv2.INTER_CUBIC)


def ball(rng, cover, mm):
    """Ballpoint: paler where the pen is quick, with a little of the paper's tooth."""
    pressure = 0.9 + 0.12 * specks(rng, cover.shape, 3 * mm)
    tooth = 0.10 * specks(rng, cover.shape, 0.12 * mm)
    return cover * np.clip(pressure + tooth, 0.35, 1)


def skipping(rng, cover, mm):
    """A ballpoint that runs dry: pale stretches, gaps, and the paper's tooth in the line."""
    flow = 0.75 + 0.55 * specks(rng, cover.shape, rng.uniform(0.7, 2.0) * mm)
    tooth = rng.uniform(0.3, 0.6) * specks(rng, cover.shape, 0.13 * mm)
    return cover * np.clip(np.maximum(flow, rng.uniform(0, 0.35)) + tooth, 0, 1)


def gel(rng, cover, mm):
    return cover * np.clip(0.97 + 0.03 * specks(rng, cover.shape, 2 * mm), 0, 1)


def pencil(rng, cover, mm):
    """Graphite stays on the tops of the paper's tooth, and grows with pressure."""
    pressure = 0.8 + 0.2 * specks(rng, cover.shape, 4 * mm)
    tooth = specks(rng, cover.shape, rng.uniform(0.10, 0.18) * mm)
    return cover * np.clip(pressure + rng.uniform(0.2, 0.42) * tooth, 0, 1)


def bleeding(rng, cover, mm):
    """Felt pen on soft paper: rims that feather out along the fibres, and a pale halo."""
    reach = rng.uniform(0.15, 0.5) * mm
    spread = cv2.GaussianBlur(cover, (0, 0), max(0.5, reach))
    fibres = specks(rng, cover.shape, 0.25 * mm) + specks(rng, cover.shape, 0.6 * mm)
    feathered = np.clip((spread - 0.38 + 0.11 * fibres) * 6, 0, 1)
    halo = 0.35 * cv2.GaussianBlur(feathered, (0, 0), max(0.5, 1.2 * reach))
    return np.maximum(
        feathered * np.clip(0.9 + 0.08 * specks(rng, cover.shape, 2 * mm), 0, 1), halo
    )


def felt(rng, cover, mm):
    return cover * np.clip(0.93 + 0.05 * specks(rng, cover.shape, 1.5 * mm), 0, 1)


def dry_marker(rng, cover, mm):
    """On a whiteboard: streaky, pale in the middle of a stroke where the board shines through."""
    streaks = specks(rng, cover.shape, 3 * mm) + 0.7 * specks(rng, cover.shape, 1 * mm)
    return cover * np.clip(rng.uniform(0.72, 0.95) + 0.12 * streaks, 0.2, 1)


def chalk(rng, cover, mm):
    dust = specks(rng, cover.shape, 0.7 * mm) + specks(rng, cover.shape, 1.6 * mm)
    return cover * np.clip(rng.uniform(0.6, 0.85) + 0.28 * dust, 0, 1)


def screen(rng, cover, mm):
    return cover


class Pen(NamedTuple):
    """A writing tool: its width in mm, its inks in RGB reflectance, and how it covers."""

    widths: tuple[float, float]
    inks: tuple[tuple[float, float, float], ...]
    cover: Callable


BLUES = ((0.13, 0.17, 0.50), (0.10, 0.12, 0.38), (0.20, 0.28, 0.62), (0.22, 0.18, 0.50))
BLACKS = ((0.08, 0.08, 0.09), (0.16, 0.16, 0.18), (0.12, 0.12, 0.16))
GREYS = ((0.30, 0.30, 0.32), (0.38, 0.38, 0.39), (0.45, 0.45, 0.46))
VIVID = ((0.75, 0.12, 0.14), (0.10, 0.45, 0.25), (0.45, 0.15, 0.50), (0.10, 0.40, 0.75))

BALL = Pen((0.4, 0.7), (*BLUES, *BLACKS), ball)
FINE = Pen((0.28, 0.42), (*BLUES, *BLACKS), ball)
SKIPPING = Pen((0.4, 0.7), (*BLUES, *BLACKS), skipping)
GEL = Pen((0.5, 0.8), (*BLUES, *BLACKS, VIVID[0]), gel)
PENCIL = Pen((0.4, 0.8), GREYS, pencil)
FELT = Pen((0.8, 1.8), (*BLACKS, BLUES[1], *VIVID), felt)
BLEEDING = Pen((1.0, 2.2), (*BLACKS, BLUES[1], *VIVID), bleeding)
BOARD_MARKER = Pen((3, 6), (*BLACKS, *VIVID, BLUES[0]), dry_marker)
CHALK = Pen((5, 9), ((0.92, 0.92, 0.88), (0.9, 0.86, 0.6), (0.9, 0.7, 0.72)), chalk)
FINGER = Pen((0.8, 2.5), ((0.02, 0.02, 0.02), (0.1, 0.3, 0.9), (0.9, 0.1, 0.15)), screen)

SCHOOL = (BALL, BALL, GEL, PENCIL, FELT)


def of_school(rng):
    """One of the pens that are taken at school."""
    return SCHOOL[rng.integers(len(SCHOOL))]


def drawn(rng, strokes: Strokes, tall, width, outlined=False):
    """Coverage (h, w) float32 of the strokes, their longer side `tall` px, by a pen of `width` px.

    `outlined`: as wide as they were written, whatever the pen.
    """
    scale = tall / SIDE
    size = tuple(max(1, round(n * scale)) for n in strokes.middle.shape[::-1])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    away = tall * cv2.resize(
        strokes.outline if outlined else strokes.middle, size, interpolation=method
    )
    if outlined:
        return np.clip(0.5 - away, 0, 1)
    uneven = 1 + 0.08 * specks(rng, away.shape, tall / 4)
    return np.clip(max(width, 0.9) / 2 * uneven - away + 0.5, 0, 1)
