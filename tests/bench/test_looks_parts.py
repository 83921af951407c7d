"""What the parts of the looks say alone and together, on made-up answers."""

import numpy as np
import pytest

from batch_predict.normalize.readings import ReadingKind
from batch_predict.runtimes.rule import AGAIN, HEAD, SOURCES, Said
from tests.bench.looks_parts import (
    HEADS,
    MAP,
    STANDS,
    Halves,
    Pool,
    but,
    figures,
    first_look,
    mean_of,
    tables,
    told,
    ways_of,
    without_rule,
)
from train.readings import Readings, Shown, save_readings


def sure_of(labels, share=0.91):
    """Answers (n, 10) with `share` on each label, the rest even."""
    answers = np.full((len(labels), 10), (1 - share) / 9, np.float32)
    answers[np.arange(len(labels)), labels] = share
    return answers


def said(*sources, labels=(1, 2), share=0.91):
    """Every source of `sources` answers alike to pictures of `labels`."""
    found = Said.nothing(len(labels))
    for source in sources:
        pictures = np.arange(len(labels))
        found.hear(pictures, np.full(len(labels), SOURCES.index(source)), sure_of(labels, share))
    return found


def heard(one):
    return [
        {str(s) for s, is_heard in zip(SOURCES, row, strict=True) if is_heard} for row in one.heard
    ]


def test_but_leaves_sources_out_and_the_rest_as_it_was():
    every = said(ReadingKind.MAP, HEAD, AGAIN)
    assert heard(but(every, *HEADS)) == [{"map"}, {"map"}]
    assert heard(every) == [{"map", HEAD, AGAIN}] * 2


def test_first_look_is_of_the_picture_in_mnists_form_and_of_the_map_of_others_too():
    found = first_look(said(*SOURCES), np.array([True, False]))
    assert heard(found) == [{"as it stands"}, {"as it stands", "map", HEAD}]


def test_several_networks_answer_by_their_mean():
    both = mean_of([said(ReadingKind.MAP, labels=(1,)), said(ReadingKind.MAP, labels=(2,))])
    assert both.digits[0, MAP, :3] == pytest.approx([0.01, 0.46, 0.46])
    assert both.no_digit[0, MAP] == pytest.approx(0.1)
    assert heard(both) == [{"map"}]


def test_without_rule_the_mean_is_over_what_is_heard():
    found = said(ReadingKind.MAP, labels=(1, 2))
    found.hear(np.array([0]), np.array([STANDS]), sure_of([3]))
    opinion = without_rule(found)
    assert opinion.probabilities[0, :4] == pytest.approx([0.01, 0.46, 0.01, 0.46])
    assert opinion.probabilities[1, 2] == pytest.approx(0.91)


def test_where_nothing_is_heard_the_answer_is_even():
    assert without_rule(Said.nothing(1)).probabilities[0] == pytest.approx(0.1)


def test_figures_are_of_all_and_of_the_surest():
    answers = without_rule(said(ReadingKind.MAP, labels=[1] * 99 + [2]))
    answers.probabilities[99] = sure_of([2], 0.5)
    answers.probabilities[:50] = sure_of([1] * 50, 0.97)
    right, *silent, loss, under, above = figures(answers, np.ones(100, np.uint8))
    assert (right, silent) == (99, [pytest.approx(0, abs=1e-9)] * 3)
    assert (under, above) == (50, 0)
    assert loss == pytest.approx(-(50 * np.log(0.97) + 49 * np.log(0.91) + np.log(0.5 / 9)) / 100)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [pytest.param([1.0], "1.000", id="one"), pytest.param([1.0, 3.0], "2.000 ± 1.414", id="two")],
)
def test_told(numbers, words):
    assert told(numbers) == words


LABELS = np.arange(400) // 2 % 10  # each as often in both halves


def test_no_picture_is_answered_by_a_rule_that_was_fitted_on_it():
    """The head is right in one half alone: the rule of that half trusts it in the other."""
    found = said(ReadingKind.MAP, labels=LABELS)
    found.digits[:, MAP] = sure_of(LABELS, 0.5)
    odd = np.arange(400) % 2 == 1
    found.hear_head(HEAD, np.arange(400), np.pad(sure_of((LABELS + odd) % 10), ((0, 0), (0, 2))))
    opinion = Halves(LABELS, np.zeros(400, bool)).by_rule(found)
    right = opinion.probabilities.argmax(axis=1) == LABELS
    assert right.tolist() == (~odd).tolist()


def test_a_look_that_is_never_wrong_is_the_last():
    found = said(ReadingKind.MAP, labels=LABELS, share=0.999)
    opinion = Halves(LABELS, np.zeros(400, bool)).by_looks(found, found)
    assert set(opinion.looks.tolist()) == {1}


def test_what_the_screen_misreads_is_asked_of_the_judges():
    judges, screen = (said(ReadingKind.MAP, labels=LABELS, share=0.999) for _ in range(2))
    wrong = np.flatnonzero(LABELS == 7)
    screen.digits[wrong, MAP] = sure_of([1] * len(wrong), 0.5)
    opinion = Halves(LABELS, np.zeros(400, bool)).by_looks(screen, judges)
    assert (opinion.probabilities.argmax(axis=1) == LABELS).all()
    assert set(opinion.looks[wrong].tolist()) == {2}


def chunk(path, labels):
    """Pictures whose first pixel is their label, read once by their map."""
    count = len(labels)
    pixels = np.zeros((count, 28, 28), np.uint8)
    pixels[:, 0, 0] = labels
    head = np.full((count, 12), 1 / 12, np.float32)
    kinds = np.full(count, "any")
    shown = Shown(np.array(labels, np.uint8), kinds, head, head, np.zeros(count, bool))
    picture, whole = np.arange(count, dtype=np.int32), np.ones(count, np.float32)
    save_readings(path, Readings(pixels, picture, np.full(count, "map"), whole, shown))


@pytest.fixture
def pool(tmp_path):
    for number in range(2):
        chunk(str(tmp_path / f"large-000{number}.npz"), [*range(10)] * 15)
    chunk(str(tmp_path / "signs-0000.npz"), [11] * 20 + [10] * 5)
    return Pool.of(tmp_path)


def classify(pixels):
    return sure_of(pixels[:, 0, 0] % 10)


def test_tables_have_each_group_of_digits_and_what_is_none(pool):
    mean = without_rule(but(pool.heard(classify), *HEADS))
    lines = list(tables(pool, {"one": [mean], "two": [mean, mean]}))
    titles = [line.strip() for line in lines if line.startswith("\n")]
    assert titles[:2] == ["large, 300 digits, %:", "20 pictures of no digit:"]
    assert "| one | 100.000 | 0.000 | 0.000 | 0.000 | 0.094 | 100.000 | 0.000 |" in lines
    assert any(line.startswith("| two | 100.000 ± 0.000 |") for line in lines)


@pytest.mark.slow
def test_parts_are_all_alone_and_each_left_out(pool):
    one = pool.heard(classify)
    ways = dict(ways_of(pool, [one, one], {"a.keras,b.keras": [one, one], "c.keras": [one]}))
    assert len(ways["the screen alone, first reading"]) == 1
    assert len(ways["the looks, 2 screens"]) == len(ways["the looks, 2 sets of judges"]) == 2
    assert {"everything, of judges a alone", "everything but map"} <= set(ways)
    assert "everything but upright" not in ways
