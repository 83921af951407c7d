"""An interval that holds whenever a person stops: a confidence sequence a stratum."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batch_predict.audit.beta import log_beta, log_gamma
from batch_predict.audit.strata import LEAST_ERROR

ERROR: Final = 0.05  # that an interval of all strata misses, at any time
#: Beta(1/2, 1/2), as Krichevsky and Trofimov bet (IEEE Transactions on Information Theory 1981)
_HALF: Final = 0.5


def anytime_interval(
    least: ArrayLike, most: ArrayLike, drawn: ArrayLike, sizes: ArrayLike, expected: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both ends for a weighted share; events drawn are from `least` to `most`, (..., h).

    `drawn` is (..., h), `sizes` and `expected` are (h,).

    Each stratum has a confidence sequence of its own, and by a union bound all hold together.
    `expected` shares are what is bet on; where they are wrong the interval is wide, not false.
    """
    least, most, drawn, sizes, expected = (
        np.asarray(each, np.float64) for each in (least, most, drawn, sizes, expected)
    )
    error = ERROR / len(sizes)
    weight = sizes / sizes.sum()
    low, _ = _ends(least, drawn, sizes, expected, error)
    _, high = _ends(most, drawn, sizes, expected, error)
    return (weight * low).sum(-1), (weight * high).sum(-1)


def _ends(
    events: NDArray[np.float64],
    drawn: NDArray[np.float64],
    sizes: NDArray[np.float64],
    expected: NDArray[np.float64],
    error: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The confidence set of each stratum's share: what a bettor has not grown rich against.

    Against "K of the N are events" a bettor stakes on each picture drawn, without replacement
    (Waudby-Smith and Ramdas, arXiv 2010.09686, section 5), at the odds of a beta-binomial
    prediction; what the bets have made of 1 is then known in closed form (the same, NeurIPS 2020,
    arXiv 2006.04347). By Ville's inequality it reaches 1 / `error` at any time with at most that
    probability where the claim is true. Half is bet by the expected share, half by an open prior.
    """
    share = np.clip(expected, LEAST_ERROR, 1 - LEAST_ERROR)
    rarer = np.minimum(share, 1 - share)
    informed = _log_predicted(events, drawn, _HALF * share / rarer, _HALF * (1 - share) / rarer)
    predicted = np.logaddexp(informed, _log_predicted(events, drawn, _HALF, _HALF)) - np.log(2)
    most = sizes - (drawn - events)  # as many events as there can be

    def holds(count: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.asarray(
            predicted - _log_probability(count, events, drawn, sizes) < -np.log(error)
        )

    best = np.clip(np.round(events * sizes / np.maximum(drawn, 1)), events, most)
    low = _last(holds, best, events)
    high = _last(holds, best, most)
    return low / sizes, high / sizes


def _last(
    holds: Callable[[NDArray[np.float64]], NDArray[np.bool_]],
    inside: NDArray[np.float64],
    end: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The count farthest from `inside` on the way to `end` that holds; between, all do."""
    inside, outside = np.where(holds(end), end, inside), end
    while (np.abs(outside - inside) > 1).any():
        middle = np.trunc((inside + outside) / 2)
        held = holds(middle)
        inside, outside = np.where(held, middle, inside), np.where(held, outside, middle)
    return inside


def _log_predicted(
    events: NDArray[np.float64], drawn: NDArray[np.float64], a: ArrayLike, b: ArrayLike
) -> NDArray[np.float64]:
    return log_beta(np.add(a, events), np.add(b, drawn - events)) - log_beta(a, b)


def _log_probability(
    count: NDArray[np.float64],
    events: NDArray[np.float64],
    drawn: NDArray[np.float64],
    sizes: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Of this order of draws, where `count` of `sizes` are events."""
    others = drawn - events
    return (_log_falling(count, events) + _log_falling(sizes - count, others)) - _log_falling(
        sizes, drawn
    )


def _log_falling(n: NDArray[np.float64], k: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logarithm of n (n - 1) ... (n - k + 1)."""
    return log_gamma(n + 1) - log_gamma(n - k + 1)
