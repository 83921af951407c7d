"""Selective prediction: what is wrong among the labels that are trusted, the surest first."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.evaluate.reliability import Interval, rows_for_upper, wilson, wilson_upper
from batch_predict.records import DECIMALS

TARGET_ERRORS: Final = (0.01, 0.005, 0.001)  # that a user may allow among accepted labels
COVERAGES: Final = (1.0, 0.99, 0.98, 0.95, 0.9)  # at which a report tells the risk
CURVE_POINTS: Final = 200  # at most, of each curve


class _Accepted(NamedTuple):
    """The rows accepted at each threshold, from the highest; equal confidences go together."""

    thresholds: NDArray[np.float32]  # (k,) falling, no two alike
    rows: NDArray[np.int_]  # (k,) of at least that confidence
    errors: NDArray[np.int_]  # (k,) wrong among them


def _accepted(confidence: NDArray[np.float32], correct: NDArray[np.bool_]) -> _Accepted:
    """Of rows with `confidence` and whether they are `correct`, both (n,)."""
    order = np.argsort(-confidence)
    falling = confidence[order]
    last_of_equals = np.append(falling[1:] != falling[:-1], True)[: len(falling)]
    rows = np.flatnonzero(last_of_equals) + 1
    errors = np.cumsum(~correct[order], dtype=np.int_)[rows - 1]
    return _Accepted(falling[rows - 1], rows, errors)


def _thinned(n: int) -> list[int]:
    """At most CURVE_POINTS indices from 0 to `n` - 1, both among them."""
    steps = np.linspace(0, n - 1, CURVE_POINTS).round() if n else np.empty(0)
    return [int(step) for step in np.unique(steps)]


@dataclass(frozen=True)
class OperatingPoint:
    """What follows where every label of at least `threshold` confidence is accepted."""

    threshold: float
    coverage: float  # share of the rows with truth whose label is accepted
    to_person: float  # share of the others, which a person reads
    error: float  # share of wrong labels among the accepted
    error_interval: Interval | None
    errors: int


@dataclass(frozen=True)
class TargetPoint:
    """Where labels may be trusted with an error of at most `target_error`; None: nowhere."""

    target_error: float
    trust: OperatingPoint | None  # the largest coverage at which the error measured is no more
    # that at which the upper end of its interval is no more, at no threshold below the run's own
    bounded: OperatingPoint | None
    rows_needed: int  # for `bounded`, where not one of them is wrong
    too_few_rows: bool  # there are fewer, so that no error at all would be a proof


class RiskCoverageCurve:
    """Error and coverage of the accepted labels at every threshold.

    As in El-Yaniv and Wiener, On the Foundations of Noise-free Selective Classification, JMLR 2010.
    `total` counts the rows with truth, those without a label too: these always go to a person.
    """

    def __init__(
        self, confidence: NDArray[np.float32], correct: NDArray[np.bool_], total: int
    ) -> None:
        self._accepted = _accepted(confidence, correct)
        self._total = total

    def at(self, target: float, least_threshold: float = 0.0) -> TargetPoint:
        """The lowest thresholds that keep the error, and its bound, at or below `target`.

        The bound is looked for from `least_threshold` on.
        """
        thresholds, rows, errors = self._accepted
        allowed = thresholds >= np.float32(least_threshold)
        needed = rows_for_upper(target)
        return TargetPoint(
            target,
            self._last(errors <= target * rows),
            self._last(allowed & (wilson_upper(errors, rows) <= target)),
            needed,
            int(rows[allowed].max(initial=0)) < needed,
        )

    def points(self) -> tuple[OperatingPoint, ...]:
        """At most CURVE_POINTS points of the curve, from the surest rows to all."""
        return tuple(map(self._point, _thinned(len(self._accepted.rows))))

    def _last(self, good: NDArray[np.bool_]) -> OperatingPoint | None:
        """The point of the largest coverage that is `good` (k,)."""
        places = np.flatnonzero(good)
        return self._point(int(places[-1])) if len(places) else None

    def _point(self, index: int) -> OperatingPoint:
        accepted, errors = int(self._accepted.rows[index]), int(self._accepted.errors[index])
        coverage = accepted / self._total
        threshold = round(float(self._accepted.thresholds[index]), DECIMALS)
        error, within = errors / accepted, wilson(errors, accepted)
        return OperatingPoint(threshold, coverage, 1 - coverage, error, within, errors)


@dataclass(frozen=True)
class RiskPoint:
    """What follows where the surest `coverage` of all rows is trusted."""

    coverage: float
    selective_risk: float  # share of wrong rows among the trusted
    generalized_risk: float  # share of all rows that are trusted and wrong


class GeneralizedRiskCurve:
    """The share of all rows that are trusted and wrong, at every coverage from 0 to 1.

    As in Traub et al., Overcoming Common Flaws in the Evaluation of Selective Classification
    Systems, NeurIPS 2024 (arXiv 2407.01032). Where only some of the rows of one confidence are
    trusted, the risk is its expectation over their order, which rises in a straight line with the
    coverage: so no order of rows in a file moves a figure, and only the order of the confidences
    counts, not their values. Rows are those that were answered, `confidence` and `correct` both
    (n,): for a blank one with truth the answer is an error, and 0 stands for its confidence.
    """

    def __init__(self, confidence: NDArray[np.float32], correct: NDArray[np.bool_]) -> None:
        accepted = _accepted(confidence, correct)
        n = max(len(confidence), 1)
        self._coverage = np.append(0, accepted.rows) / n
        self._risk = np.append(0, accepted.errors) / n

    @property
    def area(self) -> float | None:
        """The AUGRC: the mean of the risk over all coverages; None where there is no row.

        With an error e over all rows it is from e^2 / 2, where every error has less confidence
        than any right answer, to e - e^2 / 2, where it has more; e / 2 where confidence says
        nothing.
        """
        if len(self._coverage) == 1:
            return None
        heights = (self._risk[1:] + self._risk[:-1]) / 2
        return float(np.diff(self._coverage) @ heights)

    def at(self, coverages: tuple[float, ...]) -> tuple[RiskPoint, ...]:
        """The risk at each of `coverages`, over 0 to 1; none where there is no row."""
        if len(self._coverage) == 1:
            return ()
        return tuple(map(self._point, coverages))

    def points(self) -> tuple[RiskPoint, ...]:
        """At most CURVE_POINTS points of the curve, from the surest rows to all."""
        within = self._coverage[1:]
        return tuple(self._point(float(within[index])) for index in _thinned(len(within)))

    def _point(self, coverage: float) -> RiskPoint:
        expected = float(np.interp(coverage, self._coverage, self._risk))
        risk = min(expected, coverage)  # where all are wrong, interpolation may add a rounding
        return RiskPoint(coverage, risk / coverage, risk)
