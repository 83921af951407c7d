"""The benchmark's table: what counts as right and as silently wrong, and which sets are summed."""

import re

import pytest

from batch_predict import Prediction
from tests.bench import accuracy
from tests.bench.accuracy import Outcome, Program, Scored, line, print_groups, share
from tests.bench.groups import GROUPS
from tests.bench.sample import Sample
from tests.bench.sets import SETS


def outcome(truth, label, status="ok"):
    confidence = None if label is None else 0.9
    return Outcome(Sample(b"", truth), Prediction(label, confidence, status, "", None))


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
    cells = line("name", Scored(outcomes, cpu=0.02)).strip("| ").split(" | ")
    named = dict(zip(accuracy.COLUMNS, cells, strict=True))
    assert named["set"] == "name"
    assert named["right"] == "50.00%"
    assert named["silently wrong"] == "50.00%"
    assert named["blank"] == "25.0%"
    assert named["CPU ms"] == "5.00"


def test_a_share_has_its_wilson_interval():
    assert share([True] * 9 + [False]) == ("90.00%", "59.58% to 98.21%")
    assert share([]) == ("-", "-")


def test_groups_are_printed_where_two_of_their_sets_were_scored(capsys):
    scored = Scored([outcome(1, 1)], cpu=0)
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
    program = Program(model="m")
    calls.clear()
    scored = program.score([Sample(b"x" * n, n) for n in range(5)])
    assert [o.answer.label for o in scored.outcomes] == [0, 1, 2, 3, 4]
    assert [(len(files), keywords) for files, keywords in calls] == [
        (count, {"model": "m"}) for count in (2, 2, 1)
    ]
