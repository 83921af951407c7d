"""Rendered pictures of a few of MNIST's digits, read by the shipped ink network."""

import numpy as np
import pytest

from batch_predict.errors import UsageError
from batch_predict.records import EMPTY, OTHER
from tests.conftest import ROOT
from train import readings
from train.data import Pictures
from train.readings import GROUPS, Readings, concatenated, read_rendered

INK = str(ROOT / "models" / "ink.onnx")


@pytest.fixture(scope="module")
def mnist():
    with np.load(ROOT / "models" / "probe_digits.npz") as file:
        return Pictures(file["pixels"], file["labels"].astype(np.uint8))


def chunk(folder, mnist, group, size, seed=1):
    readings._start_worker(mnist, INK)
    task = readings._Task(group, (seed, 2, 3), size, str(folder / f"{group}-{seed}.npz"))
    readings._make(task)
    with np.load(task.path) as kept:
        return Readings(**kept)


@pytest.mark.parametrize("group", GROUPS)
def test_a_chunk_holds_readings_of_its_group_and_follows_its_seed(mnist, tmp_path, group):
    first = chunk(tmp_path, mnist, group, 8)
    again, other = (chunk(tmp_path, mnist, group, 8, seed) for seed in (1, 5))
    assert first.pixels.shape[1:] == (28, 28)
    assert {len(column) for column in first} == {len(first.labels)}
    assert set(first.kinds) <= set(GROUPS[group].kinds)
    assert first.labels.max() <= OTHER
    assert ((first.whole >= 0) & (first.whole <= 1)).all()
    np.testing.assert_allclose(first.head.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(first.pixels, again.pixels)
    assert first.pixels.tobytes() != other.pixels.tobytes()


def test_signs_are_no_digits_and_hold_nothing_of_one(mnist, tmp_path):
    read = chunk(tmp_path, mnist, "signs", 8)
    assert (read.labels >= EMPTY).all()
    assert (read.whole < 0.1).all()


def test_a_chunk_without_a_reading_joins_others(mnist, tmp_path):
    none, some = readings._table([]), chunk(tmp_path, mnist, "small", 3)
    assert concatenated([none, some]).pixels.shape == some.pixels.shape


@pytest.mark.slow
def test_what_is_read_is_not_read_again(mnist, tmp_path, monkeypatch):
    def read():
        return read_rendered(str(tmp_path), mnist, INK, 1, {"small": 6, "signs": 4}, 1)

    first = read()
    monkeypatch.delattr(readings, "ProcessPoolExecutor")
    again = read()
    assert first.keys() == again.keys() == {"small", "signs"}
    for group, found in first.items():
        np.testing.assert_array_equal(found.pixels, again[group].pixels)


@pytest.mark.parametrize("changed", ["seed", "digits"])
def test_readings_of_another_making_are_not_taken(mnist, tmp_path, changed):
    assert read_rendered(str(tmp_path), mnist, INK, 1, {}, 1) == {}
    other = mnist.at(slice(1, None)) if changed == "digits" else mnist
    with pytest.raises(UsageError, match="another"):
        read_rendered(str(tmp_path), other, INK, 2 if changed == "seed" else 1, {}, 1)
