"""Calibration, against scikit-learn, SciPy and known truths."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve

from batch_predict.evaluate.reliability import (
    BINS,
    bins,
    expected_calibration_error,
    mass_edges,
    rows_for_upper,
    width_edges,
    wilson,
    wilson_upper,
)

N = 200_000


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
def test_bins_are_scikit_learns(strategy: str) -> None:
    rng = np.random.default_rng(0)
    confidence = rng.beta(2, 1, 5000).astype(np.float32)
    correct = rng.random(5000) < confidence
    edges = width_edges() if strategy == "uniform" else mass_edges(confidence)
    found = bins(confidence, correct, edges)
    given = confidence.astype(np.float64)
    accuracy, mean = calibration_curve(correct, given, n_bins=BINS, strategy=strategy)
    np.testing.assert_allclose([each.accuracy for each in found], accuracy, rtol=1e-9)
    np.testing.assert_allclose([each.confidence for each in found], mean, rtol=1e-9)
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


@given(st.integers(1, 10_000_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_is_scipys(counts: tuple[int, int]) -> None:
    theirs = binomtest(*counts).proportion_ci(method="wilson")
    assert wilson(*counts) == pytest.approx(tuple(theirs), rel=1e-9)


@given(st.integers(1, 5000), st.floats(0, 1))
@settings(max_examples=50, derandomize=True)
def test_many_upper_ends_at_once(n: int, share: float) -> None:
    k = round(n * share)
    interval = wilson(k, n)
    assert interval is not None
    assert wilson_upper(np.array([k]), np.array([n]))[0] == pytest.approx(interval[1], rel=1e-12)


@pytest.mark.parametrize("share", [0.01, 0.005, 0.001])
def test_the_fewest_rows_without_an_error(share: float) -> None:
    n = rows_for_upper(share)
    fewer, enough = (wilson(0, each) for each in (n - 1, n))
    assert fewer is not None
    assert enough is not None
    assert enough[1] <= share < fewer[1]
