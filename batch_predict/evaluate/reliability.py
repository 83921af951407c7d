"""Calibration and selective prediction: reliability bins, ECE, the risk-coverage curve."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.records import DECIMALS

BINS: Final = 15  # as in Guo et al., On Calibration of Modern Neural Networks, ICML 2017
CONFIDENCE_LEVEL: Final = 0.95  # of every interval
TARGET_ERRORS: Final = (0.01, 0.005, 0.001)  # that a user may allow among accepted labels
CURVE_POINTS: Final = 200

Interval = tuple[float, float]


def wilson(correct: int, n: int) -> Interval | None:
    """The 95% Wilson score interval of `correct` out of `n` (Wilson, JASA 1927); None for n = 0."""
    from scipy.stats import binomtest

    if n == 0:
        return None
    low, high = binomtest(correct, n).proportion_ci(CONFIDENCE_LEVEL, method="wilson")
    return float(low), float(high)


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


@dataclass(frozen=True)
class OperatingPoint:
    """What follows where every label of at least `threshold` confidence is accepted."""

    threshold: float
    coverage: float  # share of the rows with truth whose label is accepted
    to_person: float  # share of the others, which a person reads
    error: float  # share of wrong labels among the accepted
    errors: int


@dataclass(frozen=True)
class TargetPoint:
    """The largest coverage whose error is at most `target_error`; None where there is none."""

    target_error: float
    trust: OperatingPoint | None


class RiskCoverageCurve:
    """Error and coverage of the accepted labels at every threshold.

    As in El-Yaniv and Wiener, On the Foundations of Noise-free Selective Classification, JMLR 2010.
    `total` counts the rows with truth, those without a label too: these always go to a person.
    """

    def __init__(
        self, confidence: NDArray[np.float32], correct: NDArray[np.bool_], total: int
    ) -> None:
        order = np.argsort(-confidence)
        falling = confidence[order]
        last_of_equals = np.append(falling[1:] != falling[:-1], True)[: len(falling)]
        self._accepted = np.flatnonzero(last_of_equals) + 1
        self._errors = np.cumsum(~correct[order])[self._accepted - 1]
        self._thresholds = falling[self._accepted - 1]
        self._total = total

    def at(self, target: float) -> TargetPoint:
        """The lowest threshold that keeps the error at or below `target`."""
        good = np.flatnonzero(self._errors <= target * self._accepted)
        return TargetPoint(target, self._point(int(good[-1])) if len(good) else None)

    def points(self) -> tuple[OperatingPoint, ...]:
        """At most CURVE_POINTS points of the curve, from the surest rows to all."""
        steps = np.linspace(0, len(self._accepted) - 1, CURVE_POINTS).round()
        return tuple(self._point(int(index)) for index in np.unique(steps) if len(self._accepted))

    def _point(self, index: int) -> OperatingPoint:
        accepted, errors = int(self._accepted[index]), int(self._errors[index])
        coverage = accepted / self._total
        threshold = round(float(self._thresholds[index]), DECIMALS)
        return OperatingPoint(threshold, coverage, 1 - coverage, errors / accepted, errors)
