"""How far a training is, by the clock or by steps, and its learning rate there."""

import math
from typing import Final

from .checkpoint import Progress

WARM_UP: Final = 0.03  # share of a training in which the rate rises


def share(progress: Progress, seconds: float, steps: int) -> float:
    """How far a training of `seconds`, or where those are 0 of `steps`, is: 0 to 1."""
    done = progress.seconds / seconds if seconds else progress.steps / steps
    return min(1.0, done)


def rate(done: float, top: float) -> float:
    """The learning rate when `done` of a training is over, 0 to 1: a rise to `top`, a cosine to 0.

    After Loshchilov and Hutter 2017.
    """
    return top * min(1.0, done / WARM_UP + 0.02) * (1 + math.cos(math.pi * done)) / 2
