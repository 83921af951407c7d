"""The classifier's answer joined to the class head's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from batch_predict.runtimes.joint_rule import JointRule


def sharp(size: int, at: int, share: float) -> np.ndarray:
    found = np.full((1, size), (1 - share) / (size - 1), np.float32)
    found[0, at] = share
    return found


def test_what_was_not_marked_stays_as_it_is() -> None:
    probabilities = sharp(10, 3, 0.9)
    joined = JointRule(0.5, 2.0).join(probabilities, np.zeros((1, 12), np.float32))
    assert joined is probabilities


@pytest.mark.parametrize(
    ("head", "label", "sure"),
    [
        pytest.param(sharp(12, 3, 0.99), 3, True, id="at one"),
        pytest.param(sharp(12, 5, 0.99), 3, False, id="at odds"),
        pytest.param(sharp(12, 10, 0.99), 3, False, id="empty"),
        pytest.param(sharp(12, 11, 0.99), 3, False, id="something else"),
    ],
)
def test_sure_where_both_are(head: np.ndarray, label: int, sure: bool) -> None:
    (joined,) = JointRule(0.52, 1.0).join(sharp(10, 3, 0.99), head)
    assert joined.argmax() == label
    assert bool(joined.max() > 0.9) is sure


def test_a_batch_of_both_kinds() -> None:
    probabilities = np.concatenate([sharp(10, 1, 0.8), sharp(10, 2, 0.8)])
    classes = np.concatenate([np.zeros((1, 12), np.float32), sharp(12, 2, 0.9)])
    joined = JointRule(0.5, 0.9).join(probabilities, classes)
    assert np.array_equal(joined[0], probabilities[0])
    assert joined[1, 2] > 0.8
    assert joined.dtype == np.float32


_SHARES = arrays(np.float32, (5, 12), elements=st.floats(0, 1, width=32))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(_SHARES, _SHARES, st.floats(0, 1), st.floats(0.1, 10))
def test_probabilities_stay_probabilities(
    a: np.ndarray, b: np.ndarray, weight: float, temperature: float
) -> None:
    probabilities = (a[:, :10] + 1e-3) / (a[:, :10] + 1e-3).sum(axis=1, keepdims=True)
    classes = (b + 1e-3) / (b + 1e-3).sum(axis=1, keepdims=True)
    joined = JointRule(weight, temperature).join(probabilities, classes)
    assert joined.min() >= 0
    assert np.allclose(joined.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {},
        {"classifier_weight": 0.5},
        {"classifier_weight": 0.5, "temperature": 0},
        {"classifier_weight": 1.1, "temperature": 1},
        {"classifier_weight": True, "temperature": 1},
        {"classifier_weight": "0.5", "temperature": 1},
        {"classifier_weight": float("nan"), "temperature": 1},
        {"classifier_weight": 0.5, "temperature": float("nan")},
        {"classifier_weight": 0.5, "temperature": float("inf")},
        {"classifier_weight": 0.5, "temperature": 10**400},
    ],
    ids=repr,
)
def test_a_card_that_says_no_rule(value: object) -> None:
    with pytest.raises(ValueError, match=r"weight|object"):
        JointRule.read(value)


def test_a_card_s_rule() -> None:
    card = {"classifier_weight": 0.5, "temperature": 1, "n": 4000, "fitted_on": "rendered"}
    assert JointRule.read(card) == (0.5, 1.0)
