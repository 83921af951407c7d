"""How what several sources say becomes one answer."""

import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_predict.normalize.readings import ReadingKind
from batch_predict.records import CLASSES, EMPTY, INK_CLASSES, OTHER
from batch_predict.runtimes.rule import (
    AGAIN,
    FLOOR,
    HEAD,
    MOST,
    SOURCES,
    Rule,
    Said,
    evenness,
)

MAP, STANDS = ReadingKind.MAP, ReadingKind.STANDS
THREE, FIVE = 3, 5


def ten(**shares: float) -> np.ndarray:
    """Ten probabilities: those of `three` and `five`, and what is left on all others evenly."""
    three, five = shares.get("three", 0.0), shares.get("five", 0.0)
    found = np.full(CLASSES, (1 - three - five) / 8, np.float32)
    found[[THREE, FIVE]] = three, five
    return found


def said(readings: dict[str, np.ndarray], heads: dict[str, np.ndarray] | None = None) -> Said:
    """What is said of one picture."""
    found = Said.nothing(1)
    for kind, answer in readings.items():
        found.hear(np.array([0]), np.array([SOURCES.index(kind)]), answer[None])
    for head, classes in (heads or {}).items():
        found.hear_head(head, np.array([0]), classes[None])
    return found


def rule(weights: dict[str, float], **no_digit: float) -> Rule:
    return Rule.read({"weights": weights, "no digit": {"constant": -MOST, **no_digit}})


def answer(found: Rule, heard: Said) -> np.ndarray:
    return found.opinion(heard).probabilities[0]


def test_a_pool_worked_by_hand() -> None:
    """Two sources that say 0.6 and 0.2 of a three, 0.2 and 0.7 of a five; weights 1 and 0.5."""
    heard = said({MAP: ten(three=0.6, five=0.2), STANDS: ten(three=0.2, five=0.7)})
    three, five = 0.60003 * 0.20003**0.5, 0.20003 * 0.70003**0.5
    others = 0.02503 * 0.01253**0.5
    whole = three + five + 8 * others
    given_by = answer(rule({MAP: 1, STANDS: 0.5}), heard)
    assert given_by[THREE] == pytest.approx(three / whole, rel=1e-5)
    assert given_by[FIVE] == pytest.approx(five / whole, rel=1e-5)
    assert given_by[0] == pytest.approx(others / whole, rel=1e-5)
    assert given_by.sum() == pytest.approx(1)


def test_a_source_that_says_nothing_counts_nothing() -> None:
    heard = said({MAP: ten(three=0.6, five=0.2)})
    every = dict.fromkeys(map(str, SOURCES), 1.0)
    np.testing.assert_array_equal(answer(rule(every), heard), answer(rule({MAP: 1}), heard))


def test_with_no_source_all_digits_are_as_likely() -> None:
    np.testing.assert_allclose(answer(rule({MAP: 1}), said({})), 0.1)


def test_a_source_that_is_wholly_sure_can_be_outvoted() -> None:
    sure, others = ten(three=1), ten(five=0.9)
    heard = said({MAP: sure, STANDS: others, ReadingKind.FAINT: others})
    weights = {MAP: 1, STANDS: 1, ReadingKind.FAINT: 1}
    assert answer(rule(weights), heard).argmax() == FIVE
    alone = said({MAP: sure})
    assert answer(rule({MAP: 1}), alone)[FIVE] == pytest.approx(FLOOR / (1 + 10 * FLOOR), rel=1e-3)


@pytest.mark.parametrize("places", [[1], [0, 1]], ids=["alone", "beside a plain picture"])
def test_sources_of_the_greatest_weight_that_are_wholly_sure_of_two_digits(
    places: list[int],
) -> None:
    """However unlikely every digit then is, and whatever is said of another picture."""
    heard = Said.nothing(2)
    for at in range(len(SOURCES)):
        digits = np.stack([ten(three=1), ten(five=1) if at % 2 else ten(three=1)])
        heard.hear(np.arange(2), np.array([at, at]), digits)
    found = rule(dict.fromkeys(map(str, SOURCES), MOST)).opinion(heard.at(np.array(places)))
    assert found.probabilities[-1, [THREE, FIVE]].tolist() == pytest.approx([0.5, 0.5])


