"""What counts as right and as silently wrong, and the figures of a set."""

import pytest

from batch_predict import Prediction
from tests.bench.outcomes import Outcome, Scored, areas, auroc, calibration_error, figures
from tests.bench.sample import Sample


def outcome(truth, label, status="ok", looks=1, confidence=0.9):
    answer = Prediction(label, None if label is None else confidence, status, "", None)
    return Outcome(Sample(b"", truth), answer, looks)


@pytest.mark.parametrize(
    ("one", "right", "silently_wrong"),
    [
        pytest.param(outcome(3, 3), True, False, id="right"),
        pytest.param(outcome(3, 3, "review"), True, False, id="right, in review"),
        pytest.param(outcome(3, 5), False, True, id="wrong"),
        pytest.param(outcome(3, 5, "review"), False, False, id="wrong, in review"),
        pytest.param(outcome(3, None, "blank"), False, False, id="a digit is blank"),
        pytest.param(outcome(None, 5), False, True, id="no digit, answered"),
        pytest.param(outcome(None, 5, "review"), False, False, id="no digit, in review"),
        pytest.param(outcome(None, None, "blank"), False, False, id="no digit, blank"),
    ],
)
def test_outcome(one, right, silently_wrong):
    assert (one.right, one.silently_wrong) == (right, silently_wrong)


def test_silent_errors_are_counted_over_all_pictures_and_right_ones_over_digits():
    outcomes = [outcome(1, 1), outcome(1, 7), outcome(None, 7), outcome(None, None, "blank")]
    told = figures(Scored(outcomes, cpu=0.02, article=0.008, peak=5))
    assert (told["pictures"], told["digits"], told["right"]) == (4, 2, 1)
    assert (told["silently_wrong"], told["review"], told["no_answer"]) == (2, 0, 1)
    assert told["right_interval_95"] == pytest.approx((0.094531, 0.905469), abs=1e-6)
    assert (told["cpu_seconds"], told["peak_memory_bytes"]) == (0.02, 5)


def test_risk_is_of_the_surest_answers_to_digits():
    sure = [outcome(1, 1) for _ in range(19)]
    told = figures(Scored([*sure, outcome(1, 7, confidence=0.1)], 1, 1))
    assert told["risk_at_coverage"]["1"] == pytest.approx(0.05)
    assert told["risk_at_coverage"]["0.95"] == 0
    assert told["augrc"] == pytest.approx(0.05**2 / 2)


@pytest.mark.parametrize(
    "outcomes",
    [
        pytest.param([outcome(None, 1)], id="no digit"),
        pytest.param([outcome(1, 1, confidence=None)], id="no confidence is told"),
        pytest.param([outcome(1, None, "failed")], id="no answer"),
    ],
)
def test_where_there_is_no_such_figure_there_is_none(outcomes):
    told = figures(Scored(outcomes, 1, 1))
    assert (told["augrc"], told["risk_at_coverage"], told["ece"]) == (None, {}, None)


def test_looks_are_counted_over_all_pictures_and_not_of_others_tools():
    by_looks = [outcome(1, 1, looks=looks) for looks in (1, 1, 2, 3)]
    blank = outcome(1, None, "blank", looks=0)
    told = figures(Scored([*by_looks, blank], 1, 1))
    assert (told["second_looks"], told["third_looks"]) == (2, 1)
    assert figures(Scored([outcome(1, 1, looks=None)], 1, 1))["second_looks"] is None


@pytest.mark.parametrize(
    ("outcomes", "error"),
    [
        pytest.param([outcome(1, 1, confidence=1.0)], 0.0, id="as sure as right"),
        pytest.param([outcome(1, 7, confidence=1.0)], 1.0, id="surely wrong"),
        pytest.param([outcome(1, 1), outcome(1, None, "blank")], 0.1, id="a blank has none"),
        pytest.param([outcome(1, 1), outcome(None, 1)], 0.1, id="nor has what is no digit"),
        pytest.param([outcome(None, 1)], None, id="no digit"),
    ],
)
def test_calibration_error(outcomes, error):
    assert calibration_error(outcomes) == (None if error is None else pytest.approx(error))


@pytest.mark.parametrize(
    ("outcomes", "area"),
    [
        pytest.param([outcome(1, 1), outcome(None, 1, confidence=0.5)], 1.0, id="told apart"),
        pytest.param([outcome(1, 1), outcome(None, None, "blank")], 1.0, id="blank"),
        pytest.param([outcome(1, None, "blank"), outcome(None, 1)], 0.0, id="a digit is blank"),
        pytest.param([outcome(1, 1)], None, id="digits alone"),
    ],
)
def test_auroc(outcomes, area):
    assert auroc(outcomes) == area


def test_areas_are_of_digits_against_letters_and_of_digits():
    letters = [outcome(None, 7)]
    digits = [outcome(1, 1), outcome(1, 7, confidence=0.5)]
    assert areas([*digits, *letters], letters) == {
        "auroc_of_digits_against_letters_and_signs": 0.25,
        "auroc_of_digits_against_all_else": 0.25,
        "augrc_of_all_digits": 0.125,
    }


def test_sets_are_summed_and_the_larger_peak_is_theirs():
    one, other = Scored([outcome(1, 1)], 1, 2, 3), Scored([outcome(1, 7)], 10, 20, None)
    assert Scored.together([one, other]) == Scored([*one[0], *other[0]], 11, 22, 3)
