import numpy as np
import pytest

from batch_predict.audit.draw import LEAST_BETWEEN, draw
from batch_predict.audit.strata import LEAST_DRAWN, NO_STRATUM, allocate, stratify
from batch_predict.records import Status
from batch_predict.rows import STATUSES
from tests.audit.support import frame_of


@pytest.mark.parametrize("number", [1, 2, 50, 400, 2_000, 10_000])
def test_as_many_as_asked_or_as_there_are_no_row_twice(number: int) -> None:
    frame = frame_of()
    drawn = draw(frame, number, seed=1)
    can_be_drawn = int((frame.status != STATUSES.index(Status.FAILED)).sum())
    assert len(drawn.rows) == len(set(drawn.rows.tolist())) == min(number, can_be_drawn)
    assert not frame.is_(Status.FAILED)[drawn.rows].any()


def test_one_seed_gives_one_sample_and_another_another() -> None:
    frame = frame_of()
    one, same, other = draw(frame, 50, 1), draw(frame, 50, 1), draw(frame, 50, 2)
    assert (one.rows == same.rows).all()
    assert (one.asked == same.asked).all()
    assert set(one.rows.tolist()) != set(other.rows.tolist())


@pytest.mark.parametrize("number", [50, 400])
def test_every_stratum_has_pictures_drawn(number: int) -> None:
    drawn = draw(frame_of(groups=3), number, seed=1)
    of_drawn = np.bincount(drawn.strata.of_row[drawn.rows])
    assert of_drawn.tolist() == [stratum.drawn for stratum in drawn.strata.strata]
    assert all(each.drawn >= min(LEAST_DRAWN, each.size) for each in drawn.strata.strata)


def test_what_failed_is_in_no_stratum_and_all_else_in_one_of_its_status() -> None:
    frame = frame_of(groups=2)
    strata = stratify(frame, 400)
    for status, at in zip(frame.status.tolist(), strata.of_row.tolist(), strict=True):
        if STATUSES[status] == Status.FAILED:
            assert at == NO_STRATUM
        else:
            assert strata.strata[at].status == STATUSES[status]


def test_strata_by_confidence_hold_the_least_sure_first() -> None:
    frame = frame_of()
    strata = stratify(frame, 400)
    ok = [at for at, each in enumerate(strata.strata) if each.status == Status.OK]
    lowest = [float(frame.confidence[strata.of_row == at].min()) for at in ok]
    assert len(ok) > 2
    assert lowest == sorted(lowest)
    assert len({float(c) for c in lowest}) == len(ok)


def test_large_groups_are_strata_of_their_own() -> None:
    names = " ".join(each.name for each in stratify(frame_of(groups=2), 400).strata)
    assert "group writer 0" in names
    assert "group writer 1" in names


def test_a_part_of_the_pictures_is_asked_twice_with_others_between() -> None:
    asked = draw(frame_of(), 400, seed=1).asked.tolist()
    assert len(asked) == 412
    again = {picture for picture in asked if asked.count(picture) == 2}
    assert len(again) == 12
    for picture in again:
        first = asked.index(picture)
        second = asked.index(picture, first + 1)
        assert second - first > min(LEAST_BETWEEN, len(asked) - 1 - first - 12)


def test_pictures_are_first_asked_in_the_order_of_the_sample() -> None:
    asked = draw(frame_of(), 400, seed=1).asked.tolist()
    assert list(dict.fromkeys(asked)) == list(range(400))


@pytest.mark.parametrize(
    ("sizes", "error", "number", "drawn"),
    [
        pytest.param([900, 100], [0.1, 0.1], 100, [90, 10], id="alike: by size"),
        pytest.param([1000, 1000], [0.5, 0.1], 80, [50, 30], id="by standard deviation"),
        pytest.param([1000, 10], [0.002, 0.5], 200, [190, 10], id="the queue whole"),
        pytest.param([100_000, 10], [0.5, 0.5], 50, [47, 3], id="no stratum without"),
        pytest.param([10, 20], [0.5, 0.5], 30, [10, 20], id="all"),
        pytest.param([10, 20], [0.5, 0.5], 99, [10, 20], id="more than there are"),
        pytest.param([10, 20, 30], [0.5, 0.5, 0.5], 2, [0, 1, 1], id="fewer than strata"),
    ],
)
def test_allocation(sizes: list[int], error: list[float], number: int, drawn: list[int]) -> None:
    assert allocate(np.array(sizes), np.array(error), number).tolist() == drawn
