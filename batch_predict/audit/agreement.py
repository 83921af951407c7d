"""How far two people agree, and what they have to settle."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from batch_predict.audit.answers import ANSWERS, CANT_TELL


class Difference(NamedTuple):
    """A picture of which two people say different things."""

    picture: int  # index into the plan's pictures
    first: int
    second: int


class Agreement(NamedTuple):
    """Two people's answers, where both gave one."""

    pictures: int
    kappa: float | None  # None: no picture, or both always say the same one thing
    to_settle: tuple[Difference, ...]


def agreement(first: Mapping[int, int], second: Mapping[int, int]) -> Agreement:
    """The agreement of `first` and `second`, answers by picture (see `Settled`).

    Cohen's kappa (Educational and Psychological Measurement 1960): 1 where they always agree, 0
    where no more than by chance. "There is no digit" and "can't tell" are answers like the digits.
    """
    both = sorted(first.keys() & second.keys())
    table = np.zeros((len(ANSWERS), len(ANSWERS)))
    for picture in both:
        table[first[picture], second[picture]] += 1
    n = len(both)
    chance = float(table.sum(0) @ table.sum(1)) / n**2 if n else 1.0
    kappa = (float(table.trace()) / n - chance) / (1 - chance) if chance < 1 else None
    differ = tuple(
        Difference(picture, first[picture], second[picture])
        for picture in both
        if first[picture] != second[picture]
    )
    return Agreement(n, kappa, differ)


def joined(first: Mapping[int, int], second: Mapping[int, int]) -> dict[int, int]:
    """The answers of both: CANT_TELL where they differ, until that is settled."""
    both = first.keys() & second.keys()
    differ = {picture: CANT_TELL for picture in both if first[picture] != second[picture]}
    return {**first, **second, **differ}
