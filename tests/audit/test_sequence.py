import math

import numpy as np
import pytest

from batch_predict.audit.interval import interval
from batch_predict.audit.sequence import anytime_interval
from tests.audit.simulated import KINDS, coverage_when_stopped, run_of


@pytest.mark.parametrize(
    ("events", "drawn", "size", "ends"),
    [
        pytest.param(0, 0, 10, (0, 1), id="nothing drawn"),
        pytest.param(3, 10, 10, (0.3, 0.3), id="all drawn"),
        pytest.param(0, 9, 10, (0, 0.1), id="one left"),
    ],
)
def test_ends(events: int, drawn: int, size: int, ends: tuple[float, float]) -> None:
    low, high = anytime_interval([events], [events], [drawn], [size], [0.1])
    assert (float(low), float(high)) == pytest.approx(ends)


def _capital(draws: list[int], size: int, count: int, a: float, b: float) -> float:
    """What bets against `count` of `size` make of 1, one after the other (2010.09686, 5)."""
    capital, ones = 1.0, 0
    for at, draw in enumerate(draws):
        mean = (count - ones) / (size - at)
        predicted = (a + ones) / (a + b + at)
        if 0 < mean < 1:
            capital *= 1 + (predicted - mean) / (mean * (1 - mean)) * (draw - mean)
        elif mean == draw:  # no other draw was possible
            capital *= predicted if draw else 1 - predicted
        else:
            return math.inf
        ones += draw
    return capital


def test_it_is_what_bets_without_replacement_leave() -> None:
    draws, size, expected = [0, 1, 0, 0, 0, 0, 1, *[0] * 20], 60, 0.1
    priors = ((0.5, 0.5 * (1 - expected) / expected), (0.5, 0.5))
    capital = [sum(_capital(draws, size, k, *p) for p in priors) / 2 for k in range(size + 1)]
    left = [count for count, made in enumerate(capital) if made < 1 / 0.05]
    low, high = anytime_interval([2], [2], [len(draws)], [size], [expected])
    assert (float(low) * size, float(high) * size) == pytest.approx((left[0], left[-1]))


def test_it_is_wider_than_the_fixed_one_and_what_is_expected_makes_it_narrower() -> None:
    drawn, sizes = np.array([400]), np.array([100_000])
    _, fixed = interval([0], [0], drawn, sizes)
    _, informed = anytime_interval([0], [0], drawn, sizes, [0.002])
    _, misled = anytime_interval([0], [0], drawn, sizes, [0.5])
    assert fixed < informed < misled


def test_it_holds_at_every_number_of_answers() -> None:
    held, _, _ = coverage_when_stopped(run_of("everywhere alike", 0.9, 50), audits=6)
    assert held >= 0.95


@pytest.mark.slow
@pytest.mark.no_cover  # the quick ones run the same lines
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("accuracy", [0.9, 0.99])
def test_it_does_so_wherever_the_errors_are(kind: str, accuracy: float) -> None:
    held, _, _ = coverage_when_stopped(run_of(kind, accuracy, 100), audits=60)
    assert held >= 0.95
