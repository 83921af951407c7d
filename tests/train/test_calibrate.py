import numpy as np
import pytest

from train.calibrate import REVIEW_SHARE, best_temperature, calibration_error, review_threshold


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_of_the_answers_is_found(temperature):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (20_000, 10))
    odds = np.exp(logits / temperature)
    chosen = (
        odds.cumsum(axis=1) / odds.sum(axis=1, keepdims=True) > rng.random((20_000, 1))
    ).argmax(axis=1)
    assert best_temperature(logits, chosen) == pytest.approx(temperature, rel=0.05)


def answers(confidence):
    rest = (1 - confidence) / 9
    probabilities = np.repeat(rest[:, None], 10, axis=1)
    probabilities[:, 0] = confidence
    return probabilities.astype(np.float32)


def test_the_review_share_lies_below_the_threshold():
    probabilities = answers(np.linspace(0.5, 1, 10_001))
    below = (probabilities.max(axis=1) < review_threshold(probabilities)).mean()
    assert below == pytest.approx(REVIEW_SHARE, abs=2e-4)


@pytest.mark.parametrize(
    ("confidence", "right", "error"),
    [
        pytest.param(0.75, 0.75, 0.0, id="means what it says"),
        pytest.param(0.9, 0.75, 0.15, id="too sure"),
    ],
)
def test_calibration_error_is_the_gap(confidence, right, error):
    labels = (np.arange(1000) >= 1000 * right).astype(np.uint8)
    assert calibration_error(answers(np.full(1000, confidence)), labels) == pytest.approx(
        error, abs=1e-6
    )
