import pytest

from train.checkpoint import Progress
from train.schedule import rate, share


@pytest.mark.parametrize(
    ("seconds", "steps", "expected"),
    [
        pytest.param(60, 0, 0.5, id="by the clock"),
        pytest.param(0, 400, 0.25, id="by steps"),
        pytest.param(10, 0, 1.0, id="over"),
    ],
)
def test_how_far_a_training_is(seconds, steps, expected):
    assert share(Progress(seconds=30, steps=100), seconds, steps) == expected


@pytest.mark.parametrize(("done", "expected"), [(0.0, 0.02), (0.5, 0.5), (1.0, 0.0)])
def test_the_rate_rises_and_falls(done, expected):
    assert rate(done, top=3e-3) == pytest.approx(3e-3 * expected, abs=1e-9)
