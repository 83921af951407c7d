from dataclasses import replace

import pytest

from batch_predict.audit.answers import CANT_TELL, NO_DIGIT
from batch_predict.audit.estimates import Estimate, estimate
from batch_predict.audit.plan import Known, Plan
from tests.audit.support import plain_plan


def _answers(plan: Plan, **by_stratum: dict[int, int]) -> dict[int, int]:
    """What the model said of all pictures, but for those counted: status={answer: how many}."""
    answers: dict[int, int] = {}
    left = {status: dict(counts) for status, counts in by_stratum.items()}
    for at, picture in enumerate(plan.pictures):
        others = left.get(picture.status, {})
        other = next((answer for answer, count in others.items() if count), None)
        if other is not None:
            others[other] -= 1
        said = NO_DIGIT if picture.label is None else picture.label
        answers[at] = said if other is None else other
    return answers


PLAN = plain_plan([("review", 100, 20), ("blank", 100, 10), ("ok", 800, 40)])


@pytest.mark.parametrize(
    ("by_stratum", "right", "errors_among_ok"),
    [
        pytest.param({}, 1, 0, id="all right"),
        pytest.param({"ok": {1: 4}}, 0.92, 0.1, id="a tenth of ok wrong"),
        pytest.param({"review": {1: 10}}, 0.95, 0, id="half of the queue wrong"),
        pytest.param({"blank": {7: 5}}, 0.95, 0, id="digits taken for nothing"),
        pytest.param({"ok": {NO_DIGIT: 4}}, 0.92, 0.1, id="nothing taken for digits"),
    ],
)
def test_shares_are_weighted(
    by_stratum: dict[str, dict[int, int]], right: float, errors_among_ok: float
) -> None:
    found = estimate(PLAN, _answers(PLAN, **by_stratum))
    assert found.right.share == pytest.approx(right)
    assert found.errors_among_ok is not None
    assert found.errors_among_ok.share == pytest.approx(errors_among_ok)


def test_silently_wrong_are_errors_of_ok_among_all_rows() -> None:
    plan = replace(PLAN, rows=1_600, known=Known(600, 0, 0, 0))
    found = estimate(plan, _answers(plan, ok={1: 4}))
    assert found.errors_among_ok
    assert found.silently_wrong
    assert found.silently_wrong.share == pytest.approx(0.1 * 800 / 1_600)
    assert found.silently_wrong.interval[1] == pytest.approx(found.errors_among_ok.interval[1] / 2)


def test_what_failed_and_what_a_person_decided_is_known() -> None:
    plan = replace(PLAN, rows=1_100, known=Known(50, 20, 30, 40))
    found = estimate(plan, _answers(plan))
    assert found.right.share == pytest.approx((1_000 + 20) / 1_100)
    assert found.no_digit.share == pytest.approx((100 + 40) / 1_050)


def test_pictures_without_a_digit_and_what_became_of_them() -> None:
    found = estimate(PLAN, _answers(PLAN, ok={NO_DIGIT: 4}, review={NO_DIGIT: 10}))
    assert found.no_digit.share == pytest.approx((100 + 80 + 50) / 1_000)
    shares = {status: each.share for status, each in found.no_digit_by_status.items()}
    assert shares == pytest.approx({"blank": 100 / 230, "ok": 80 / 230, "review": 50 / 230})


def test_right_by_digit_is_of_the_pictures_of_that_digit() -> None:
    found = estimate(PLAN, _answers(PLAN, review={1: 10}))
    assert found.right_by_digit.keys() == {1, 7}
    assert found.right_by_digit[1].share == 0
    assert found.right_by_digit[7].share == 1


def test_right_by_group_and_an_interval_for_other_groups() -> None:
    pictures = [each._replace(group="ab"[at % 2]) for at, each in enumerate(PLAN.pictures)]
    found = estimate(replace(PLAN, pictures=tuple(pictures)), _answers(PLAN))
    assert found.right_by_group.keys() == {"a", "b"}
    assert found.right.by_groups is not None
    assert found.right.by_groups[0] < found.right.interval[0]


def test_the_order_of_strata_does_not_matter() -> None:
    answers = _answers(PLAN, ok={1: 12}, review={1: 3})
    there = tuple(each._replace(group="abcde"[at // 14]) for at, each in enumerate(PLAN.pictures))
    back = tuple(each._replace(stratum=2 - each.stratum) for each in there)
    plan = replace(PLAN, pictures=there)
    turned = replace(plan, strata=PLAN.strata[::-1], pictures=back)
    one, other = estimate(plan, answers), estimate(turned, answers)
    assert one.right.by_groups == pytest.approx(other.right.by_groups)
    assert one.right.interval == pytest.approx(other.right.interval)


def test_what_cant_be_told_is_where_the_run_has_put_it() -> None:
    """Nothing may be written there, as the run says: then it is of the blank ones, for certain."""
    told, untold = (
        estimate(PLAN, _answers(PLAN, ok={NO_DIGIT: 4}, blank={answer: 5})).no_digit_by_status
        for answer in (NO_DIGIT, CANT_TELL)
    )
    assert [each.interval for each in untold.values()] == [each.interval for each in told.values()]


def test_of_one_group_there_is_nothing_by_group() -> None:
    found = estimate(PLAN, _answers(PLAN))
    assert (found.right_by_group, found.right.by_groups) == ({}, None)


def _ok(answers: dict[int, int]) -> Estimate:
    found = estimate(PLAN, answers).errors_among_ok
    assert found is not None
    return found


def test_what_cant_be_told_counts_both_ways() -> None:
    found, right, wrong = (_ok(_answers(PLAN, ok={answer: 4})) for answer in (CANT_TELL, 7, 1))
    assert found.interval == (right.interval[0], wrong.interval[1])
    assert right.anytime
    assert wrong.anytime
    assert found.anytime == (right.anytime[0], wrong.anytime[1])
    assert (found.share, found.unsettled) == (0, 4)


def test_what_was_left_out_cant_be_told() -> None:
    answers = _answers(PLAN)
    del answers[0]
    assert estimate(PLAN, answers) == estimate(PLAN, answers | {0: CANT_TELL})
    assert estimate(PLAN, {4: 7}).answered == 5


def test_who_stops_early_has_a_smaller_sample() -> None:
    order = tuple(PLAN.pictures[at] for at in sorted(range(70), key=lambda at: at * 37 % 70))
    plan = replace(PLAN, pictures=order)
    found = estimate(plan, {at: answer for at, answer in _answers(plan).items() if at < 30})
    assert (found.drawn, found.answered, found.unsettled) == (70, 30, 0)
    assert found.errors_among_ok
    assert found.errors_among_ok.interval[1] > _ok(_answers(PLAN)).interval[1]


def test_no_answer_says_nothing() -> None:
    found = estimate(PLAN, {})
    assert (found.answered, found.right.share, found.right.interval) == (0, None, (0, 1))


def test_without_ok_rows_nothing_is_said_of_them() -> None:
    plan = plain_plan([("review", 100, 20)])
    found = estimate(plan, _answers(plan))
    assert (found.errors_among_ok, found.silently_wrong) == (None, None)
