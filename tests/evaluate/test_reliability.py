"""Calibration and what may be trusted, against scikit-learn and against known truths."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from batch_predict.evaluate.reliability import (
    BINS,
    CURVE_POINTS,
    RiskCoverageCurve,
    bins,
    expected_calibration_error,
    mass_edges,
    width_edges,
    wilson,
)

N = 200_000


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_bins_are_scikit_learns(strategy: str) -> None:
    rng = np.random.default_rng(0)
    confidence = rng.beta(2, 1, 5000).astype(np.float32)
    correct = rng.random(5000) < confidence
    edges = width_edges() if strategy == "uniform" else mass_edges(confidence)
    found = bins(confidence, correct, edges)
    accuracy, mean = calibration_curve(correct, confidence, n_bins=BINS, strategy=strategy)
    np.testing.assert_allclose([each.accuracy for each in found], accuracy)
    np.testing.assert_allclose([each.confidence for each in found], mean, rtol=1e-5)
    assert sum(each.n for each in found) == 5000


@pytest.mark.parametrize("equal", ["mass", "width"])
@pytest.mark.parametrize("shift", [0.0, 0.03, 0.1, -0.1])
def test_ece_of_a_known_miscalibration(shift: float, equal: str) -> None:
    rng = np.random.default_rng(1)
    chance = rng.uniform(0.3, 0.85, N)  # of being right
    correct = rng.random(N) < chance
    stated = (chance + shift).astype(np.float32)
    edges = mass_edges(stated) if equal == "mass" else width_edges()
    found = expected_calibration_error(bins(stated, correct, edges))
    assert found == pytest.approx(abs(shift), abs=0.005)


def test_equal_confidences_share_a_bin() -> None:
    confidence = np.full(1000, 0.8, np.float32)
    correct = np.arange(1000) < 800  # sorted: bins of equal mass in file order would see 0 and 1
    (only,) = bins(confidence, correct, mass_edges(confidence))
    assert (only.n, only.accuracy, only.accuracy_interval) == (1000, 0.8, wilson(800, 1000))
    assert expected_calibration_error((only,)) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("correct", "n", "expected"),
    [
        pytest.param(0, 0, None, id="nothing"),
        pytest.param(0, 1, (0.0, 0.793450), id="one-wrong"),
        pytest.param(1, 1, (0.206549, 1.0), id="one-right"),
        pytest.param(81, 263, (0.255289, 0.366210), id="newcombe-1998"),
        pytest.param(0, 20, (0.0, 0.161125), id="newcombe-1998-none"),
    ],
)
def test_wilson(correct: int, n: int, expected: tuple[float, float] | None) -> None:
    found = wilson(correct, n)
    assert found == (None if expected is None else pytest.approx(expected, abs=1e-5))


def test_trust_at_a_target() -> None:
    confidence = np.array([0.9, 0.8, 0.8, 0.7, 0.6], np.float32)
    correct = np.array([True, True, False, True, False])
    curve = RiskCoverageCurve(confidence, correct, total=10)  # five rows have no label
    assert curve.at(0.25).target_error == 0.25
    found = curve.at(0.25).trust
    assert found is not None
    assert (found.threshold, found.errors, found.error) == (0.7, 1, 0.25)
    assert (found.coverage, found.to_person) == (0.4, 0.6)
    strict = curve.at(0.1).trust  # 0.8 cannot be split: one of its two rows is wrong
    assert strict is not None
    assert (strict.threshold, strict.errors) == (0.9, 0)
    assert [point.coverage for point in curve.points()] == [0.1, 0.3, 0.4, 0.5]


def test_the_curve_is_thinned_out_from_end_to_end() -> None:
    n = 1000
    falling = np.linspace(1, 0.5, n, dtype=np.float32)
    points = RiskCoverageCurve(falling, np.ones(n, bool), total=n).points()
    assert len(points) == CURVE_POINTS
    assert (points[0].coverage, points[-1].coverage) == (1 / n, 1)


def test_nothing_to_trust() -> None:
    wrong = RiskCoverageCurve(np.array([0.9], np.float32), np.array([False]), total=1)
    assert wrong.at(0.01).trust is None
    empty = RiskCoverageCurve(np.empty(0, np.float32), np.empty(0, bool), total=3)
    assert empty.at(0.01).trust is None
    assert empty.points() == ()
