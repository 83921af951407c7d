"""What a training takes: groups of batches, in order, answered by the teachers."""

from itertools import islice

import numpy as np
import pytest

from train.classifier_batches import SHARES, Batches, evenly
from train.classifier_stream import makers, stream
from train.data import Pictures
from train.teachers import Teachers


@pytest.fixture
def batches(monkeypatch):
    monkeypatch.setattr("train.classifier_batches.BATCH", 12)
    pixels = np.random.default_rng(0).integers(0, 256, (20, 28, 28), np.uint8)
    source = evenly(Pictures(pixels, np.arange(20, dtype=np.uint8) % 10))
    return Batches(dict.fromkeys(SHARES, source), seed=1)


def taken(batches, count, first=0, kept=0, at_once=1):
    with makers(batches, Teachers(), at_once, 0) as make:
        return [batch for (batch,) in islice(stream(make, first, kept), count)]


def test_batches_come_in_order_with_what_is_to_be_answered(batches):
    for number, batch in enumerate(taken(batches, 3, first=2), 2):
        np.testing.assert_array_equal(batch["pixels"], batches[number]["pixels"])
        np.testing.assert_array_equal(batch["targets"], np.eye(10)[batch["labels"]])


def test_a_group_is_several_batches(batches):
    (group,) = taken(batches, 1, first=3, at_once=2)
    for name in ("pixels", "labels"):
        np.testing.assert_array_equal(group[name], [batches[6][name], batches[7][name]])
    assert group["targets"].shape == (2, 12, 10)


@pytest.mark.parametrize(
    ("first", "numbers"),
    [
        pytest.param(0, [0, 1, 0, 1], id="from the start"),
        pytest.param(3, [1, 0, 1, 0], id="of a training that goes on"),
    ],
)
def test_kept_groups_come_again(batches, first, numbers):
    found = taken(batches, 4, first=first, kept=2)
    assert found[2] is found[0]
    for number, batch in zip(numbers, found, strict=True):
        np.testing.assert_array_equal(batch["pixels"], batches[number]["pixels"])


@pytest.mark.slow
def test_processes_make_what_threads_make():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 28, 28), np.uint8)
    source = evenly(Pictures(pixels, np.arange(20, dtype=np.uint8) % 10))
    batches = Batches(dict.fromkeys(SHARES, source), seed=1)
    with makers(batches, Teachers(), at_once=2, processes=1) as make:
        group = make(1).result()
    np.testing.assert_array_equal(group["pixels"], [batches[2]["pixels"], batches[3]["pixels"]])
