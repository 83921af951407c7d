"""What makes a photo of a digit hard: a knob for each thing."""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np


@dataclass(frozen=True)
class Difficulty:
    """Each knob from 0 (absent) to 1 (as bad as people's photos get)."""

    light: float = 0.0  # uneven light and vignetting
    shadow: float = 0.0  # shadows cast across the page
    faint: float = 0.0  # pale ink: at 1 it stands out by 10 grey levels
    colour: float = 0.0  # ink of a colour, from near black to vivid
    blur: float = 0.0  # out of focus
    motion: float = 0.0  # the camera moved
    noise: float = 0.0  # sensor grain
    jpeg: float = 0.0  # compression
    thin: float = 0.0  # a thin pen: at 1 a thousandth of the picture wide
    fills: float = 0.0  # the digit fills the frame, at 1 touches or leaves it
    small: float = 0.0  # the digit is small and off-centre, at 1 a tenth of the frame
    lines: float = 0.0  # ruled, squared or dotted paper, at 1 as dark as the ink
    holes: float = 0.0  # the holes of a ring binder
    edge: float = 0.0  # the page's edge, and the table beyond it
    neighbour: float = 0.0  # a digit beside it, cut by the frame
    perspective: float = 0.0  # turned and seen from the side
    tinted: float = 0.0  # coloured or dark paper
    chalk: float = 0.0  # light on dark, as on a blackboard
    rough: float = 0.0  # the paper's own texture

    def __post_init__(self) -> None:
        """Raises ValueError for a knob turned too far."""
        for knob in fields(self):
            level = getattr(self, knob.name)
            if not 0 <= level <= 1:
                raise ValueError(f"{knob.name} must be between 0 and 1, received {level}")

    @classmethod
    def random(cls, rng: np.random.Generator, often: float = 0.25) -> Self:
        """Each knob is turned with chance `often`, evenly up to 1."""
        names = [knob.name for knob in fields(cls)]
        levels = rng.uniform(0, 1, len(names)) * (rng.random(len(names)) < often)
        return cls(**dict(zip(names, levels.tolist(), strict=True)))
