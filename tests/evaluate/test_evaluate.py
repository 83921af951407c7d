"""Every figure against scikit-learn's, and sense in the degenerate cases."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics

from batch_predict.evaluate import evaluate
from batch_predict.evaluate.breakdown import MOST_GROUPS
from batch_predict.evaluate.cases import MOST_CASES
from batch_predict.evaluate.evaluation import Case, Group, Grouping, Scored
from batch_predict.evaluate.reliability import (
    bins,
    expected_calibration_error,
    mass_edges,
    width_edges,
    wilson,
)
from batch_predict.evaluate.selective import (
    COVERAGES,
    TARGET_ERRORS,
    GeneralizedRiskCurve,
    RiskCoverageCurve,
)
from batch_predict.records import CLASSES, Status
from batch_predict.rows import NONE, STATUSES
from tests.support.scored import drawn, scored

DIGITS = list(range(CLASSES))


@st.composite
def rows(draw: st.DrawFn) -> tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.float32]]:
    """Truths (n,), labels (n,) and probabilities (n, 10) with six decimals, as a CSV has them."""
    n = draw(st.integers(1, 60))
    digits = st.lists(st.integers(0, draw(st.integers(0, CLASSES - 1))), min_size=n, max_size=n)
    truth, label = np.array(draw(digits), np.int8), np.array(draw(digits), np.int8)
    sharpness = draw(st.sampled_from([0.0, 1.0, 5.0, 60.0]))
    _, probabilities = drawn(n, draw(st.integers(0, 99)), sharpness)
    return truth, label, probabilities.round(6).astype(np.float32)


@settings(max_examples=40, derandomize=True)
@given(rows())
@pytest.mark.filterwarnings("ignore:The y_prob values do not sum to one")
def test_every_figure_is_scikit_learns(
    columns: tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.float32]],
) -> None:
    truth, label, written = columns
    found = evaluate(scored(truth, label, written.max(axis=1), written))
    assert found.counts.accuracy == pytest.approx(metrics.accuracy_score(truth, label), rel=1e-9)
    assert found.confusion_matrix == tuple(
        map(tuple, metrics.confusion_matrix(truth, label, labels=DIGITS))
    )
    figures = metrics.precision_recall_fscore_support(
        truth, label, labels=DIGITS, zero_division=np.nan
    )
    for at, name in enumerate(("precision", "recall", "f1", "support")):
        ours = np.array([getattr(each, name) for each in found.per_digit], float)
        np.testing.assert_allclose(ours, figures[at], rtol=1e-9)
    probabilities = written.astype(float).round(6)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    brier = metrics.brier_score_loss(truth, probabilities, labels=DIGITS)
    assert found.calibration.brier == pytest.approx(brier, rel=1e-9, abs=1e-18)
    log_loss = metrics.log_loss(truth, probabilities, labels=DIGITS)
    assert found.calibration.log_loss == pytest.approx(log_loss, rel=1e-9, abs=1e-15)


def test_more_rows_than_a_block_of_probabilities(monkeypatch: pytest.MonkeyPatch) -> None:
    truth, probabilities = drawn(100)
    truth[:40] = NONE  # a block may have no row with truth
    columns = scored(truth, truth, probabilities.max(axis=1), probabilities.astype(np.float32))
    whole = evaluate(columns).calibration
    monkeypatch.setattr("batch_predict.evaluate.metrics.BLOCK_ROWS", 30)
    blocks = evaluate(columns).calibration
    assert blocks.brier == pytest.approx(whole.brier, rel=1e-12)
    assert blocks.log_loss == pytest.approx(whole.log_loss, rel=1e-12)


def test_probabilities_a_little_outside_0_to_1() -> None:
    """As a model's outputs, or another program's, may be within the tolerance."""
    ten = np.array([[-0.0009, 1.0009, *[0.0] * 8]], np.float32)
    found = evaluate(scored([1], [1], [1.0], ten)).calibration
    assert (found.brier, found.log_loss) == (0, pytest.approx(0, abs=1e-6))


def test_every_figure_of_the_confidence() -> None:
    truth, probabilities = drawn(3000)
    label, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1).astype(np.float32)
    with_others = scored(
        [*truth, 1, NONE], [*label, NONE, 1], [*confidence, 0.5, 0.5]
    )  # a row without a label, one without truth
    found = evaluate(with_others).calibration
    right = label == truth
    by_mass, by_width = (
        bins(confidence, right, edges) for edges in (mass_edges(confidence), width_edges())
    )
    assert found.ece == expected_calibration_error(by_mass)
    assert found.ece_equal_width == expected_calibration_error(by_width)
    assert found.reliability == by_width
    curve = RiskCoverageCurve(confidence, right, 3001)
    assert found.coverage == tuple(map(curve.at, TARGET_ERRORS))
    assert found.coverage_curve == curve.points()
    risk = GeneralizedRiskCurve(confidence, right)  # a failed row has no answer
    assert (found.augrc, found.risk_curve) == (risk.area, risk.points())
    assert found.risk_at_coverage == risk.at(COVERAGES)


def test_a_blank_row_is_an_error_that_is_trusted_last() -> None:
    columns = scored([1, 2, 3, 4], [1, NONE, 3, NONE], [0.6, 0.9, 0.001, 0.9])
    columns.status[1] = STATUSES.index(Status.BLANK)  # row 3 failed
    found = evaluate(columns).calibration
    curve = [(each.coverage, each.generalized_risk) for each in found.risk_curve]
    assert curve == [(1 / 3, 0), (2 / 3, 0), (1, 1 / 3)]


def test_a_row_without_a_label_is_an_error_and_one_without_truth_is_nothing() -> None:
    found = evaluate(scored([1, 2, 3, NONE], [1, 9, NONE, 4]))
    counts = found.counts
    assert (counts.rows, counts.n, counts.n_scored, counts.n_correct) == (4, 3, 2, 1)
    assert (counts.n_ok, counts.n_failed) == (2, 1)
    assert (counts.accuracy, counts.accuracy_scored) == (1 / 3, 1 / 2)
    assert counts.accuracy_interval == wilson(1, 3)
    assert counts.accuracy_scored_interval == wilson(1, 2)
    assert (counts.silently_wrong, counts.silently_wrong_interval) == (1 / 3, wilson(1, 3))
    assert (counts.errors_among_ok, counts.errors_among_ok_interval) == (1 / 2, wilson(1, 2))
    assert (counts.n_wrong, counts.n_caught) == (1, 0)
    rows = {each.status: (each.rows, each.n, each.correct) for each in counts.by_status}
    assert rows[Status.OK] == (3, 2, 1)
    assert rows[Status.FAILED] == (1, 1, 0)
    assert sum(each.rows for each in counts.by_status) == counts.rows
    assert found.without_label_by_digit == (0, 0, 0, 1, 0, 0, 0, 0, 0, 0)
    assert found.cases.without_label == (Case(2, 3, None, None, None, Status.FAILED),)


@pytest.mark.parametrize(
    ("truth", "label", "accuracy"),
    [
        pytest.param([], [], None, id="no-row"),
        pytest.param([NONE, NONE], [1, 2], None, id="no-truth"),
        pytest.param([3], [3], 1.0, id="one-right"),
        pytest.param([3], [4], 0.0, id="one-wrong"),
        pytest.param([3, 4], [NONE, NONE], 0.0, id="no-label"),
        pytest.param([0, 1, 2] * 9, [0, 1, 2] * 9, 1.0, id="three-digits-all-right"),
        pytest.param(DIGITS, [*DIGITS[1:], 0], 0.0, id="none-right"),
    ],
)
def test_degenerate(truth: list[int], label: list[int], accuracy: float | None) -> None:
    found = evaluate(scored(truth, label))
    assert found.counts.accuracy == accuracy
    assert [each.digit for each in found.per_digit] == DIGITS
    assert sum(each.support for each in found.per_digit) == found.counts.n_scored


def test_an_error_in_review_is_caught_and_no_ok_row_has_no_error() -> None:
    columns = scored([1, 2, 3], [1, 9, 9])
    columns.status[:] = STATUSES.index(Status.REVIEW)
    counts = evaluate(columns).counts
    assert (counts.n_wrong, counts.n_caught) == (2, 2)
    assert (counts.errors_among_ok, counts.errors_among_ok_interval) == (None, None)


def decided(model: int, written: int, truth: int) -> Scored:
    """Three rows: right and ok, right and in review, and one that a person decided."""
    columns = scored([1, 2, truth], [1, 2, model])
    status = [STATUSES.index(each) for each in (Status.OK, Status.REVIEW, Status.DECIDED)]
    labels = np.array([1, 2, written], np.int8)
    return replace(columns, status=np.array(status, np.int8), written=labels)


@pytest.mark.parametrize(
    ("model", "written", "truth", "right", "after", "caught"),
    [
        pytest.param(4, 3, 3, 2, 3, 1, id="a-person-is-right"),
        pytest.param(3, 4, 3, 3, 2, 0, id="a-person-is-wrong"),
        pytest.param(4, NONE, 3, 2, 2, 1, id="a-person-finds-no-digit"),
        pytest.param(NONE, 3, 3, 2, 3, 0, id="the-model-had-no-answer"),
        pytest.param(4, 3, NONE, 2, None, 0, id="a-decision-is-no-truth"),
    ],
)
def test_a_decision_is_not_the_models_merit(
    model: int, written: int, truth: int, right: int, after: int | None, caught: int
) -> None:
    found = evaluate(decided(model, written, truth))
    counts, n = found.counts, 3 - (truth == NONE)
    assert (counts.n, counts.n_correct, counts.n_caught) == (n, right, caught)
    assert counts.accuracy_after_decisions == (None if after is None else after / 3)
    within = None if after is None else wilson(after, 3)
    assert counts.accuracy_after_decisions_interval == within
    assert (counts.errors_among_ok, counts.silently_wrong) == (0, 0)
    assert sum(map(sum, found.confusion_matrix)) == n - (model == NONE)


def test_no_threshold_below_the_runs_own_is_recommended() -> None:
    confidence = [0.95] * 1000 + [0.5] * 1000
    columns = scored([1] * 2000, [1] * 2000, confidence)
    found = [evaluate(columns, below).calibration.coverage[0] for below in (None, 0.95)]
    assert [each.bounded and each.bounded.threshold for each in found] == [0.5, 0.95]
    assert [each.trust and each.trust.threshold for each in found] == [0.5, 0.5]


def test_a_digit_that_never_occurs_has_no_figures() -> None:
    digit = evaluate(scored([0, 1], [0, 1])).per_digit[7]
    assert (digit.precision, digit.recall, digit.recall_interval, digit.f1) == (None,) * 4
    assert digit.support == 0


@pytest.mark.parametrize("with_probabilities", [True, False])
def test_flipped_labels_are_suspected(with_probabilities: bool) -> None:
    truth, probabilities = drawn(10_000, sharpness=60)  # right in 98%
    rng = np.random.default_rng(2)
    flipped = rng.choice(len(truth), 150, replace=False)
    stated = truth.copy()
    stated[flipped] = (truth[flipped] + rng.integers(1, CLASSES, 150)) % CLASSES
    given = probabilities.astype(np.float32) if with_probabilities else None
    found = evaluate(scored(stated, probabilities.argmax(1), probabilities.max(1), given))
    first = {case.row for case in found.cases.suspected_label_errors[:200]}
    assert len(first & set(flipped.tolist())) >= 135


@pytest.mark.parametrize(
    ("given", "order"),
    [
        pytest.param(None, [1, 2, 0], id="confident-disagreement"),
        pytest.param([0.3, 0.02, 0.01], [2, 1, 0], id="probability-of-the-truth"),
    ],
)
def test_the_order_of_suspects(given: Sequence[float] | None, order: list[int]) -> None:
    confidence = [0.6, 0.9, 0.8, 0.99]
    probabilities = None
    if given is not None:
        probabilities = np.zeros((4, CLASSES), np.float32)
        probabilities[:, 5] = confidence
        probabilities[:3, 3] = given
    found = evaluate(scored([3, 3, 3, 5], [5, 5, 5, 5], confidence, probabilities)).cases
    assert [case.row for case in found.suspected_label_errors] == order
    assert [case.row for case in found.worst_mistakes] == [1, 2, 0]
    stated = None if given is None else given[1]
    assert found.worst_mistakes[0] == Case(1, 3, 5, 0.9, stated, Status.OK)


def test_lists_are_bounded_and_equals_in_the_rows_order() -> None:
    label = [2] * (2 * MOST_CASES) + [NONE] * 1000
    found = evaluate(scored([1] * len(label), label, [0.8, 0.9] * (len(label) // 2))).cases
    rows = {kind: [case.row for case in listed] for kind, listed in vars(found).items()}
    first = np.arange(MOST_CASES)
    assert rows.pop("without_label") == (2 * MOST_CASES + first).tolist()
    assert list(rows.values()) == [(2 * first + 1).tolist()] * 2


def by_group(wrong: Mapping[str, int], n: int = 100, unused: str = "none") -> tuple[Group, ...]:
    """The breakdown of groups of `n` rows each, so many of them wrong."""
    codes = np.repeat(np.arange(len(wrong), dtype=np.int32), n)
    label = np.concatenate([np.where(np.arange(n) < errors, 2, 1) for errors in wrong.values()])
    column = Grouping([*wrong, unused], codes)
    columns = scored([1] * len(label), label.tolist())
    return evaluate(replace(columns, by_column={"scanner": column})).by_column["scanner"]


@pytest.mark.parametrize(
    ("wrong", "order", "below"),
    [
        pytest.param({"good": 0, "bad": 20}, ["bad", "good"], [True, False], id="surely-worse"),
        pytest.param({"good": 1, "bad": 5}, ["bad", "good"], [False, False], id="maybe-worse"),
        pytest.param({"good": 5, "bad": 9, "worst": 100}, ["worst", "bad", "good"],
                     [True, False, False], id="nothing-right"),
        pytest.param({"only": 100}, ["only"], [False], id="alone"),
    ],
)  # fmt: skip
def test_a_bad_scanner_shows(wrong: Mapping[str, int], order: list[str], below: list[bool]) -> None:
    found = by_group(wrong)
    assert [group.name for group in found] == order
    assert [group.below_the_rest for group in found] == below
    for group in found:
        right = 100 - wrong[group.name]
        assert (group.n, group.correct, group.accuracy) == (100, right, right / 100)
        assert group.accuracy_interval == wilson(right, 100)


def test_groups_are_bounded() -> None:
    found = by_group({f"{name:03d}": name == 230 for name in range(250)}, n=1)
    assert len(found) == MOST_GROUPS
    assert [group.name for group in found[:2]] == ["230", "000"]


def test_a_right_label_is_no_confusion() -> None:
    assert evaluate(scored([1, 1, 2], [1, 1, 2])).top_confusions == ()
    (only,) = evaluate(scored([1, 1, 2], [1, 7, 2])).top_confusions
    assert (only.truth, only.label, only.count) == (1, 7, 1)


def test_the_most_frequent_confusions_come_first_equals_by_digit() -> None:
    pairs = [(truth, label) for truth in (8, 3) for label in (7, 2, 6, 1, 5, 0)]
    truth, label = zip(*pairs, *[(9, 4)] * 2, strict=True)
    found = evaluate(scored(truth, label)).top_confusions
    assert [(each.truth, each.label) for each in found] == [(9, 4), *sorted(pairs)[:9]]
    assert [each.count for each in found] == [2] + [1] * 9
