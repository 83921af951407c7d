"""Calibration: intervals, reliability bins, the expected calibration error."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

BINS: Final = 15  # as in Guo et al., On Calibration of Modern Neural Networks, ICML 2017
Z: Final = 1.959963984540054  # 97.5% of a standard normal variable lies below: 95% intervals

Interval = tuple[float, float]


def wilson(correct: int, n: int) -> Interval | None:
    """The 95% Wilson score interval of `correct` out of `n` (Wilson, JASA 1927); None for n = 0."""
    if n == 0:
        return None
    share, z_squared = correct / n, Z * Z
    scale = 1 + z_squared / n
    centre = (share + z_squared / (2 * n)) / scale
    half = Z / scale * math.sqrt(share * (1 - share) / n + z_squared / (4 * n * n))
    return (centre - half if correct else 0.0), (centre + half if correct < n else 1.0)


def wilson_upper(events: NDArray[np.int_], n: NDArray[np.int_]) -> NDArray[np.float64]:
    """The upper end of the same interval of each of `events` out of `n`, both (k,), n above 0."""
    share, z_squared = events / n, Z * Z
    half = Z * np.sqrt(share * (1 - share) / n + z_squared / (4 * n * n))
    upper: NDArray[np.float64] = (share + z_squared / (2 * n) + half) / (1 + z_squared / n)
    return upper


def rows_for_upper(share: float) -> int:
    """The fewest rows without an event of whose interval the upper end is at most `share`."""
    return math.ceil(Z * Z * (1 - share) / share)


@dataclass(frozen=True)
class Bin:
    """The rows whose confidence falls in one bin."""

    n: int
    confidence: float  # mean
    accuracy: float
    accuracy_interval: Interval | None


def mass_edges(confidence: NDArray[np.float32]) -> NDArray[np.float64]:
    """Inner edges of BINS bins of as many rows each; equal values stay together."""
    return np.unique(np.quantile(confidence, np.linspace(0, 1, BINS + 1)))[1:-1].astype(np.float64)


def width_edges() -> NDArray[np.float64]:
    """Inner edges of BINS bins of one width over [0, 1]."""
    return np.linspace(0, 1, BINS + 1)[1:-1]


def bins(
    confidence: NDArray[np.float32], correct: NDArray[np.bool_], edges: NDArray[np.float64]
) -> tuple[Bin, ...]:
    """Mean confidence and accuracy, both (n,), in each bin between `edges` that is not empty."""
    at = np.searchsorted(edges, confidence)
    counts = np.bincount(at)
    sums = np.bincount(at, weights=confidence)
    right = np.bincount(at, weights=correct)
    return tuple(
        Bin(int(n), float(total / n), float(k / n), wilson(int(k), int(n)))
        for n, total, k in zip(counts, sums, right, strict=True)
        if n
    )


def expected_calibration_error(filled: tuple[Bin, ...]) -> float | None:
    """ECE: the mean over all rows of how far their bin's accuracy is from its confidence."""
    n = sum(each.n for each in filled)
    if n == 0:
        return None
    return sum(each.n * abs(each.accuracy - each.confidence) for each in filled) / n
