"""A field is read as its type, or refused by its path with what it is."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from batch_predict.manifest.json_object import JsonObject


@pytest.mark.parametrize(
    ("read", "value", "expected"),
    [
        pytest.param(JsonObject.text, "", "", id="an empty text"),
        pytest.param(JsonObject.flag, False, False, id="false"),
        pytest.param(JsonObject.count, 0, 0, id="none"),
        pytest.param(JsonObject.count, 2**53, 2**53, id="the largest count"),
        pytest.param(JsonObject.number, -0.5, -0.5, id="a number"),
        pytest.param(JsonObject.scalar, None, None, id="null"),
        pytest.param(JsonObject.texts, ["a", ""], ("a", ""), id="texts"),
        pytest.param(JsonObject.numbers, [1, 0.5], (1, 0.5), id="numbers"),
        pytest.param(JsonObject.counts, {"a": 1}, {"a": 1}, id="counts"),
        pytest.param(
            JsonObject.time,
            "2026-11-24T03:00:00+01:00",
            datetime(2026, 11, 24, 2, tzinfo=UTC),
            id="a time of another zone",
        ),
    ],
)
def test_a_field_of_its_type(
    read: Callable[[JsonObject, str], object], value: object, expected: object
) -> None:
    found = read(JsonObject({"field": value}), "field")
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("read", "value", "words"),
    [
        pytest.param(JsonObject.text, 1, "at.field is 1, not text", id="no text"),
        pytest.param(JsonObject.flag, 1, "at.field is 1, not true or false", id="no flag"),
        pytest.param(JsonObject.count, True, "at.field is true, not a count", id="true"),
        pytest.param(JsonObject.count, 1.0, "at.field is 1.0, not a count", id="a float"),
        pytest.param(JsonObject.count, 2**53 + 1, "not a count", id="over the largest"),
        pytest.param(JsonObject.number, float("inf"), "is Infinity, not a number", id="infinity"),
        pytest.param(JsonObject.number, 10**309, "0..., not a number", id="over every float"),
        pytest.param(JsonObject.time, "2026-11-24", "2026-11-24T02:00:00+00:00", id="a date"),
        pytest.param(
            JsonObject.time, "0001-01-01T00:00:00+23:00", "not a time such as", id="before year 1"
        ),
        pytest.param(JsonObject.texts, ["a", 1], "at.field is a list, not a list of texts", id="1"),
        pytest.param(JsonObject.numbers, [None], "not a list of numbers", id="null in a list"),
        pytest.param(JsonObject.counts, {"a": "1"}, 'at.field.a is "1", not a count', id="inner"),
        pytest.param(JsonObject.child, [], "at.field is a list, not an object", id="no object"),
        pytest.param(JsonObject.children, [{}, 3], "at.field[1] is 3, not an object", id="second"),
        pytest.param(JsonObject.scalar, {}, "at.field is an object, not a text", id="nested"),
        pytest.param(JsonObject.text, None, "at.field is null, not text", id="null"),
    ],
)
def test_a_field_of_another_type(
    read: Callable[[JsonObject, str], object], value: object, words: str
) -> None:
    with pytest.raises(ValueError) as raised:
        read(JsonObject({"field": value}, "at"), "field")
    assert words in str(raised.value)


@pytest.mark.parametrize("name", ["text", "flag", "count", "number", "time", "child", "children"])
def test_a_field_that_is_missing(name: str) -> None:
    form: Any = JsonObject({}, "at")
    with pytest.raises(ValueError, match=r"at\.field is missing"):
        getattr(form, name)("field")


def test_null_where_it_may_be() -> None:
    form = JsonObject({"a": None, "b": "x"})
    assert (form.optional(form.text, "a"), form.optional(form.text, "b")) == (None, "x")
    with pytest.raises(ValueError, match="c is missing"):
        form.optional(form.text, "c")
