"""Photos of test digits on papers that training never sees, and what their owners make of them."""

import cv2

from tests.bench.kinds import either_polarity
from tests.bench.surfaces import UNSEEN
from train.drawn import Difficulty, photograph


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


def empty_page(rng, ink):
    """A photo of a page with nothing written on it."""
    difficulty = Difficulty.random(rng)
    return _photo(rng, None, difficulty)


def _photo(rng, ink, difficulty):
    side = int(rng.integers(240, 800))
    return photograph(rng, ink, difficulty, (side, round(side * rng.uniform(0.7, 1.2))), UNSEEN)
