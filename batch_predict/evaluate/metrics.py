"""Computes an Evaluation by scikit-learn and SciPy. Pure: no file is read or written."""

import warnings
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.evaluate.breakdown import accuracy_by_group
from batch_predict.evaluate.cases import Mask, find_cases
from batch_predict.evaluate.evaluation import (
    NONE,
    STATUSES,
    Calibration,
    Confusion,
    Counts,
    DigitMetrics,
    Evaluation,
    Scored,
)
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
from batch_predict.records import CLASSES, DECIMALS, Status

TOP_CONFUSIONS: Final = 10


def evaluate(scored: Scored) -> Evaluation:
    """Every figure of the report; defined for no truth, one row, none right and all right too."""
    with warnings.catch_warnings():
        # joblib, which comes with it, says so where a machine has no shared memory; none is used
        warnings.filterwarnings("ignore", ".*joblib will operate in serial mode", UserWarning)
        from sklearn.metrics import confusion_matrix

    has_truth = scored.truth != NONE
    has_both = has_truth & (scored.label != NONE)
    right = has_both & (scored.label == scored.truth)
    truth, label = scored.truth[has_both], scored.label[has_both]
    matrix = np.zeros((CLASSES, CLASSES), int)
    if len(truth):
        matrix = confusion_matrix(truth, label, labels=range(CLASSES))
    without = np.bincount(scored.truth[has_truth & ~has_both], minlength=CLASSES)
    return Evaluation(
        counts=_counts(scored, has_truth, has_both, right),
        confusion_matrix=tuple(tuple(row) for row in matrix.tolist()),
        without_label_by_digit=tuple(without.tolist()),
        per_digit=_per_digit(truth, label, matrix.diagonal()),
        top_confusions=_top_confusions(matrix),
        calibration=_calibration(scored, has_truth, has_both, right),
        cases=find_cases(scored, has_truth, has_both, right),
        by_folder=(
            ()
            if scored.by_folder is None
            else accuracy_by_group(scored.by_folder, has_truth, right)
        ),
        by_column={
            name: accuracy_by_group(column, has_truth, right)
            for name, column in scored.by_column.items()
        },
    )


def _counts(scored: Scored, has_truth: Mask, has_both: Mask, right: Mask) -> Counts:
    n, n_scored, n_correct = (int(mask.sum()) for mask in (has_truth, has_both, right))
    is_ok = scored.status == STATUSES.index(Status.OK)
    n_silent = int((has_truth & is_ok & ~right).sum())
    by_status = np.bincount(scored.status[has_truth], minlength=len(STATUSES)).tolist()
    return Counts(
        rows=len(has_truth),
        n=n,
        **{f"n_{status}": by_status[at] for at, status in enumerate(STATUSES)},
        n_scored=n_scored,
        n_correct=n_correct,
        accuracy=n_correct / n if n else None,
        accuracy_interval=wilson(n_correct, n),
        accuracy_scored=n_correct / n_scored if n_scored else None,
        accuracy_scored_interval=wilson(n_correct, n_scored),
        silently_wrong=n_silent / n if n else None,
        silently_wrong_interval=wilson(n_silent, n),
    )


def _calibration(scored: Scored, has_truth: Mask, has_both: Mask, right: Mask) -> Calibration:
    confidence, correct = scored.confidence[has_both], right[has_both]
    equal_mass = bins(confidence, correct, mass_edges(confidence)) if len(confidence) else ()
    equal_width = bins(confidence, correct, width_edges())
    trust = RiskCoverageCurve(confidence, correct, int(has_truth.sum()))
    risk = _generalized_risk(scored, has_truth, right)
    brier, log_loss = _probability_scores(scored, has_both)
    return Calibration(
        ece=expected_calibration_error(equal_mass),
        ece_equal_width=expected_calibration_error(equal_width),
        brier=brier,
        log_loss=log_loss,
        reliability=equal_width,
        coverage=tuple(trust.at(target) for target in TARGET_ERRORS),
        coverage_curve=trust.points(),
        augrc=risk.area,
        risk_at_coverage=risk.at(COVERAGES),
        risk_curve=risk.points(),
    )


def _generalized_risk(scored: Scored, has_truth: Mask, right: Mask) -> GeneralizedRiskCurve:
    """Over the rows with truth that were answered: "nothing is written" is an answer, too.

    It comes without a confidence and is wrong where there is truth. As confidence 0 it is the last
    to be trusted: a blank row has no label, so nobody takes it for one.
    """
    answered = has_truth & (scored.status != STATUSES.index(Status.FAILED))
    confidence = scored.confidence[answered]
    is_blank = scored.label[answered] == NONE
    return GeneralizedRiskCurve(np.where(is_blank, np.float32(0), confidence), right[answered])


def _per_digit(
    truth: NDArray[np.int8], label: NDArray[np.int8], right: NDArray[np.int_]
) -> tuple[DigitMetrics, ...]:
    from sklearn.metrics import precision_recall_fscore_support

    if not len(truth):
        return tuple(DigitMetrics(digit, None, None, None, None, 0) for digit in range(CLASSES))
    columns = precision_recall_fscore_support(
        truth, label, labels=range(CLASSES), zero_division=np.nan
    )
    precisions, recalls, f1s = (
        [None if np.isnan(figure) else float(figure) for figure in column] for column in columns[:3]
    )
    supports = [int(support) for support in columns[3]]
    intervals = map(wilson, right.tolist(), supports)
    return tuple(map(DigitMetrics, range(CLASSES), precisions, recalls, intervals, f1s, supports))


def _top_confusions(matrix: NDArray[np.int_]) -> tuple[Confusion, ...]:
    off_diagonal = matrix * (1 - np.eye(CLASSES, dtype=int))
    order = np.argsort(-off_diagonal, axis=None, kind="stable")[:TOP_CONFUSIONS]
    pairs = zip(*np.unravel_index(order, matrix.shape), strict=True)
    return tuple(
        Confusion(int(t), int(p), int(matrix[t, p])) for t, p in pairs if off_diagonal[t, p]
    )


def _probability_scores(scored: Scored, has_both: Mask) -> tuple[float | None, float | None]:
    """Brier score over the ten classes (0 to 2) and log loss (nats)."""
    from sklearn.metrics import brier_score_loss, log_loss

    if scored.probabilities is None or not has_both.any():
        return None, None
    probabilities = scored.probabilities[has_both].astype(np.float64).round(DECIMALS).clip(0, 1)
    probabilities /= probabilities.sum(axis=1, keepdims=True)  # as written: 1 within 5e-6
    truth = scored.truth[has_both]
    return (
        float(brier_score_loss(truth, probabilities, labels=range(CLASSES))),
        float(log_loss(truth, probabilities, labels=range(CLASSES))),
    )
