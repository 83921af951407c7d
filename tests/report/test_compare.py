"""Two models over the same pictures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from batch_predict.report.align import Aligned
from batch_predict.report.compare import MOST_CHANGES, compare, mcnemar_p
from batch_predict.rows import NONE
from tests.support.scored import scored


def aligned(label: list[int], present: list[bool] | None = None, only_there: int = 0) -> Aligned:
    here = np.array(present if present is not None else [True] * len(label))
    confidence = np.full(len(label), 0.8, np.float32)
    return Aligned(np.array(label, np.int8), confidence, here, only_there)


def test_paired_counts_and_the_exact_test() -> None:
    #        both right   win      loss     both wrong
    truth = [1] * 50 + [2] * 12 + [3] * 4 + [4] * 3
    now = [1] * 50 + [2] * 12 + [0] * 4 + [5] * 3
    was = [1] * 50 + [0] * 12 + [3] * 4 + [6] * 3
    found = compare(scored(truth, now), aligned(was))
    assert (found.both_right, found.wins, found.losses, found.both_wrong) == (50, 12, 4, 3)
    assert (found.n, found.accuracy, found.accuracy_before) == (69, 62 / 69, 54 / 69)
    # The exact test of McNemar by its definition: both tails of the binomial at one half.
    assert found.mcnemar_p == pytest.approx(2 * stats.binom.cdf(4, 16, 0.5))
    assert found.n_changed == 19
    assert [c.truth for c in found.changed] == [3] * 4 + [2] * 12 + [4] * 3  # losses, wins, others


@given(st.integers(1, 10_000_000), st.floats(-30, 30))
def test_mcnemar_is_scipys_binomial_test(n: int, deviation: float) -> None:
    """From the middle, in standard deviations; p-values down to 1e-196."""
    wins = min(max(round(n / 2 + deviation * n**0.5 / 2), 0), n)
    theirs = stats.binomtest(wins, n).pvalue
    assert mcnemar_p(wins, n - wins) == pytest.approx(theirs, rel=1e-9, abs=0)


@pytest.mark.parametrize(
    ("wins", "losses", "p"),
    [
        pytest.param(0, 0, 1.0, id="nothing differs"),
        pytest.param(1, 0, 1.0, id="one"),
        pytest.param(0, 5, 2 / 32, id="one-sided"),
        pytest.param(500_000, 500_000, 1.0, id="as many of each"),
        pytest.param(0, 1_000_000, 0.0, id="below the least float"),
    ],
)
def test_mcnemar(wins: int, losses: int, p: float) -> None:
    assert mcnemar_p(wins, losses) == pytest.approx(p, rel=1e-12)


def test_without_truth_or_partner_or_label() -> None:
    found = compare(
        scored([NONE, 5, 5, 5], [1, 5, NONE, 5]),
        aligned([2, 5, 5, NONE], [True, False, True, True], only_there=7),
    )
    assert (found.n, found.wins, found.losses) == (2, 1, 1)
    assert (found.only_before, found.only_now) == (7, 1)
    assert [(c.row, c.before, c.label) for c in found.changed] == [
        (2, 5, None),
        (3, None, 5),
        (0, 2, 1),
    ]


def test_no_difference_is_no_evidence() -> None:
    found = compare(scored([1, 2], [1, 2]), aligned([1, 2]))
    assert (found.mcnemar_p, found.changed) == (1.0, ())


def test_nothing_in_common() -> None:
    found = compare(scored([1], [1]), aligned([NONE], [False]))
    assert (found.n, found.accuracy, found.n_changed) == (0, None, 0)


def test_the_list_is_bounded() -> None:
    found = compare(scored([1] * 900, [1] * 900), aligned([2] * 900))
    assert (found.n_changed, len(found.changed)) == (900, MOST_CHANGES)
    assert {change.effect for change in found.changed} == {"win"}
