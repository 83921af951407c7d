"""The pen model and the photos: from a seed, within range, and every knob turns something."""

import time
from dataclasses import fields

import numpy as np
import pytest
from PIL import Image

from tests.bench.surfaces import UNSEEN
from train.drawn import Difficulty, draw_digit, draw_outlier, draw_sign, photograph, redraw
from train.drawn.__main__ import main
from train.drawn.forms import DIGITS
from train.drawn.paper import SURFACES

KNOBS = [knob.name for knob in fields(Difficulty)]
SIZE = (180, 140)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("draw", [lambda r, s: draw_digit(r, 5, s), draw_sign, draw_outlier])
@pytest.mark.parametrize("size", [28, 64, 200])
def test_ink_is_coverage_on_a_square_and_follows_from_the_seed(draw, size):
    first, again, other = (draw(rng(seed), size) for seed in (1, 1, 2))
    assert first.shape == (size, size)
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("digit", "form"), [(digit, way.name) for digit in range(10) for way in DIGITS[digit]]
)
def test_every_form_leaves_ink_and_paper(digit, form):
    for seed in range(5):
        written = (draw_digit(rng(seed), digit, 64, form) > 127).mean()
        assert 0.005 < written < 0.6


def test_small_digits_come_by_the_thousand():
    generator, start = rng(), time.process_time()
    for i in range(200):
        draw_digit(generator, i % 10, 28)
    assert 200 / (time.process_time() - start) > 400  # measured: 2,500 a second


@pytest.mark.parametrize("surfaces", [SURFACES, UNSEEN], ids=["train", "test"])
@pytest.mark.parametrize("ink", [None, draw_digit(rng(), 3, 100)], ids=["empty", "digit"])
def test_photo_is_rgb_of_the_size_asked_and_follows_from_the_seed(ink, surfaces):
    for seed in range(4):
        difficulty = Difficulty.random(rng(seed), often=0.7)
        photo, again = (photograph(rng(seed), ink, difficulty, SIZE, surfaces) for _ in range(2))
        assert photo.shape == (*SIZE, 3)
        assert photo.dtype == np.uint8
        assert np.array_equal(photo, again)


@pytest.mark.parametrize("knob", KNOBS)
def test_every_knob_changes_the_photo(knob):
    digit = draw_digit(rng(), 8, 120)
    for level in (0.3, 1.0):
        turned = Difficulty(**{knob: level})
        pairs = [
            [photograph(rng(seed), digit, d, SIZE).astype(float) for d in (Difficulty(), turned)]
            for seed in range(3)
        ]
        assert np.mean([np.abs(plain - hard).mean() for plain, hard in pairs]) > 0.3


def test_photo_keeps_the_digit_readable_in_place():
    photo = photograph(rng(), draw_digit(rng(), 1, 100, "bar"), Difficulty(), (300, 200))
    dark = (photo.mean(axis=2) < 110).mean()
    assert 0.001 < dark < 0.2


def test_textures_of_training_and_tests_are_different():
    for ours, theirs in zip(SURFACES, UNSEEN, strict=True):
        assert not set(ours) & set(theirs)


@pytest.mark.parametrize("level", [-0.1, 1.1])
def test_a_knob_turned_too_far_says_so(level):
    with pytest.raises(ValueError, match=f"blur must be between 0 and 1, received {level}"):
        Difficulty(blur=level)


@pytest.mark.parametrize("width", [2, 6, 12])
def test_redrawn_strokes_are_as_wide_as_asked(width):
    bar = np.zeros((28, 28), np.uint8)
    bar[4:24, 12:16] = 255
    drawn = redraw(bar, 400, width)
    assert drawn[200].sum() / 255 == pytest.approx(width, abs=1.5)


def test_redrawn_mnist_sized_ink_keeps_its_proportions():
    ink = draw_digit(rng(3), 4, 28)
    inked = np.argwhere(ink)
    height, width = np.ptp(inked, axis=0) + 1
    drawn = redraw(ink, 300)
    assert max(drawn.shape) == 300
    assert drawn.shape[0] / drawn.shape[1] == pytest.approx(height / width, rel=0.15)


def test_contact_sheet(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["drawn", str(tmp_path / "sheet.png")])
    monkeypatch.setattr("train.drawn.__main__.COLUMNS", 2)
    main()
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (2 * 96, 22 * 96)
