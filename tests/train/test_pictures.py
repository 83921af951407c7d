"""Pictures to learn the ink from: their truth fits them, and follows from the seed."""

import sys
import time

import cv2
import numpy as np
import pytest
from PIL import Image

from batch_predict.records import EMPTY, OTHER
from train.data import Pictures
from train.pictures import __main__ as sheet
from train.pictures.kinds import KINDS, SMALL, draw
from train.pictures.sample import INK, WRITING, Sample, letterboxed
from train.pictures.writing import crisp, stroke_width


@pytest.fixture(scope="module")
def mnist():
    pixels = np.zeros((20, 28, 28), np.uint8)
    pixels[:, 5:23, 12:15] = 255
    pixels[:, 11:14, 8:20] = 200
    return Pictures(pixels, np.arange(20, dtype=np.uint8) % 10)


def drawn(name, mnist, seed, count=12):
    rng = np.random.default_rng(seed)
    return [KINDS[name].draw(rng, mnist) for _ in range(count)]


@pytest.mark.parametrize("name", KINDS)
def test_a_kind_gives_pictures_with_their_truth(mnist, name):
    for sample in drawn(name, mnist, 1):
        height, width, channels = sample.pixels.shape
        assert channels == 3
        assert sample.pixels.dtype == sample.maps.dtype == np.uint8
        assert sample.maps.shape == (sample.factor * height, sample.factor * width, 3)
        assert 0 <= sample.label <= OTHER
        assert sample.maps[..., INK].any() == (sample.label < EMPTY)
        if sample.label == OTHER:
            assert sample.maps[..., WRITING].any()
        if sample.label == EMPTY:
            assert not sample.maps[..., : WRITING + 1].any()


@pytest.mark.parametrize("name", KINDS)
def test_the_same_seed_gives_the_same_pictures(mnist, name):
    first, again = drawn(name, mnist, 3, 5), drawn(name, mnist, 3, 5)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.pixels, other.pixels)
        np.testing.assert_array_equal(one.maps, other.maps)
        assert one.label == other.label


@pytest.mark.parametrize("name", SMALL)
def test_small_pictures_are_small(mnist, name):
    for sample in drawn(name, mnist, 2):
        assert max(sample.pixels.shape[:2]) <= 64 * 1.5  # with bars at two sides
        assert min(sample.pixels.shape[:2]) >= 3


@pytest.mark.parametrize("name", ["tight", "app", "envelope", "reduced"])
def test_ink_lies_where_the_truth_says(mnist, name):
    """Pixels that are all ink differ from pixels that are all ground."""
    for sample in drawn(name, mnist, 4):
        size = sample.pixels.shape[1::-1]
        cover = cv2.resize(sample.maps.max(axis=2), size, interpolation=cv2.INTER_AREA)
        inked, bare = sample.pixels[cover > 230], sample.pixels[cover == 0]
        if len(inked) > 5 and len(bare) > 5:
            assert np.abs(inked.mean(axis=0) - bare.mean(axis=0)).max() > 5


def test_draw_takes_any_kind(mnist):
    rng = np.random.default_rng(0)
    labels = {draw(rng, mnist, SMALL).label for _ in range(150)}
    assert labels > {EMPTY, OTHER}


def test_small_pictures_come_by_the_hundred(mnist):
    rng, start = np.random.default_rng(0), time.process_time()
    for _ in range(100):
        draw(rng, mnist, SMALL)
    assert 100 / (time.process_time() - start) > 200  # measured: 750 a second


def test_letterboxed_maps_lie_on_their_picture():
    pixels = np.full((10, 20, 3), 255, np.uint8)
    pixels[2:8, 4:6] = 0
    maps = np.zeros((30, 60, 3), np.uint8)
    maps[6:24, 12:18, INK] = 255
    boxed = letterboxed(Sample(pixels, maps, 1), 40)
    assert boxed.pixels.shape == boxed.maps.shape == (40, 40, 3)
    dark, ink = boxed.pixels[..., 0] < 128, boxed.maps[..., INK] > 128
    assert (dark == ink).mean() > 0.99
    assert not boxed.maps[:10].any()  # the rim
    assert (boxed.pixels[:10] == 255).all()


@pytest.mark.parametrize("wide", [2, 3, 5], ids=lambda w: f"{w}px")
def test_crisp_ink_is_as_wide_as_it_was(wide):
    picture = np.zeros((28, 28), np.uint8)
    picture[4:24, 10 : 10 + wide] = 255
    soft = cv2.GaussianBlur(picture, (0, 0), 0.6)
    assert stroke_width(crisp(soft)) / 4 == pytest.approx(wide, rel=0.25)
    assert crisp(soft).sum() / 16 == pytest.approx(float(picture.sum()), rel=0.15)


def test_the_sheet_shows_the_kinds_that_are_asked_for(tmp_path, monkeypatch, mnist):
    path = tmp_path / "mnist.npz"
    np.savez(
        path, x_train=mnist.pixels, y_train=mnist.labels, x_test=mnist.pixels, y_test=mnist.labels
    )
    out = str(tmp_path / "sheet.png")
    monkeypatch.setattr(
        sys, "argv", ["pictures", out, "--data", str(tmp_path), "--kinds", "tight", "empty"]
    )
    sheet.main()
    with Image.open(out) as image:
        assert image.height == 2 * (sheet.CELL + 4)
