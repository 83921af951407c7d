import numpy as np
import pytest

from batch_predict.normalize.readings import ReadingKind
from batch_predict.records import EMPTY, OTHER
from train.classifier_batches import (
    BATCH,
    NO_DIGIT_LABEL,
    ODDS,
    SCREEN_SHARES,
    SHARES,
    Batches,
    by_odds,
    corrupted,
    evenly,
    shares_of,
    sources,
)
from train.data import Pictures
from train.readings import NO_DIGIT, Readings, Shown


def bars(count):
    pixels = np.zeros((count, 28, 28), np.uint8)
    pixels[:, 4:24, 12:16] = 255
    return pixels


def read(label, whole, kind="paper", readings=(ReadingKind.MAP,)):
    head = np.full((1, 12), 1 / 12, np.float32)
    shown = Shown(np.array([label], np.uint8), np.array([kind]), head, head, np.array([False]))
    count = len(readings)
    whole = np.full(count, whole, np.float32)
    return Readings(bars(count), np.zeros(count, np.int32), np.array(readings), whole, shown)


@pytest.mark.parametrize(
    ("label", "whole", "kind", "group"),
    [
        pytest.param(7, 0.9, "paper", "large", id="a digit"),
        pytest.param(7, 0.5, "paper", "large", id="most of a digit"),
        pytest.param(7, 0.4, "paper", None, id="perhaps enough of a digit"),
        pytest.param(7, 0.2, "paper", NO_DIGIT, id="half a digit"),
        pytest.param(OTHER, 0.0, "paper", NO_DIGIT, id="a letter"),
        pytest.param(EMPTY, 0.0, "empty", NO_DIGIT, id="a stain"),
        pytest.param(OTHER, 0.0, "several", None, id="one of two digits"),
    ],
)
def test_where_a_reading_belongs(label, whole, kind, group):
    found = sources(Pictures(bars(0), np.zeros(0, np.uint8)), {"large": read(label, whole, kind)})
    counts = {name: len(source.pictures.labels) for name, source in found.items()}
    wanted = {} if group is None else {group: 1}
    assert {name: count for name, count in counts.items() if count} == wanted
    if group is not None:
        assert found[group].pictures.labels == [label if group == "large" else NO_DIGIT_LABEL]


def test_a_reading_is_drawn_by_how_it_was_made():
    kinds = (ReadingKind.FAINT, ReadingKind.MAP)
    table = read(7, 0.9, readings=kinds)
    drawn = by_odds(table, np.array([0, 1], np.uint8)).draw(np.random.default_rng(1), 2000)
    share = ODDS[kinds[1]] / (ODDS[kinds[0]] + ODDS[kinds[1]])
    assert drawn.labels.mean() == pytest.approx(share, abs=0.04)


def test_evenly_drawn_all_are_met():
    digits = Pictures(bars(3), np.arange(3, dtype=np.uint8))
    assert set(evenly(digits).draw(np.random.default_rng(1), 60).labels) == {0, 1, 2}


@pytest.fixture(scope="module")
def pictures():
    digits = evenly(Pictures(bars(30), np.arange(30, dtype=np.uint8) % 10))
    nothing = evenly(Pictures(bars(30), np.full(30, NO_DIGIT_LABEL, np.uint8)))
    return dict.fromkeys(SHARES, digits) | {NO_DIGIT: nothing}


def test_a_batch_holds_every_group_by_its_share(pictures):
    batch = Batches(pictures, seed=1)[0]
    assert batch["pixels"].shape == (BATCH, 28, 28)
    assert batch["pixels"].dtype == np.uint8
    none = round(SHARES[NO_DIGIT].of_batch * BATCH)
    assert np.count_nonzero(batch["labels"] == NO_DIGIT_LABEL) == none
    assert set(batch["taught"]) == {np.float32(share.taught) for share in SHARES.values()}


def test_a_batch_depends_on_the_seed_and_its_number_alone(pictures):
    first, again, other = Batches(pictures, 1), Batches(pictures, 1), Batches(pictures, 2)
    assert (first[0]["pixels"] != first[4]["pixels"]).any()
    np.testing.assert_array_equal(first[4]["pixels"], again[4]["pixels"])
    assert (first[4]["pixels"] != other[4]["pixels"]).any()


def test_a_screen_has_shares_of_its_own(pictures):
    assert sum(share.of_batch for share in SCREEN_SHARES.values()) == pytest.approx(1)
    made = Batches(pictures, 1, shares_of("screen"))[0]
    usual = Batches(pictures, 1, shares_of("compact"))[0]
    assert (made["pixels"] != usual["pixels"]).any()


def test_without_readings_there_is_more_of_mnist(pictures):
    nothing = {"large": evenly(Pictures(bars(0), np.zeros(0, np.uint8)))}
    batch = Batches(pictures | nothing, seed=1)[0]
    assert batch["pixels"].shape == (BATCH, 28, 28)


def test_corrupted_pictures_differ_from_what_they_were():
    changed = corrupted(np.random.default_rng(0), bars(40)) != bars(40)
    assert changed.any(axis=(1, 2)).mean() > 0.9
