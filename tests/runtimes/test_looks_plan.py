"""Which looks a card gives a picture: read, written, and asked which answers stand."""

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from batch_predict.runtimes.looks_plan import NEVER, Form, Look, LooksPlan
from batch_predict.runtimes.rule import SOURCES, Opinion, Said

RULE = {"weights": {"as it stands": 1}, "no digit": {"readings": 1}}
OTHER = {"weights": {"map": 2, "head": 0.5}, "no digit": {"constant": -1, "head": 1}}
LOOK = {"mnist form": {**RULE, "sure from": 0.9}, "other": {**OTHER, "sure from": 0.6}}
LAST = {"mnist form": RULE, "other": OTHER}
CARD = {
    "judges": {"judge.keras": "0" * 64},
    "screen": LOOK,
    "first_reading": LOOK,
    "all_readings": LAST,
}


def said(*answers: tuple[str, list[float]]) -> Said:
    """One source's answer for each of some pictures."""
    found = Said.nothing(len(answers))
    for picture, (source, ten) in enumerate(answers):
        at = np.array([picture]), np.array([SOURCES.index(source)])
        found.hear(*at, np.array([ten], np.float32))
    return found


def test_a_plan_is_written_as_it_was_read() -> None:
    assert LooksPlan.read(CARD).to_json() == CARD


def test_a_model_without_judges_has_no_look_of_theirs() -> None:
    alone = {name: CARD[name] for name in ("screen", "all_readings")} | {"judges": {}}
    plan = LooksPlan.read(alone)
    assert plan.first_reading is None
    assert plan.to_json() == alone


def test_each_form_has_its_own_rule() -> None:
    """The map counts for none in MNIST's form, the picture itself for none that was marked."""
    three = [0.01] * 3 + [0.91] + [0.01] * 6
    heard = said(("as it stands", three), ("as it stands", three), ("map", three), ("map", three))
    is_mnist = np.array([True, False, True, False])
    opinion = Look.read(LOOK).opinion(heard, is_mnist)
    told = opinion.probabilities.max(axis=1) > 0.5
    assert told.tolist() == [True, False, False, True]


@pytest.mark.parametrize(
    ("form", "confidence", "sure"),
    [
        pytest.param(Form.MNIST, 0.9, True, id="from there on"),
        pytest.param(Form.MNIST, 0.899, False, id="below"),
        pytest.param(Form.OTHER, 0.6, True, id="marked, from there on"),
        pytest.param(Form.OTHER, 0.599, False, id="marked, below"),
    ],
)
def test_which_answers_stand(form: Form, confidence: float, sure: bool) -> None:
    look = Look.read(LOOK)
    is_mnist = np.array([form is Form.MNIST])
    opinion = look.opinion(said(("map", [0.1] * 10)), is_mnist)
    opinion.probabilities[0] = (1 - confidence) / 9
    opinion.probabilities[0, 3] = np.float32(confidence) + np.float32(1e-6)
    assert look.is_sure(opinion, is_mnist).tolist() == [sure]


def test_an_answer_as_sure_as_is_asked_for_stands() -> None:
    """To the bit, as 0.75 is in any precision."""
    look = Look.read(LAST)._replace(sure_from=dict.fromkeys(Form, 0.75))
    found = np.full((2, 10), 0.25 / 9, np.float32)
    found[:, 3] = 0.75, np.nextafter(np.float32(0.75), np.float32(0))
    opinion = Opinion.of_one_look(found, np.zeros(2, np.float32))
    assert look.is_sure(opinion, np.array([True, True])).tolist() == [True, False]
    assert look.is_sure(opinion, np.array([False, False])).tolist() == [True, False]


def test_a_look_that_says_nothing_of_it_is_never_sure() -> None:
    look = Look.read(LAST)
    assert set(look.sure_from.values()) == {NEVER}
    opinion = look.opinion(said(("map", [0.0] * 9 + [1.0])), np.array([False]))
    assert not look.is_sure(opinion, np.array([False])).any()


