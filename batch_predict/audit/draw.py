"""Draws the pictures of an audit, and the order in which they are asked for."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.audit.frame import Frame
from batch_predict.audit.strata import Strata, stratify

SHARE_ASKED_TWICE: Final = 0.03
LEAST_BETWEEN: Final = 20  # other pictures between the two askings, where there are so many


class Drawn(NamedTuple):
    """A sample by strata."""

    rows: NDArray[np.int64]  # (k,) of the CSV, from 0, in the order in which they are first asked
    asked: NDArray[np.int64]  # (k + repeats,) index into `rows`, as they come
    strata: Strata


def draw(frame: Frame, number: int, seed: int) -> Drawn:
    """`number` pictures of `frame`, or all that can be drawn, at random by strata.

    The order is one permutation of them all, so that those up to any place in it are themselves a
    sample by strata: whoever stops early has drawn fewer, no others. The same frame, `number` and
    `seed` give the same sample.
    """
    strata = stratify(frame, number)
    random = np.random.Generator(np.random.PCG64(seed))
    parts = [
        random.choice(np.flatnonzero(strata.of_row == at), stratum.drawn, replace=False)
        for at, stratum in enumerate(strata.strata)
    ]
    rows = random.permutation(np.concatenate([np.empty(0, np.int64), *parts]))
    return Drawn(rows, _asked(len(rows), random), strata)


def _asked(number: int, random: np.random.Generator) -> NDArray[np.int64]:
    """The order of 0 to `number` - 1 with some of them a second time."""
    again = random.choice(number, round(number * SHARE_ASKED_TWICE), replace=False)
    earliest = np.minimum(again + LEAST_BETWEEN, number)
    place = earliest + random.random(len(again)) * (number - earliest)
    order = np.argsort(np.concatenate([np.arange(number), place - 0.5]), kind="stable")
    return np.concatenate([np.arange(number), again])[order].astype(np.int64)
