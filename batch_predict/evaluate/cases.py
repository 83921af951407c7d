"""The rows worth a look: suspected label errors, mistakes, rows without a label. Pure."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.evaluate.evaluation import NONE, STATUSES, Case, Cases, Scored
from batch_predict.evaluate.reliability import DECIMALS

MOST_CASES: Final = 500  # listed of each kind

Mask = NDArray[np.bool_]


def find_cases(scored: Scored, known: Mask, judged: Mask, right: Mask) -> Cases:
    """The cases of `scored`; masks (n,): with truth, with a label too, and right."""
    wrong = np.flatnonzero(judged & ~right)
    by_confidence = np.argsort(-scored.confidence[wrong], kind="stable")
    return Cases(
        suspected_label_errors=_cases(scored, wrong[_most_suspect_first(scored, wrong)]),
        worst_mistakes=_cases(scored, wrong[by_confidence]),
        without_label=_cases(scored, np.flatnonzero(known & ~judged)),
    )


def _most_suspect_first(scored: Scored, wrong: NDArray[np.intp]) -> NDArray[np.intp]:
    """Order of `wrong` by the probability of the stated truth, else by confident disagreement.

    (Self-confidence, as in Northcutt et al., Confident Learning, JAIR 2021.)
    """
    doubt = -scored.confidence[wrong]
    if scored.probabilities is None:
        return np.argsort(doubt, kind="stable")
    return np.lexsort((doubt, scored.probabilities[wrong, scored.truth[wrong]]))


def _cases(scored: Scored, rows: NDArray[np.intp]) -> tuple[Case, ...]:
    return tuple(_case(scored, int(row)) for row in rows[:MOST_CASES])


def _case(scored: Scored, row: int) -> Case:
    truth, label = int(scored.truth[row]), int(scored.label[row])
    status = STATUSES[scored.status[row]]
    if label == NONE:
        return Case(row, truth, None, None, None, status)
    confidence = round(float(scored.confidence[row]), DECIMALS)
    given = None
    if scored.probabilities is not None:
        given = round(float(scored.probabilities[row, truth]), DECIMALS)
    return Case(row, truth, label, confidence, given, status)
