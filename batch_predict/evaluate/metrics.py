"""Computes an Evaluation. Pure: no file is read or written."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.evaluate.breakdown import accuracy_by_group
from batch_predict.evaluate.cases import find_cases
from batch_predict.evaluate.evaluation import (
    LOOKED_AT,
    Calibration,
    Confusion,
    Counts,
    DigitMetrics,
    Evaluation,
    Mask,
    Scored,
    StatusCount,
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
from batch_predict.rows import NONE, STATUSES

TOP_CONFUSIONS: Final = 10
# Taken for a probability that is written as 0, or short of 1 for one of 1: as scikit-learn does.
LEAST_PROBABILITY: Final = float(np.finfo(np.float64).eps)
BLOCK_ROWS: Final = 65_536  # whose probabilities are in memory in double precision at a time
_LOOKED_AT: Final = list(map(STATUSES.index, LOOKED_AT))


def evaluate(scored: Scored, review_below: float | None = None) -> Evaluation:
    """Every figure of the report; defined for no truth, one row, none right and all right too.

    A decision is neither truth nor the model's merit: it counts for nothing but the accuracy after
    decisions.

    `review_below` is the confidence below which every row went to a person: no lower threshold is
    recommended.
    """
    has_truth = scored.truth != NONE
    has_both = has_truth & (scored.label != NONE)
    right = has_both & (scored.label == scored.truth)
    matrix = _confusion_matrix(scored.truth[has_both], scored.label[has_both])
    without = np.bincount(scored.truth[has_truth & ~has_both], minlength=CLASSES)
    return Evaluation(
        counts=_counts(scored, has_truth, has_both, right),
        confusion_matrix=tuple(tuple(row) for row in matrix.tolist()),
        without_label_by_digit=tuple(without.tolist()),
        per_digit=_per_digit(matrix),
        top_confusions=_top_confusions(matrix),
        calibration=_calibration(scored, has_truth, has_both, right, review_below or 0.0),
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
    by_status = _by_status(scored, has_truth, right)
    of = {each.status: each for each in by_status}
    n_ok, n_silent = of[Status.OK].n, of[Status.OK].n - of[Status.OK].correct
    n_decided = of[Status.DECIDED].n
    n_after = int((has_truth & (scored.written == scored.truth)).sum()) if n_decided else 0
    n_caught = int((has_both & ~right & np.isin(scored.status, _LOOKED_AT)).sum())
    return Counts(
        rows=len(has_truth),
        by_status=by_status,
        n=n,
        **{f"n_{each.status}": each.n for each in by_status},
        n_scored=n_scored,
        n_correct=n_correct,
        accuracy=_share(n_correct, n),
        accuracy_interval=wilson(n_correct, n),
        accuracy_scored=_share(n_correct, n_scored),
        accuracy_scored_interval=wilson(n_correct, n_scored),
        silently_wrong=_share(n_silent, n),
        silently_wrong_interval=wilson(n_silent, n),
        errors_among_ok=_share(n_silent, n_ok),
        errors_among_ok_interval=wilson(n_silent, n_ok),
        n_wrong=n_scored - n_correct,
        n_caught=n_caught,
        accuracy_after_decisions=_share(n_after, n) if n_decided else None,
        accuracy_after_decisions_interval=wilson(n_after, n) if n_decided else None,
    )


def _by_status(scored: Scored, has_truth: Mask, right: Mask) -> tuple[StatusCount, ...]:
    columns = (
        np.bincount(scored.status[mask], minlength=len(STATUSES)).tolist()
        for mask in (slice(None), has_truth, right)
    )
    return tuple(map(StatusCount, STATUSES, *columns))


def _calibration(
    scored: Scored, has_truth: Mask, has_both: Mask, right: Mask, review_below: float
) -> Calibration:
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
        coverage=tuple(trust.at(target, review_below) for target in TARGET_ERRORS),
        coverage_curve=trust.points(),
        augrc=risk.area,
        risk_at_coverage=risk.at(COVERAGES),
        risk_curve=risk.points(),
    )


def _generalized_risk(scored: Scored, has_truth: Mask, right: Mask) -> GeneralizedRiskCurve:
    """Over the rows with truth that were answered: "nothing is written" is an answer, too.

    It comes without a confidence and is wrong where there is truth. As confidence 0 it is the last
    to be trusted: a blank row has no label, so nobody takes it for one. Whether a decided row
    without the model's label was blank or failed is not known: it is left out.
    """
    has_label = scored.label != NONE
    answered = has_truth & (has_label | (scored.status == STATUSES.index(Status.BLANK)))
    confidence = scored.confidence[answered]
    is_blank = ~has_label[answered]
    return GeneralizedRiskCurve(np.where(is_blank, np.float32(0), confidence), right[answered])


def _confusion_matrix(truth: NDArray[np.int8], label: NDArray[np.int8]) -> NDArray[np.int_]:
    """(CLASSES, CLASSES) rows by truth and label, of `truth` and `label`, both (n,), 0 to 9."""
    pairs = truth.astype(np.intp) * CLASSES + label
    return np.bincount(pairs, minlength=CLASSES * CLASSES).reshape(CLASSES, CLASSES)


def _per_digit(matrix: NDArray[np.int_]) -> tuple[DigitMetrics, ...]:
    """Precision, recall and F1 (van Rijsbergen, Information Retrieval, 1979) from a matrix."""
    right = matrix.diagonal().tolist()
    labelled, stated = matrix.sum(axis=0).tolist(), matrix.sum(axis=1).tolist()
    return tuple(
        DigitMetrics(
            digit,
            _share(right[digit], labelled[digit]),
            _share(right[digit], stated[digit]),
            wilson(right[digit], stated[digit]),
            _share(2 * right[digit], labelled[digit] + stated[digit]),
            stated[digit],
        )
        for digit in range(CLASSES)
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _top_confusions(matrix: NDArray[np.int_]) -> tuple[Confusion, ...]:
    off_diagonal = matrix * (1 - np.eye(CLASSES, dtype=int))
    order = np.argsort(-off_diagonal, axis=None, kind="stable")[:TOP_CONFUSIONS]
    pairs = zip(*np.unravel_index(order, matrix.shape), strict=True)
    return tuple(
        Confusion(int(t), int(p), int(matrix[t, p])) for t, p in pairs if off_diagonal[t, p]
    )


def _probability_scores(scored: Scored, has_both: Mask) -> tuple[float | None, float | None]:
    """Brier score over the ten classes, 0 to 2 (Brier, 1950), and log loss (nats)."""
    if scored.probabilities is None or not has_both.any():
        return None, None
    squared_errors, log_losses = [], []
    for start in range(0, len(has_both), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        truth, ten = scored.truth[block], scored.probabilities[block].astype(np.float64)
        ten, truth = ten[has_both[block]].round(DECIMALS).clip(0, 1), truth[has_both[block]]
        ten /= ten.sum(axis=1, keepdims=True)  # as written: 1 within 5e-6
        of_truth = np.arange(len(truth)), truth
        of_truth_clipped = ten[of_truth].clip(LEAST_PROBABILITY, 1 - LEAST_PROBABILITY)
        log_losses.append(-np.log(of_truth_clipped).sum())
        ten[of_truth] -= 1
        squared_errors.append(np.square(ten).sum())
    n = int(has_both.sum())
    return float(sum(squared_errors)) / n, float(sum(log_losses)) / n
