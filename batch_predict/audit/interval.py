"""The 95% interval of a share, from a sample by strata."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from batch_predict.audit.beta import beta_quantile

LEVEL: Final = 0.975  # of each end: a 95% interval


def point(events: ArrayLike, drawn: ArrayLike, sizes: ArrayLike) -> NDArray[np.float64]:
    """The share of events, weighted; `events` and `drawn` (..., h), `sizes` (h,) or (..., h).

    Strata of which nothing was drawn are left out; NaN where that is all.
    """
    events, drawn, sizes = _floats(events, drawn, sizes)
    share = np.where(drawn > 0, events / np.maximum(drawn, 1e-9), 0)
    total = (sizes * (drawn > 0)).sum(-1)
    with np.errstate(invalid="ignore"):
        return np.asarray((sizes * share).sum(-1) / np.where(total > 0, total, np.nan))


def interval(
    least: ArrayLike, most: ArrayLike, drawn: ArrayLike, sizes: ArrayLike, between: ArrayLike = 0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both ends of the interval where the events drawn are from `least` to `most`, all (..., h)."""
    least, drawn = _floats(least, drawn)
    low = 1 - upper_end(drawn - least, drawn, sizes, between=between)
    return low, upper_end(most, drawn, sizes, between=between)


def upper_end(
    events: ArrayLike,
    drawn: ArrayLike,
    sizes: ArrayLike,
    *,
    between: ArrayLike = 0,
    level: float = LEVEL,
) -> NDArray[np.float64]:
    """The upper end of the interval of the weighted share; arguments as `point` has them.

    It is a quantile of the beta distribution whose mean and variance are those of the estimate,
    but that in one stratum, the one where this costs most, they are those of the Beta(x + 1, n - x)
    from which Clopper and Pearson (Biometrika 1934) take their upper end. Of one stratum it is
    their interval; and strata without errors are not without risk. The idea is Fay and Feuer's
    (Statistics in Medicine 1997), for weighted sums of Poisson counts. Of a stratum that was
    drawn whole all is known; a part of it shrinks each deviation by the root of what is left. One
    of which nothing was drawn may be all events. `between` adds to the variance.
    """
    events, drawn, sizes = _floats(events, drawn, sizes)
    weight = sizes / sizes.sum(-1, keepdims=True)
    n = np.maximum(drawn, 1e-9)
    seen = drawn > 0
    share = np.where(seen, events / n, 1)
    left = np.where(seen, 1 - drawn / np.maximum(sizes, n), 0)
    mean = weight * share
    variance = np.where(seen, weight**2 * left * share * (1 - share) / n, 0)
    exact_mean = (events + 1) / (n + 1)
    exact_variance = exact_mean * (1 - exact_mean) / (n + 2)
    more_mean = np.where(seen, weight * np.sqrt(left) * (exact_mean - share), 0)
    more_variance = np.where(seen, weight**2 * left * exact_variance, 0) - variance
    total = mean.sum(-1, keepdims=True) + more_mean
    spread = variance.sum(-1, keepdims=True) + more_variance + np.asarray(between)[..., None]
    worst = np.argmax(total + 2 * np.sqrt(np.maximum(spread, 0)), axis=-1)[..., None]
    mu = np.take_along_axis(total, worst, -1)[..., 0]
    sigma2 = np.take_along_axis(spread, worst, -1)[..., 0]
    return _beta_end(mu, sigma2, level)


def _beta_end(
    mean: NDArray[np.float64], variance: NDArray[np.float64], level: float
) -> NDArray[np.float64]:
    """The quantile `level` of the beta distribution with this mean and variance."""
    free = (variance > 1e-18) & (mean > 0) & (mean < 1)
    mu = np.where(free, mean, 0.5)
    size = np.maximum(mu * (1 - mu) / np.where(free, variance, 0.1) - 1, 1e-3)
    known = np.clip(mean.round(12), 0, 1)  # all 100% of the weights are 1, but for their rounding
    return np.where(free, beta_quantile(level, mu * size, (1 - mu) * size), known)


def _floats(*values: ArrayLike) -> list[NDArray[np.float64]]:
    return [np.asarray(value, np.float64) for value in values]
