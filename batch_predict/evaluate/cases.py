"""The rows worth a look: suspected label errors, mistakes, rows without a label. Pure."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.evaluate.evaluation import STATUSES, Case, Cases, Scored, digit_at, share_at

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
    truth, ten = int(scored.truth[row]), scored.probabilities
    label, confidence = digit_at(scored.label, row), share_at(scored.confidence, row)
    given = None if ten is None else share_at(ten[:, truth], row)
    return Case(row, truth, label, confidence, given, STATUSES[scored.status[row]])
