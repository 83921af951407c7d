import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from batch_predict.audit.interval import interval, point
from tests.audit.simulated import ACCURACIES, KINDS, NUMBERS, coverage, run_of

ENDLESS = 1e12
LEAST_COVERAGE = 0.94


@settings(max_examples=12)
@given(st.integers(1, 2_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_of_one_stratum_it_is_clopper_and_pearsons(counts: tuple[int, int]) -> None:
    events, n = counts
    low, high = interval([events], [events], [n], [ENDLESS])
    exact = stats.binomtest(events, n).proportion_ci(method="exact")
    assert (float(low), float(high)) == pytest.approx((exact.low, exact.high), abs=1e-9)


@pytest.mark.parametrize(
    ("events", "drawn", "sizes", "ends"),
    [
        pytest.param([3, 0], [10, 10], [10, 10], (0.15, 0.15), id="all drawn: all known"),
        pytest.param([0, 0], [0, 10], [10, 10], (0, 0.5), id="none drawn of one: may be all"),
        pytest.param([0], [0], [10], (0, 1), id="none drawn"),
        pytest.param([0, 0], [100, 100], [1e9, 1e9], (0, 0.0181), id="no error, yet a risk"),
        pytest.param([100, 100], [100, 100], [1e9, 1e9], (0.9819, 1), id="errors alone"),
        pytest.param([0], [50], [100], (0, 0.0503), id="half drawn: less risk"),
        pytest.param([20, 5], [100, 50], [1e9, 3e9], (0.06694, 0.21344), id="errors in both"),
        pytest.param([20, 5], [100, 50], [200, 600], (0.07016, 0.20799), id="in both, of few"),
    ],
)
def test_ends(
    events: list[int], drawn: list[int], sizes: list[float], ends: tuple[float, float]
) -> None:
    low, high = interval(events, events, drawn, sizes)
    assert (float(low), float(high)) == pytest.approx(ends, abs=6e-5)


def test_weights_that_do_not_sum_to_1_exactly_leave_what_is_known_exact() -> None:
    sizes = [34, 1, 22]
    assert [float(end) for end in interval([0] * 3, [0] * 3, sizes, sizes)] == [0, 0]
    assert [float(end) for end in interval(sizes, sizes, sizes, sizes)] == [1, 1]


def test_what_is_not_certain_widens_it_on_both_sides() -> None:
    low, high = interval([2, 1], [5, 1], [50, 50], [1e3, 1e3])
    of_least, of_most = (interval(x, x, [50, 50], [1e3, 1e3]) for x in ([2, 1], [5, 1]))
    assert (low, high) == (of_least[0], of_most[1])


def test_what_sizes_may_be_off_widens_it_on_both_sides() -> None:
    exact, off = (interval([25], [25], [50], [1e9], between) for between in (0, 0.001))
    assert off[0] < exact[0]
    assert exact[1] < off[1]


@settings(max_examples=12)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=5))
def test_it_holds_the_estimate_and_lies_within_0_and_1(cells: list[tuple[int, int]]) -> None:
    events = np.array([min(pair) for pair in cells])
    drawn = np.array([max(pair) for pair in cells])
    sizes = np.full(len(cells), 20)
    low, high = interval(events, events, drawn, sizes)
    assert 0 <= low <= high <= 1
    if drawn.all():
        assert low - 1e-9 <= point(events, drawn, sizes) <= high + 1e-9


def test_the_estimate_weighs_strata_by_size_and_leaves_out_those_without_answers() -> None:
    assert point([1, 1, 0], [10, 5, 0], [300, 100, 50]) == pytest.approx((30 + 20) / 400)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("number", "accuracy"), [(50, 0.9), (400, 0.99), (2_000, 0.9995)])
def test_it_holds_the_truth_94_times_in_100(kind: str, number: int, accuracy: float) -> None:
    held, _ = coverage(run_of(kind, accuracy, number), audits=1_000)
    assert held >= LEAST_COVERAGE


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("accuracy", ACCURACIES)
def test_it_does_so_from_50_to_2000_answers(kind: str, accuracy: float) -> None:
    for number in NUMBERS:
        held, _ = coverage(run_of(kind, accuracy, number), audits=4_000)
        assert held >= LEAST_COVERAGE, number
