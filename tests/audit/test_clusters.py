import numpy as np
import pytest
from scipy import stats

from batch_predict.audit.cells import Sample, cells_of_strata
from batch_predict.audit.clusters import interval_by_groups
from batch_predict.evaluate.reliability import Interval


def _by_groups(wrong_of: list[int], size: int = 20) -> tuple[Interval, Interval | None]:
    """The plain interval and that by groups of `size` pictures with so many wrong ones each."""
    wrong = np.concatenate([np.arange(size) < count for count in wrong_of])
    group = np.repeat(np.arange(len(wrong_of)), size)
    sample = Sample(np.zeros(len(wrong), np.intp), np.array([1e9]))
    cells = cells_of_strata(sample, np.array([True]), wrong, wrong)
    return cells.interval, interval_by_groups(cells, sample.stratum, wrong, group)


def test_errors_that_one_group_has_make_it_wider_than_errors_that_all_have() -> None:
    (_, plain), all_have = _by_groups([1] * 20)
    _, one_has = _by_groups([20] + [0] * 19)
    assert all_have
    assert one_has
    assert plain < all_have[1] < one_has[1] / 1.5


@pytest.mark.parametrize("groups", [2, 3, 20])
def test_groups_without_an_error_are_not_without_risk(groups: int) -> None:
    (_, plain), by_groups = _by_groups([0] * groups)
    assert by_groups
    assert by_groups[1] > plain


def test_without_an_error_pictures_of_a_group_are_worth_fewer_by_an_assumed_correlation() -> None:
    """Of 20 groups of 20: 400 pictures by 1 + 19 * 0.05, and by Student's t for 19 degrees."""
    _, found = _by_groups([0] * 20)
    assert found
    worth = 400 / 1.95 * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, 19)) ** 2
    assert found[1] == pytest.approx(stats.beta.ppf(0.975, 1, worth))


def test_one_group_tells_nothing_of_others() -> None:
    assert _by_groups([3])[1] is None


@pytest.mark.slow
@pytest.mark.no_cover  # the quick ones run the same lines
def test_it_holds_the_share_of_other_groups() -> None:
    random, held = np.random.default_rng(1), 0
    for share in random.beta(0.5, 9.5, (300, 25)):  # 5% on average, some groups far more
        _, found = _by_groups(random.binomial(20, share).tolist())
        held += bool(found and found[0] <= 0.05 <= found[1])
    assert held / 300 >= 0.94