def test_a_picture_of_one_reading_has_no_last_look() -> None:
    plan = LooksPlan.read(CARD)
    assert plan.of_first_reading() == plan._replace(all_readings=None)


def test_a_judge_of_its_own_begins_with_what_the_judges_hear() -> None:
    """Or with the screen's look, where a model has been its own judge before."""
    other = {**LOOK, "other": {**OTHER, "sure from": 0.7}}
    plan = LooksPlan.read({**CARD, "first_reading": other})
    again = plan.of_judges()
    assert again == LooksPlan({}, Look.read(other), None, plan.all_readings)
    assert again.of_judges() == again


def changed(*path: str, to: object) -> Callable[[], Any]:
    """`CARD` with another value, or None in its place, at `path`."""

    def make() -> Any:
        card = copy.deepcopy(CARD)
        inside: Any = card
        for name in path[:-1]:
            inside = inside[name]
        inside[path[-1]] = to
        return card

    return make


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(changed("judges", "judge.keras", to="1" * 64), id="another judge"),
        pytest.param(changed("judges", to={"judg.keras": "0" * 64}), id="another name"),
        pytest.param(changed("screen", "other", "weights", "map", to=2.0001), id="a weight"),
        pytest.param(changed("screen", "other", "no digit", "head", to=1.0001), id="of no digit"),
        pytest.param(changed("first_reading", "other", "sure from", to=0.6001), id="a threshold"),
    ],
)
def test_another_plan_has_another_hash(make: Callable[[], Any]) -> None:
    assert LooksPlan.read(make()).sha256() != LooksPlan.read(CARD).sha256()


def test_the_order_in_a_card_changes_no_hash() -> None:
    card = {**CARD, "judges": {"judge.keras": "0" * 64, "another.keras": "1" * 64}}
    turned = json.loads(json.dumps(card), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    assert list(turned) != list(card)
    assert LooksPlan.read(turned).sha256() == LooksPlan.read(card).sha256()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(lambda: [], "it is no object", id="a list"),
        pytest.param(changed("fourth", to={}), "an unknown 'fourth'", id="a look more"),
        pytest.param(changed("screen", "neither", to={}), "an unknown 'neither'", id="a form more"),
        pytest.param(
            changed("screen", "other", "sure_from", to=1), "an unknown 'sure_from'", id="misspelt"
        ),
        pytest.param(lambda: None, "it is no object", id="null"),
        pytest.param(changed("judges", to=None), "'judges' is no object of file names", id="none"),
        pytest.param(changed("judges", to=["judge.keras"]), "'judges' is no object", id="no hash"),
        pytest.param(changed("judges", "judge.keras", to=7), "'judges' is no object", id="number"),
        *(
            pytest.param(changed("judges", name, to="0" * 64), "'judges' is no object", id=id_)
            for name, id_ in (
                ("a\0.keras", "a NUL in a name"),
                ("\ud800.keras", "half a surrogate pair"),
                ("", "no name"),
                ("folder/", "a folder"),
            )
        ),
        pytest.param(changed("screen", to=None), "screen: there is no object 'mnist form'", id="-"),
        pytest.param(
            changed("all_readings", to={}), "all_readings: there is no object 'mnist form'", id="{}"
        ),
        pytest.param(
            changed("first_reading", to=None), "first_reading: there is no object", id="null look"
        ),
        pytest.param(
            changed("screen", "other", to="map"), "screen: there is no object 'other'", id="text"
        ),
        pytest.param(
            changed("screen", "other", "sure from", to="0.9"),
            "screen: other: 'sure from' is no finite number",
            id="text for a number",
        ),
        pytest.param(
            changed("screen", "other", "weights", "maps", to=1),
            "screen: other: 'weights' has an unknown 'maps'",
            id="a rule",
        ),
    ],
)
def test_what_is_no_plan(make: Callable[[], Any], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        LooksPlan.read(make())
