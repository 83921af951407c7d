"""The benchmark's table: what counts as right and as silently wrong, and which sets are summed."""

import re
from operator import itemgetter

import pytest

from batch_predict import Prediction
from tests.bench import accuracy
from tests.bench.accuracy import (
    Outcome,
    Program,
    Scored,
    auroc,
    calibration_error,
    line,
    print_areas,
    print_groups,
    share,
)
from tests.bench.groups import GROUPS
from tests.bench.sample import Sample
from tests.bench.sets import SETS


def outcome(truth, label, status="ok", looks=1, confidence=0.9):
    answer = Prediction(label, None if label is None else confidence, status, "", None)
    return Outcome(Sample(b"", truth), answer, looks)


class FakeArticle:
    """See `ArticleCode`."""

    def picture_seconds(self):
        return 0.001


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


def test_line_counts_silent_errors_over_all_pictures_and_right_ones_over_digits():
    outcomes = [outcome(1, 1), outcome(1, 7), outcome(None, 7), outcome(None, None, "blank")]
    named = cells(outcomes)
    assert named["set"] == "name"
    assert named["right"] == "50.00%"
    assert named["silently wrong"] == "50.00%"
    assert named["blank"] == "25.0%"
    assert named["CPU ms"] == "5.00"
    assert named["cost"] == "2.50"


def cells(outcomes):
    printed = line("name", Scored(outcomes, cpu=0.02, article=0.008)).strip("| ").split(" | ")
    return dict(zip(accuracy.COLUMNS, printed, strict=True))


def test_line_counts_looks_over_all_pictures():
    by_looks = [outcome(1, 1, looks=looks) for looks in (1, 1, 2, 3)]
    blank = outcome(1, None, "blank", looks=0)
    assert itemgetter("second looks", "third")(cells([*by_looks, blank])) == ("40.0%", "20.0%")


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


def test_areas_are_of_digits_against_letters_and_of_digits(capsys):
    wrong = outcome(1, 7, confidence=0.5)
    seen = {"MNIST": [outcome(1, 1)], "pen model": [wrong], "letters: small": [outcome(None, 7)]}
    print_areas({name: Scored(each, 0, 1) for name, each in seen.items()})
    printed = capsys.readouterr().out
    assert "letters and signs: 0.25000" in printed
    assert "AUGRC, all pictures of digits: 0.12500" in printed


def test_a_share_has_its_wilson_interval():
    assert share([True] * 9 + [False]) == ("90.00%", "59.58% to 98.21%")
    assert share([]) == ("-", "-")


def test_groups_are_printed_where_two_of_their_sets_were_scored(capsys):
    scored = Scored([outcome(1, 1)], cpu=0, article=1)
    print_groups({"corrupted: fog": scored, "corrupted: shear": scored, "form: box": scored})
    (printed,) = capsys.readouterr().out.splitlines()
    assert printed.startswith("| **15 families of spoilt 28x28 pictures** | 2 | 100.00% |")


@pytest.mark.parametrize("pattern", GROUPS.values())
def test_group_has_sets(pattern):
    assert sum(re.search(pattern, name) is not None for name in SETS) > 1


def test_program_asks_predict_in_calls_of_a_chunk(monkeypatch):
    calls = []

    def predict(files, **keywords):
        calls.append((list(files), keywords))
        return [Prediction(len(data), 1.0, "ok", "", None) for data in files]

    monkeypatch.setattr(accuracy, "predict", predict)
    monkeypatch.setattr(accuracy, "make_set", lambda name, count: [Sample(name.encode(), 0)])
    monkeypatch.setattr(accuracy, "CHUNK", 2)
    program = Program(FakeArticle(), model="m")
    calls.clear()
    scored = program.score([Sample(b"x" * n, n) for n in range(5)])
    assert [o.answer.label for o in scored.outcomes] == [0, 1, 2, 3, 4]
    assert scored.article == pytest.approx(0.005)
    assert [(len(files), keywords) for files, keywords in calls] == [
        (count, {"model": "m"}) for count in (2, 2, 1)
    ]
