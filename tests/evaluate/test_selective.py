"""What may be trusted, worked out by hand, and what holds of any rows."""

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from batch_predict.evaluate.reliability import wilson
from batch_predict.evaluate.selective import (
    COVERAGES,
    CURVE_POINTS,
    GeneralizedRiskCurve,
    RiskCoverageCurve,
)

Rows = list[tuple[int, bool]]  # confidence in percent, and whether the label is right
#: few confidences, so that many rows have the same
ROWS: Any = st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=1, max_size=30)

QUICK = settings(max_examples=50, derandomize=True)


def curve(rows: Rows) -> GeneralizedRiskCurve:
    return GeneralizedRiskCurve(*columns(rows))


def columns(rows: Rows) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    confidence, correct = zip(*rows, strict=True)
    return np.array(confidence, np.float32) / np.float32(100), np.array(correct, bool)


def area(rows: Rows) -> float:
    found = curve(rows).area
    assert found is not None
    return found


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


@pytest.mark.parametrize(
    ("rows", "wrong", "bounded", "too_few"),
    [
        pytest.param(380, 0, False, True, id="none-wrong-of-too-few"),
        pytest.param(381, 0, True, False, id="none-wrong-of-just-enough"),
        pytest.param(381, 1, False, False, id="one-wrong"),
        pytest.param(2000, 10, True, False, id="enough"),
    ],
)
def test_the_bound_goes_by_the_upper_end(
    rows: int, wrong: int, bounded: bool, too_few: bool
) -> None:
    curve = RiskCoverageCurve(np.full(rows, 0.9, np.float32), np.arange(rows) >= wrong, rows)
    found = curve.at(0.01)
    assert found.trust is not None
    assert (found.bounded is not None, found.too_few_rows) == (bounded, too_few)
    assert found.rows_needed == 381
    if found.bounded:
        assert found.bounded.error_interval == wilson(wrong, rows)


RIGHT, WRONG = True, False
#: two of the five are wrong: the second surest and the last
BY_HAND: Rows = [(90, RIGHT), (80, WRONG), (70, RIGHT), (60, RIGHT), (50, WRONG)]


def test_augrc_worked_out_by_hand() -> None:
    """Trusted and wrong are 0, 1, 1, 1, 2 of the five, as one row after the other is trusted.

    The five trapezia between them have the mean heights 0, 0.1, 0.2, 0.2, 0.3 and the width 0.2.
    """
    points = curve(BY_HAND).points()
    assert [each.coverage for each in points] == [0.2, 0.4, 0.6, 0.8, 1]
    assert [each.generalized_risk for each in points] == [0, 0.2, 0.2, 0.2, 0.4]
    selective = [each.selective_risk for each in points]
    assert selective == pytest.approx([0, 1 / 2, 1 / 3, 1 / 4, 2 / 5])
    assert area(BY_HAND) == pytest.approx(0.2 * (0 + 0.1 + 0.2 + 0.2 + 0.3))


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param([(90, RIGHT)] * 3, 0, id="all-right"),
        pytest.param([(90, WRONG)] * 3, 1 / 2, id="all-wrong"),
        pytest.param([(90, RIGHT)] * 3 + [(10, WRONG)], 1 / 32, id="errors-last"),
        pytest.param([(90, WRONG)] + [(10, RIGHT)] * 3, 7 / 32, id="errors-first"),
        pytest.param([(90, RIGHT)] * 3 + [(90, WRONG)], 1 / 8, id="one-confidence-for-all"),
        pytest.param([(90, RIGHT), (0, WRONG)], 1 / 8, id="a-blank-one-comes-last"),
    ],
)
def test_augrc(rows: Rows, expected: float) -> None:
    assert area(rows) == pytest.approx(expected)


def test_the_risk_at_a_coverage_within_equals_is_expected() -> None:
    """Of four equals one is wrong: of any two of them, half a one is expected to be."""
    rows = [(90, RIGHT), *[(80, RIGHT)] * 3, (80, WRONG)]
    most, whole = curve(rows).at((0.6, 1.0))
    assert (most.generalized_risk, most.selective_risk) == pytest.approx((0.5 / 5, 0.5 / 3))
    assert (whole.generalized_risk, whole.selective_risk) == pytest.approx((1 / 5, 1 / 5))


def test_no_row_has_no_risk() -> None:
    none = GeneralizedRiskCurve(np.empty(0, np.float32), np.empty(0, bool))
    assert (none.area, none.at(COVERAGES), none.points()) == (None, (), ())


def test_the_generalized_curve_is_thinned_out_from_end_to_end() -> None:
    n = 1000
    falling = np.linspace(1, 0.5, n, dtype=np.float32)
    points = GeneralizedRiskCurve(falling, np.arange(n) % 2 == 0).points()
    assert len(points) == CURVE_POINTS
    assert (points[0].coverage, points[-1].coverage) == (1 / n, 1)
    assert points[-1].generalized_risk == 0.5


@QUICK
@given(ROWS)
def test_augrc_is_auroc_and_accuracy(rows: Rows) -> None:
    """(1 - AUROC) a (1 - a) + (1 - a)^2 / 2 with accuracy a, as the paper has it."""
    confidence, correct = columns(rows)
    error = 1 - correct.mean()
    misranked = 0.0
    if 0 < error < 1:
        misranked = (1 - roc_auc_score(correct, confidence)) * (1 - error) * error
    assert area(rows) == pytest.approx(misranked + error**2 / 2, rel=1e-9, abs=1e-12)


@QUICK
@given(ROWS)
def test_risks_are_within_their_bounds(rows: Rows) -> None:
    error = np.mean([not right for _, right in rows])
    assert error**2 / 2 - 1e-12 <= area(rows) <= error - error**2 / 2 + 1e-12
    points = curve(rows).points()
    generalized = [each.generalized_risk for each in points]
    assert generalized == sorted(generalized)
    assert generalized[-1] == pytest.approx(error)
    for each in (*points, *curve(rows).at(COVERAGES)):
        assert 0 <= each.generalized_risk <= each.coverage <= 1
        assert 0 <= each.selective_risk <= 1
        assert each.selective_risk * each.coverage == pytest.approx(each.generalized_risk)


@QUICK
@given(ROWS, st.sampled_from([np.sqrt, np.square, np.expm1]), st.randoms())
def test_only_the_order_of_the_confidences_counts(
    rows: Rows, monotone: Any, any_order: Any
) -> None:
    confidence, correct = columns(rows)
    shuffled = list(range(len(rows)))
    any_order.shuffle(shuffled)
    moved = GeneralizedRiskCurve(monotone(confidence)[shuffled], correct[shuffled])
    assert (moved.area, moved.points()) == (curve(rows).area, curve(rows).points())


@QUICK
@given(st.lists(st.booleans(), min_size=2, max_size=5))
def test_equal_confidences_count_as_the_mean_over_their_orders(rights: list[bool]) -> None:
    orders = [
        area([(90 - place, right) for place, right in enumerate(order)])
        for order in permutations(rights)
    ]
    assert area([(50, right) for right in rights]) == pytest.approx(np.mean(orders))
