"""A manifest comes back from its file as it was; one that somebody edited is an error in words."""

import json
import math
import re
from typing import Any

import pytest

from batch_predict.manifest.manifest import Manifest
from batch_predict.manifest.stored_options import ADDED_SINCE_1_0, STORED
from tests.conftest import ROOT
from tests.support.spoilt import VALUES, fields, replaced, without

OF_1_0_0 = {
    name: (ROOT / "tests" / "golden" / "manifests_1_0_0" / f"{name}.run.json").read_text()
    for name in ("whole", "shard", "merged")
}
#: the same as they are written now: nothing could be decided then, and nothing was
WRITTEN_NOW = {
    name: re.sub('( *)"blank": (0|{})', r'\1"decided": \2,\n\g<0>', text)
    for name, text in OF_1_0_0.items()
}
#: fields that only some manifests have, or that name themselves: without one it is a manifest still
MAY_BE_ABSENT = (
    *(("parts",), ("versions", "*"), ("left_out", "*"), ("reasons", "*", "*")),
    *(("counts", "decided"), ("reasons", "decided")),
)


def form(name: str) -> Any:
    return json.loads(WRITTEN_NOW[name])


@pytest.mark.parametrize("name", OF_1_0_0)
def test_one_of_1_0_0_is_read_and_written_to_the_byte(name: str) -> None:
    read = Manifest.from_json(json.loads(OF_1_0_0[name]))
    assert json.dumps(read.to_json(), indent=2) + "\n" == WRITTEN_NOW[name]


def test_the_scale_of_the_model_comes_back() -> None:
    """Manifests of 1.0.0 have none."""
    assert Manifest.from_json(form("whole")).record.model.scale is None
    told = replaced(form("whole"), ("model", "scale"), [0, 255])
    read = Manifest.from_json(told)
    assert read.record.model.scale == (0, 255)
    assert read.to_json() == told


@pytest.mark.parametrize("scale", [None, [], [0], [1, 1], [0, "1"], "0 255", {}, [0, 1e300]])
def test_a_scale_that_is_none_is_named(scale: object) -> None:
    with pytest.raises(ValueError, match=r"model\.scale is "):
        Manifest.from_json(replaced(form("whole"), ("model", "scale"), scale))


def test_the_json_form_is_plain() -> None:
    """As who reads the file gets it: no enum, no tuple, no dataclass."""
    plain = Manifest.from_json(form("merged")).to_json()
    assert plain == form("merged")
    for path in fields(plain):
        value = plain
        for name in path:
            value = value[name]
        assert type(value) in (dict, list, str, int, float, bool, type(None))


def test_what_it_says_is_typed() -> None:
    read = Manifest.from_json(form("shard"))
    assert str(read.record.options.shard) == "1/3"
    assert read.record.scored == read.record.counts.found
    assert read.record.times.started.utcoffset() is not None
    assert read.report is None


def absent_is_fine(path: tuple[Any, ...]) -> bool:
    """Whether `path` is one of MAY_BE_ABSENT, or an element of a list."""
    return isinstance(path[-1], int) or any(
        len(path) == len(each) and all(a in ("*", b) for a, b in zip(each, path, strict=True))
        for each in MAY_BE_ABSENT
    )


@pytest.mark.parametrize("name", ["whole", "merged"])
def test_a_missing_field_is_named(name: str) -> None:
    whole = form(name)
    for path in fields(whole):
        if not absent_is_fine(path):
            with pytest.raises(ValueError, match=str(path[0])):
                Manifest.from_json(without(whole, path))


def refusal(changed: Any) -> str | None:
    """Why `changed` is no manifest; None where it is one."""
    try:
        Manifest.from_json(changed).to_json()
    except ValueError as error:
        return str(error)
    return None


@pytest.mark.parametrize("value", VALUES)
def test_a_field_of_another_type_is_named(value: object) -> None:
    """Some fields take the value, such as a text; all others say which they are, on one line."""
    whole = form("merged")
    for path in fields(whole):
        words = refusal(replaced(whole, path, value))
        assert words is None or (str(path[0]) in words and len(words) < 200), path


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        pytest.param("manifest_version", 2, "is 2, not 1, which this program reads", id="version"),
        pytest.param("counts", 3, "counts is 3, not an object", id="no object"),
        pytest.param("counts.ok", -1, "counts.ok is -1, not a count", id="no count"),
        pytest.param("found", 7, "found is 7, not 298, to which its counts come", id="sum"),
        pytest.param("started", "noon", 'started is "noon", not a time such as', id="no time"),
        pytest.param("ended", "2026-01-01T00:00:00", "ended .* not a time", id="no offset"),
        pytest.param("duration_s", 0, "duration_s is 0, not above 0", id="no duration"),
        pytest.param("exit_code", 77, "exit_code is 77, not an exit code", id="exit code"),
        pytest.param("model.has_card", 1, "model.has_card is 1, not true or false", id="no flag"),
        pytest.param("accuracy_interval", [1], "is a list, not two numbers", id="interval"),
        pytest.param("report_sha256", ["a"], "is a list, not two hashes", id="hashes"),
        pytest.param("drift.psi", {}, "drift.psi.digits is missing", id="no histogram"),
        pytest.param("profile.ink", {}, "profile .* ink histogram has other bins", id="bins"),
        pytest.param("parts", {}, "parts is an object, not a list of objects", id="parts"),
        pytest.param("arguments.preprocess", "upside down", "one of auto, mnist", id="option"),
        pytest.param("arguments.batch_size", 0, "at least 1, received 0", id="option's range"),
    ],
)
def test_the_field_and_its_value_are_shown(path: str, value: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Manifest.from_json(replaced(form("merged"), tuple(path.split(".")), value))


@pytest.mark.parametrize("value", [None, [], "manifest", 1])
def test_no_object_at_all(value: object) -> None:
    with pytest.raises(ValueError, match="not an object"):
        Manifest.from_json(value)


def test_every_option_is_read_back() -> None:
    read = Manifest.from_json(form("whole")).record.options
    assert set(STORED) - ADDED_SINCE_1_0 == form("whole")["arguments"].keys()
    assert str(read.max_failures) == "100%"


def test_an_option_that_1_0_0_lacks_is_kept_where_it_is_said() -> None:
    said = replaced(form("whole"), ("arguments", "exclude"), ["a", "b/*"])
    read = Manifest.from_json(said)
    assert read.record.options.exclude == ("a", "b/*")
    assert read.to_json()["arguments"]["exclude"] == ["a", "b/*"]


def test_what_a_later_version_adds_is_no_matter() -> None:
    whole = form("whole")
    later = {**whole, "audit": {}, "arguments": {**whole["arguments"], "later": 1}}
    assert Manifest.from_json(later) == Manifest.from_json(whole)


def test_an_option_may_be_infinite() -> None:
    whole = replaced(form("whole"), ("arguments", "max_drift"), math.inf)
    read = Manifest.from_json(whole)
    assert read.record.options.max_drift == math.inf
    assert read.to_json()["arguments"]["max_drift"] == "inf"
    assert Manifest.from_json(read.to_json()) == read
