"""The beta distribution: its distribution function and quantiles, of many at a time."""

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

_TINY: Final = 1e-300
_STEPS: Final = 400  # the continued fraction needs about the root of the larger parameter
_PRECISION: Final = 1e-14
_MOST_STEPS: Final = 80
#: of Lanczos's series for the logarithm of the gamma function, with g = 7
_LANCZOS: Final = (
    676.5203681218851,
    -1259.1392167224028,
    771.32342877765313,
    -176.61502916214059,
    12.507343278686905,
    -0.13857109526572012,
    9.9843695780195716e-6,
    1.5056327351493116e-7,
)


def log_gamma(x: ArrayLike) -> NDArray[np.float64]:
    """The logarithm of the gamma function of `x` > 0, to about 1e-13 of its size (Lanczos 1964)."""
    z = np.asarray(x, np.float64)
    series = np.full_like(z, 0.99999999999980993)
    for at, coefficient in enumerate(_LANCZOS):
        series = series + coefficient / (z + at)
    t = z + 6.5
    return np.asarray(0.5 * np.log(2 * np.pi) + (z - 0.5) * np.log(t) - t + np.log(series))


def log_beta(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """The logarithm of the beta function, `a` and `b` > 0."""
    return log_gamma(a) + log_gamma(b) - log_gamma(np.add(a, b))


def beta_cdf(x: ArrayLike, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """The probability that Beta(`a`, `b`), both > 0, is at most `x`, from 0 to 1.

    By the continued fraction of DLMF 8.17.22, with Lentz's method.
    """
    x, a, b = np.broadcast_arrays(*(np.asarray(each, np.float64) for each in (x, a, b)))
    turned = x > (a + 1) / (a + b + 2)  # there the fraction of the complement is the quick one
    a, b, x = np.where(turned, b, a), np.where(turned, a, b), np.where(turned, 1 - x, x)
    inside = np.clip(x, _TINY, 1 - 1e-16)
    front = np.exp(a * np.log(inside) + b * np.log1p(-inside) - log_beta(a, b)) / a
    value = np.where(x <= 0, 0.0, front * _fraction(inside, a, b))
    return np.asarray(np.clip(np.where(turned, 1 - value, value), 0, 1))


def _fraction(
    x: NDArray[np.float64], a: NDArray[np.float64], b: NDArray[np.float64]
) -> NDArray[np.float64]:
    c = np.ones_like(x)
    d = 1 / _not_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _not_zero(1 + term * d)
            c = _not_zero(1 + term / c)
            value = value * d * c
        if (np.abs(d * c - 1) < _PRECISION).all():
            break
    return value


def _not_zero(value: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.abs(value) < _TINY, _TINY, value)


def beta_quantile(q: ArrayLike, a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Below which Beta(`a`, `b`) lies with probability `q`, all of one shape.

    By Newton's method, and by halving where that leaves what is known to hold the quantile.
    """
    q, a, b = np.broadcast_arrays(*(np.asarray(each, np.float64) for each in (q, a, b)))
    low, high = np.zeros_like(q), np.ones_like(q)
    x = a / (a + b)
    for _ in range(_MOST_STEPS):
        off = beta_cdf(x, a, b) - q
        low, high = np.where(off < 0, x, low), np.where(off < 0, high, x)
        inside = np.clip(x, _TINY, 1 - 1e-16)
        log_density = (a - 1) * np.log(inside) + (b - 1) * np.log1p(-inside) - log_beta(a, b)
        step = x - off * np.exp(-np.clip(log_density, -600, 600))
        better = np.where((low < step) & (step < high), step, (low + high) / 2)
        moved, x = np.abs(better - x), better
        if (moved <= _PRECISION).all():
            break
    return np.asarray(x)


def t_quantile(q: float, degrees: int) -> float:
    """The quantile `q`, over 0.5, of Student's t with `degrees` of freedom."""
    x = float(beta_quantile(2 * (1 - q), degrees / 2, 0.5))
    return float(np.sqrt(degrees * (1 - x) / x))
