"""Every figure against scikit-learn, and sense in the degenerate cases."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from batch_predict.evaluate import evaluate
from batch_predict.evaluate.cases import MOST_CASES
from batch_predict.evaluate.evaluation import NONE, Scored
from batch_predict.records import CLASSES
from tests.scored import drawn, scored

DIGITS = list(range(CLASSES))


def test_every_figure_is_scikit_learns() -> None:
    truth, probabilities = drawn(3000)
    label = probabilities.argmax(axis=1)
    written = probabilities.round(6).astype(np.float32)
    found = evaluate(scored(truth, label, probabilities.max(axis=1), written))

    assert found.counts.accuracy == metrics.accuracy_score(truth, label)
    assert found.confusion_matrix == tuple(
        map(tuple, metrics.confusion_matrix(truth, label, labels=DIGITS))
    )
    columns = metrics.precision_recall_fscore_support(truth, label, labels=DIGITS)
    for at, name in enumerate(("precision", "recall", "f1", "support")):
        assert [getattr(each, name) for each in found.per_digit] == columns[at].tolist()
    brier = metrics.brier_score_loss(truth, probabilities, labels=DIGITS)
    assert found.calibration.brier == pytest.approx(brier, abs=1e-5)
    log_loss = metrics.log_loss(truth, probabilities, labels=DIGITS)
    assert found.calibration.log_loss == pytest.approx(log_loss, abs=1e-5)


def test_a_row_without_a_label_is_an_error_and_one_without_truth_is_nothing() -> None:
    counts = evaluate(scored([1, 2, 3, NONE], [1, 9, NONE, 4])).counts
    assert (counts.rows, counts.n, counts.n_scored, counts.n_correct) == (4, 3, 2, 1)
    assert (counts.n_ok, counts.n_failed) == (2, 1)
    assert (counts.accuracy, counts.accuracy_scored) == (1 / 3, 1 / 2)


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
    assert len(found.per_digit) == CLASSES


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


def test_lists_are_bounded() -> None:
    found = evaluate(scored([1] * 2000, [2] * 1000 + [NONE] * 1000)).cases
    assert {len(listed) for listed in vars(found).values()} == {MOST_CASES}


def test_a_bad_scanner_shows() -> None:
    n = 400
    scanner = pd.Categorical(np.where(np.arange(n) < 100, "bad", "good"))
    label = np.where((np.arange(n) < 100) & (np.arange(n) % 5 == 0), 2, 1)
    columns = scored([1] * n, label.tolist())
    found = evaluate(
        Scored(columns.label, columns.confidence, columns.status, columns.truth,
               groups={"scanner": scanner})
    )  # fmt: skip
    bad, good = found.groups["scanner"]
    assert (bad.name, bad.n, bad.accuracy, bad.below_the_rest) == ("bad", 100, 0.8, True)
    assert (good.name, good.accuracy, good.below_the_rest) == ("good", 1.0, False)


def test_a_right_label_is_no_confusion() -> None:
    assert evaluate(scored([1, 1, 2], [1, 1, 2])).top_confusions == ()
    (only,) = evaluate(scored([1, 1, 2], [1, 7, 2])).top_confusions
    assert (only.truth, only.label, only.count) == (1, 7, 1)