def head(three: float, empty: float = 0.0, other: float = 0.0) -> np.ndarray:
    found = np.zeros(INK_CLASSES, np.float32)
    found[[THREE, EMPTY, OTHER]] = three, empty, other
    return found


@pytest.mark.parametrize(
    ("readings", "heads", "no_digit", "expected"),
    [
        pytest.param([0.3], {}, {"readings": 1}, 0.3, id="what the one reading says"),
        pytest.param([0.5], {}, {"readings": 1, "constant": np.log(3)}, 0.75, id="and a constant"),
        pytest.param([0.5, 0.9], {}, {"readings": 1}, 0.75, id="the mean of two in log odds"),
        pytest.param([0.9], {}, {"readings": 0.5}, 0.75, id="half as sure"),
        pytest.param([0.9], {}, {}, 0.5, id="nothing counts"),
        pytest.param([], {HEAD: head(0.3, 0.2, 0.5)}, {HEAD: 1}, 0.7, id="both of the head's two"),
        pytest.param([0.5], {HEAD: head(0.1, 0.9)}, {"readings": 1, HEAD: 1}, 0.9, id="both"),
        pytest.param([0.9], {}, {"readings": 1, HEAD: 1}, 0.9, id="no head"),
        pytest.param([0.5], {AGAIN: head(0.2, 0.0, 0.8)}, {AGAIN: 1}, 0.8, id="the head again"),
    ],
)
def test_no_digit_worked_by_hand(
    readings: list[float], heads: dict[str, np.ndarray], no_digit: dict[str, float], expected: float
) -> None:
    even = [ten(three=1 - 0.9 * none, five=0.1 * none) for none in readings]
    heard = said(dict(zip((MAP, STANDS), even, strict=False)), heads)
    found = rule({MAP: 1, HEAD: 1}, **{"constant": 0.0, **no_digit})
    assert found.opinion(heard).no_digit[0] == pytest.approx(expected, abs=2e-3)


def test_as_far_as_there_is_no_digit_the_ten_are_even() -> None:
    heard = said({MAP: ten(three=0.9)})
    sure, half = rule({MAP: 1}), rule({MAP: 1}, constant=0.0)
    expected = answer(sure, heard) / 2 + 0.05
    np.testing.assert_allclose(answer(half, heard), expected, rtol=1e-5)
    none = rule({MAP: 1}, constant=MOST)
    np.testing.assert_allclose(answer(none, heard), 0.1, rtol=1e-5)


def test_what_the_head_takes_for_no_digit_speaks_for_no_digit() -> None:
    """It is spread over the ten, so that the head's own doubt is in what it says of each."""
    (found,) = said({}, {HEAD: head(0.6, 0.1, 0.3)}).digits[:, SOURCES.index(HEAD)]
    assert found[THREE] == pytest.approx(0.64)
    assert found[FIVE] == pytest.approx(0.04)


@pytest.mark.parametrize(
    ("ten", "expected"),
    [
        pytest.param(ten(three=1), 0, id="sure"),
        pytest.param(np.full(10, 0.1, np.float32), 1, id="even"),
        pytest.param(np.full(10, 0.10005, np.float32), 1, id="a sum a little over 1"),
        pytest.param(np.array([1.0009] + [-1e-4] * 9, np.float32), 0, id="a little below 0"),
    ],
)
def test_evenness(ten: np.ndarray, expected: float) -> None:
    assert evenness(ten[None])[0] == pytest.approx(expected, abs=1e-6)


def test_answers_a_little_outside_0_to_1_are_taken_for_those() -> None:
    heard = said({MAP: np.array([1.0009] + [-1e-3] * 9, np.float32)})
    found = answer(rule({MAP: 1}, readings=1.0), heard)
    assert np.isfinite(found).all()
    assert found[0] > 0.98


