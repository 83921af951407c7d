"""The kinds of picture that the ink is learned from, and how often each is drawn."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, NamedTuple

import numpy as np

from ..data import Pictures
from ..drawn.draw import pick
from . import photos, small, spoilt
from .sample import Sample

Draw = Callable[[np.random.Generator, Pictures], Sample]


class Kind(NamedTuple):
    """How often a kind is drawn, and how."""

    weight: float
    draw: Draw


#: Pictures of at most 64 pixels.
SMALL: Final[Mapping[str, Kind]] = {
    "spoilt": Kind(4, spoilt.spoilt),
    "reduced": Kind(4, small.reduced),
    "framed": Kind(2, small.framed),
    "record": Kind(2.5, small.record),
    "envelope": Kind(1.5, small.envelope),
    "tight": Kind(1.5, small.tight),
    "app": Kind(1.5, small.app),
    "form": Kind(2.5, small.form),
    "crowded": Kind(1.5, small.crowded),
    "lined": Kind(1.2, small.lined),
    "snapshot": Kind(1.5, small.snapshot),
    "several": Kind(0.7, small.several),
    "sign": Kind(1.5, small.sign),
    "empty": Kind(0.6, small.empty),
}

#: Photos, scans and screens, larger than that.
LARGE: Final[Mapping[str, Kind]] = {
    "paper": Kind(11, photos.on_paper),
    "slip": Kind(2, photos.on_slip),
    "board": Kind(2, photos.on_board),
    "scan": Kind(4, photos.scanned),
    "screen": Kind(2, photos.on_screen),
    "enlarged": Kind(1.5, small.enlarged),
    "large form": Kind(2.5, partial(small.form, least=65, most=240)),
    "large crowded": Kind(1, partial(small.crowded, least=65, most=240)),
}

KINDS: Final[Mapping[str, Kind]] = {**LARGE, **SMALL}


def draw(rng: np.random.Generator, mnist: Pictures, kinds: Mapping[str, Kind] = KINDS) -> Sample:
    """A picture of one of `kinds`."""
    return pick(rng, list(kinds.values()))(rng, mnist)
