"""Lists rows for a person: suspected label errors, mistakes, rows without a label. Pure."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.evaluate.evaluation import Case, Cases, Mask, Scored, digit_at, probability_at
from batch_predict.rows import STATUSES

MOST_CASES: Final = 500  # in each list


def find_cases(scored: Scored, has_truth: Mask, has_both: Mask, right: Mask) -> Cases:
    """The cases of `scored`.

    The masks (n,) tell the rows with truth, those with truth and a label, and those read right.
    """
    wrong = np.flatnonzero(has_both & ~right)
    by_confidence = np.argsort(-scored.confidence[wrong], kind="stable")
    return Cases(
        suspected_label_errors=_cases(scored, wrong[_by_suspicion(scored, wrong)]),
        worst_mistakes=_cases(scored, wrong[by_confidence]),
        without_label=_cases(scored, np.flatnonzero(has_truth & ~has_both)),
    )


def _by_suspicion(scored: Scored, wrong: NDArray[np.intp]) -> NDArray[np.intp]:
    """Sorts `wrong` by the probability of the stated truth; without probabilities, by confidence.

    The former is self-confidence, as in Northcutt et al., Confident Learning, JAIR 2021.
    """
    doubt = -scored.confidence[wrong]
    if scored.probabilities is None:
        return np.argsort(doubt, kind="stable")
    return np.lexsort((doubt, scored.probabilities[wrong, scored.truth[wrong]]))


def _cases(scored: Scored, rows: NDArray[np.intp]) -> tuple[Case, ...]:
    return tuple(_case(scored, int(row)) for row in rows[:MOST_CASES])


def _case(scored: Scored, row: int) -> Case:
    truth, ten = int(scored.truth[row]), scored.probabilities
    label, confidence = digit_at(scored.label, row), probability_at(scored.confidence, row)
    truth_probability = None if ten is None else probability_at(ten[:, truth], row)
    return Case(row, truth, label, confidence, truth_probability, STATUSES[scored.status[row]])