NUMBERS = st.floats(0, MOST).map(lambda value: round(value, 4))
OBJECTS = st.fixed_dictionaries(
    {
        "weights": st.dictionaries(st.sampled_from(list(map(str, SOURCES))), NUMBERS),
        "no digit": st.dictionaries(
            st.sampled_from(["constant", "readings", HEAD, AGAIN]),
            st.floats(-MOST, MOST).map(lambda value: round(value, 4)),
        ),
    }
)


@given(OBJECTS)
def test_a_rule_is_written_and_read_back(form: dict[str, dict[str, float]]) -> None:
    found = Rule.read(form)
    written = json.loads(json.dumps(found.to_json()))
    assert Rule.read(written) == found
    assert written == {name: {k: v for k, v in each.items() if v} for name, each in form.items()}


@pytest.mark.parametrize(
    ("weights", "no_digit", "hears_maps"),
    [
        pytest.param({"as it stands": 1, "upright": 0.5}, {"readings": 1}, False, id="unmarked"),
        pytest.param({"as it stands": 1, "map": 0.1}, {}, True, id="a map's reading"),
        pytest.param({"as it stands": 1, "head": 0.1}, {}, True, id="the head"),
        pytest.param({"as it stands": 1}, {"head": 1}, True, id="of no digit, the head"),
        pytest.param({"as it stands": 1}, {"head again": 1}, True, id="and at another size"),
    ],
)
def test_whether_a_rule_hears_maps(
    weights: dict[str, float], no_digit: dict[str, float], hears_maps: bool
) -> None:
    assert Rule.read({"weights": weights, "no digit": no_digit}).hears_maps == hears_maps


@given(OBJECTS, st.integers(0, 2**32 - 1))
def test_every_rule_gives_probabilities(form: dict[str, dict[str, float]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    heard = Said.nothing(5)
    for place in range(len(SOURCES)):
        pictures = np.flatnonzero(rng.random(5) < 0.7)
        answers = rng.dirichlet(np.full(10, rng.choice([0.01, 1, 100])), len(pictures))
        heard.hear(pictures, np.full(len(pictures), place), answers.astype(np.float32))
    found = Rule.read(form).opinion(heard)
    assert ((found.probabilities >= 0) & (found.probabilities <= 1)).all()
    np.testing.assert_allclose(found.probabilities.sum(axis=1), 1, rtol=1e-5)
    assert ((found.no_digit >= 0) & (found.no_digit <= 1)).all()


GOOD = {"weights": {"map": 1}, "no digit": {"readings": 1}}


@pytest.mark.parametrize(
    ("form", "words"),
    [
        pytest.param([], "there is no object 'weights'", id="a list"),
        pytest.param({**GOOD, "weights": [1]}, "there is no object 'weights'", id="no names"),
        pytest.param({"weights": {}}, "there is no object 'no digit'", id="half of it"),
        pytest.param({**GOOD, "weights": {"ink": 1}}, "'weights' has an unknown 'ink'", id="typo"),
        pytest.param({**GOOD, "no digit": {"map": 1}}, "known are constant, readings", id="source"),
        pytest.param({**GOOD, "weights": {"map": "1"}}, "'map' is no finite number", id="text"),
        pytest.param({**GOOD, "weights": {"map": True}}, "'map' is no finite number", id="true"),
        pytest.param({**GOOD, "weights": {"map": None}}, "'map' is no finite number", id="null"),
        pytest.param({**GOOD, "weights": {"map": np.nan}}, "no finite number", id="no number"),
        pytest.param({**GOOD, "weights": {"map": 10**400}}, "no finite number", id="too large"),
        pytest.param({**GOOD, "weights": {"map": -1}}, "a weight is below 0", id="below 0"),
        pytest.param({**GOOD, "weights": {"map": 21}}, "'map' is 21; the most is 20", id="above"),
        pytest.param(
            {**GOOD, "no digit": {"constant": -21}}, "'constant' is -21; the most is 20", id="odds"
        ),
    ],
)
def test_what_is_no_rule(form: object, words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        Rule.read(form)
