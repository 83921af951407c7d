"""A profile counts every picture once in each histogram, and survives JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_predict.drift.profile import Profile, profile_of, read_profile

SHARE = st.floats(0, 1)
PICTURES = st.lists(st.tuples(st.integers(0, 9), SHARE, SHARE))


def of(pictures: list[tuple[int, float, float]]) -> Profile:
    return profile_of(*(list(column) for column in zip(*pictures, strict=True))) if pictures else E


E = profile_of([], [], [])


@pytest.mark.parametrize(
    ("histogram", "value", "edge"),
    [
        pytest.param("confidence", 0.0, "0", id="none at all"),
        pytest.param("confidence", 0.49999, "0", id="below an edge"),
        pytest.param("confidence", 0.5, "0.5", id="on an edge"),
        pytest.param("confidence", 1.0, "0.999", id="certain"),
        pytest.param("ink", 0.13, "0.128", id="MNIST's usual ink"),
        pytest.param("ink", 1.0, "0.25", id="all ink"),
    ],
)
def test_a_bin_starts_at_its_lower_edge(histogram: str, value: float, edge: str) -> None:
    counts = profile_of([3], [value], [value])._asdict()[histogram]
    assert [name for name, count in counts.items() if count] == [edge]


@given(PICTURES, PICTURES)
def test_parts_add_up_to_the_whole(
    a: list[tuple[int, float, float]], b: list[tuple[int, float, float]]
) -> None:
    assert of(a) + of(b) == of(a + b)


@given(PICTURES)
def test_every_histogram_counts_every_picture(pictures: list[tuple[int, float, float]]) -> None:
    profile = of(pictures)
    assert profile.n == len(pictures)
    assert all(sum(histogram.values()) == len(pictures) for histogram in profile)


def test_json_gives_it_back() -> None:
    profile = profile_of([3, 7], [0.5, 0.99], [0.1, 0.2])
    assert read_profile(json.loads(json.dumps(profile._asdict()))) == profile


@pytest.mark.parametrize(
    ("form", "why"),
    [
        pytest.param(None, "not a profile", id="nothing"),
        pytest.param({"digits": {}}, "not a profile", id="a part"),
        pytest.param(E._asdict() | {"ink": {"0": 3}}, "other bins", id="bins of another version"),
        pytest.param(
            E._asdict() | {"digits": dict.fromkeys(E.digits, -1)}, "counts", id="negative"
        ),
    ],
)
def test_another_form_is_refused(form: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_profile(form)
