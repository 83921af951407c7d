"""Photos of test digits on papers that training never sees, and what their owners make of them."""

import cv2
import numpy as np

from tests.bench.kinds import either_polarity
from tests.bench.surfaces import UNSEEN
from train.drawn import Difficulty, photograph
from train.drawn.paper import texture


def small_reduction(rng, ink):
    """A photo that its owner reduced to 28 to 64 px, grey."""
    side = int(rng.choice([28, 28, 32, 48, 64]))
    knobs = {"light": 0.4, "colour": 0.5, "noise": 0.3, "blur": 0.2, "fills": 0.3}
    difficulty = Difficulty(**{k: rng.uniform(0, v) for k, v in knobs.items()})
    photo = photograph(rng, ink, difficulty, (280, 280), UNSEEN)
    grey = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    return either_polarity(rng, cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA))


def photo(rng, ink):
    """A phone's photo with a quarter of the troubles there are, of test textures."""
    return _photo(rng, ink, Difficulty.random(rng))


def photo_with(knob, level):
    """Photos with one trouble at `level`."""

    def make(rng, ink):
        return _photo(rng, ink, Difficulty(**{knob: level}))

    return make


def slip_on_a_table(rng, ink):
    """A slip of paper, photographed where it lies: a little turned, on something darker."""
    side = 600
    paper = photograph(rng, ink, Difficulty(light=0.2, colour=0.4, tinted=0.3), (side,) * 2, UNSEEN)
    grain = texture(rng, (side, side), UNSEEN.tables)
    grey = rng.uniform(20, 110) * (1 + 0.12 * np.clip(grain, -2, 2))
    table = grey[:, :, None] * rng.uniform(0.7, 1.2, 3)
    turn, half = rng.uniform(-0.35, 0.35), side * rng.uniform(0.17, 0.42)
    angles = turn + np.pi / 4 * np.array([5, 7, 1, 3])
    corners = side / 2 + rng.uniform(-0.06, 0.06, 2) * side
    corners = corners + 2**0.5 * half * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    corners += rng.uniform(-0.05, 0.05, (4, 2)) * half
    flat = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    lie = cv2.getPerspectiveTransform(flat, corners.astype(np.float32))
    there = cv2.warpPerspective(np.ones((side, side, 1), np.float32), lie, (side, side))[..., None]
    slip = cv2.warpPerspective(paper.astype(np.float32), lie, (side, side), flags=cv2.INTER_AREA)
    seen = there * slip + (1 - there) * table + rng.normal(0, 2, table.shape)
    return np.clip(np.rint(seen), 0, 255).astype(np.uint8)


def empty_page(rng, ink):
    """A photo of a page with nothing written on it."""
    difficulty = Difficulty.random(rng)
    return _photo(rng, None, difficulty)


def _photo(rng, ink, difficulty):
    side = int(rng.integers(240, 800))
    return photograph(rng, ink, difficulty, (side, round(side * rng.uniform(0.7, 1.2))), UNSEEN)
