"""Rendered pictures of a few of MNIST's digits, read by the shipped ink network."""

import numpy as np
import pytest

from batch_predict.errors import UsageError
from batch_predict.normalize.readings import ReadingKind
from batch_predict.records import EMPTY, OTHER
from tests.conftest import ROOT
from train import rendered
from train.data import Pictures
from train.readings import AS_THEY_ARE, concatenated, load_readings
from train.rendered import GROUPS, read_rendered

INK = str(ROOT / "models" / "ink.onnx")


@pytest.fixture(scope="module")
def mnist():
    with np.load(ROOT / "models" / "probe_digits.npz") as file:
        return Pictures(file["pixels"], file["labels"].astype(np.uint8))


def chunk(folder, mnist, group, size, seed=1, first=0):
    rendered._start_worker(mnist, INK)
    task = rendered._Task(group, (seed, 2, 3), first, size, str(folder / f"{group}-{seed}.npz"))
    rendered._make(task)
    return load_readings(task.path)


@pytest.mark.parametrize("group", GROUPS)
def test_a_chunk_holds_readings_of_its_group(mnist, tmp_path, group):
    found = chunk(tmp_path, mnist, group, 6)
    assert found.pixels.shape[1:] == (28, 28)
    assert {len(column) for column in found[:-1]} == {len(found.labels)}
    assert {len(column) for column in found.shown} == {6}
    assert set(found.kinds) <= set(GROUPS[group].kinds or [AS_THEY_ARE])
    assert found.labels.max() <= OTHER
    assert ((found.whole >= 0) & (found.whole <= 1)).all()
    for classes in (found.shown.head, found.shown.again):
        np.testing.assert_allclose(classes.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("group", ["small", "plain"])
def test_a_chunk_follows_its_seed(mnist, tmp_path, group):
    first, again, other = (chunk(tmp_path, mnist, group, 4, seed) for seed in (1, 1, 5))
    np.testing.assert_array_equal(first.pixels, again.pixels)
    assert first.pixels.tobytes() != other.pixels.tobytes()


def test_mnist_is_read_in_its_order_and_as_it_stands_first(mnist, tmp_path):
    found = chunk(tmp_path, mnist, "mnist", 3, first=2)
    assert found.shown.form.all()
    first = found.first()
    np.testing.assert_array_equal(first.pixels, mnist.pixels[2:5])
    np.testing.assert_array_equal(first.labels, mnist.labels[2:5])
    assert (first.whole == 1).all()
    maps = found.at(found.reading == ReadingKind.MAP)
    assert (maps.whole > 0.7).all()


def test_a_picture_of_another_form_is_first_read_by_its_map(mnist, tmp_path):
    found = chunk(tmp_path, mnist, "large", 3)
    assert set(found.first().reading) == {ReadingKind.MAP}


def test_small_pictures_are_heard_as_they_stand_at_once(mnist, tmp_path):
    small = chunk(tmp_path, mnist, "small", 6).heard_first()
    stands, mapped = (
        small.picture[small.reading == k] for k in (ReadingKind.STANDS, ReadingKind.MAP)
    )
    assert len(stands) > 0
    assert set(mapped) >= set(stands)
    large = chunk(tmp_path, mnist, "large", 3)
    np.testing.assert_array_equal(large.heard_first().pixels, large.first().pixels)


def test_signs_are_no_digits_and_hold_nothing_of_one(mnist, tmp_path):
    read = chunk(tmp_path, mnist, "signs", 8)
    assert (read.labels >= EMPTY).all()
    assert (read.whole < 0.1).all()


def maps(ink=0, writing=0, print_=0):
    """(20, 20, 3), a stroke of each level where the others have theirs."""
    made = np.zeros((20, 20, 3), np.uint8)
    for channel, (level, column) in enumerate(((ink, 2), (writing, 8), (print_, 14))):
        made[2:18, column : column + 4, channel] = level
    return made


HEAD = np.zeros(12, np.float32)
TRUTH = maps(255, 255)
SEEN = rendered._Seen(maps(255, 100), TRUTH, HEAD)
NOTHING = rendered._Seen(maps(), TRUTH, HEAD)
LOST = rendered._Seen(maps(0, 255), TRUTH, HEAD)  # the digit isn't marked, the rest is


@pytest.mark.parametrize(
    ("kind", "seen", "again", "whole"),
    [
        pytest.param(ReadingKind.MAP, SEEN, NOTHING, 1.0, id="map"),
        pytest.param(ReadingKind.FAINT, SEEN, NOTHING, 1.0, id="the same map"),
        pytest.param(ReadingKind.UPRIGHT, SEEN, NOTHING, 1.0, id="without slant"),
        pytest.param(ReadingKind.OTHER_SIZE, NOTHING, SEEN, 1.0, id="the other map"),
        pytest.param(ReadingKind.ALL_WRITING, SEEN, NOTHING, 255 / 355, id="with other writing"),
        pytest.param(ReadingKind.STANDS, SEEN, NOTHING, 0.5, id="half of what is there"),
        pytest.param(ReadingKind.MAP, LOST, NOTHING, 0.0, id="other writing is read"),
    ],
)
def test_how_much_of_the_digit_is_read(kind, seen, again, whole):
    assert rendered._whole(kind, seen, again) == pytest.approx(whole, abs=1e-4)


def test_a_digit_marked_as_other_writing_is_read():
    as_writing = np.zeros_like(TRUTH)
    as_writing[..., 1] = TRUTH[..., 0]
    seen = rendered._Seen(as_writing, TRUTH, HEAD)
    assert rendered._whole(ReadingKind.MAP, seen, NOTHING) == 1


def test_a_picture_of_which_nothing_is_read_is_kept():
    nothing = rendered._Marked(3, "paper", HEAD, HEAD, False, ())
    something = nothing._replace(label=4, read=(rendered._Read(np.ones((28, 28)), "map", 0.5),))
    joined = concatenated([rendered._table(each) for each in ([], [nothing], [nothing, something])])
    np.testing.assert_array_equal(joined.shown.labels, [3, 3, 4])
    np.testing.assert_array_equal(joined.picture, [2])
    np.testing.assert_array_equal(joined.labels, [4])


@pytest.mark.slow
def test_what_is_read_is_not_read_again(mnist, tmp_path, monkeypatch):
    def read():
        return read_rendered(str(tmp_path), mnist, INK, 1, {"small": 6, "signs": 4}, 1)

    first = read()
    monkeypatch.delattr(rendered, "ProcessPoolExecutor")
    again = read()
    assert first.keys() == again.keys() == {"small", "signs"}
    for group, found in first.items():
        np.testing.assert_array_equal(found.pixels, again[group].pixels)


@pytest.mark.parametrize("changed", ["seed", "digits", "normalizer"])
def test_readings_of_another_making_are_not_taken(mnist, tmp_path, monkeypatch, changed):
    assert read_rendered(str(tmp_path), mnist, INK, 1, {}, 1) == {}
    if changed == "normalizer":
        monkeypatch.setattr(rendered, "NORMALIZER_VERSION", rendered.NORMALIZER_VERSION + 1)
    other = mnist.at(slice(1, None)) if changed == "digits" else mnist
    with pytest.raises(UsageError, match="another"):
        read_rendered(str(tmp_path), other, INK, 2 if changed == "seed" else 1, {}, 1)
