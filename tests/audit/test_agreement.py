import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from batch_predict.audit.agreement import Difference, agreement, joined
from batch_predict.audit.answers import CANT_TELL, NO_DIGIT


def test_kappa_is_scikit_learns() -> None:
    random = np.random.default_rng(1)
    first = random.integers(0, 12, 300)
    second = np.where(random.random(300) < 0.8, first, random.integers(0, 12, 300))
    found = agreement(dict(enumerate(first.tolist())), dict(enumerate(second.tolist())))
    assert found.kappa == pytest.approx(cohen_kappa_score(first, second))
    assert found.pictures == 300
    assert len(found.to_settle) == int((first != second).sum())


@pytest.mark.parametrize(
    ("first", "second", "kappa"),
    [
        pytest.param({}, {}, None, id="nothing"),
        pytest.param({1: 7}, {2: 7}, None, id="no picture of both"),
        pytest.param({1: 7, 2: 7}, {1: 7, 2: 7}, None, id="always the same thing"),
        pytest.param({1: 7, 2: 1}, {1: 7, 2: 1}, 1, id="all"),
        pytest.param({1: 7, 2: 1}, {1: 1, 2: 7}, -1, id="never"),
    ],
)
def test_kappa(first: dict[int, int], second: dict[int, int], kappa: float | None) -> None:
    assert agreement(first, second).kappa == kappa


def test_what_differs_is_to_settle_and_cant_be_told_until_then() -> None:
    first, second = {1: 7, 2: 3, 4: 5}, {2: NO_DIGIT, 1: 7, 3: 0}
    assert agreement(first, second).to_settle == (Difference(2, 3, NO_DIGIT),)
    assert joined(first, second) == {1: 7, 2: CANT_TELL, 3: 0, 4: 5}
