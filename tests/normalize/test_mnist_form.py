"""MNIST's form: recognised, and reached."""

import os
from pathlib import Path

import numpy as np
import pytest

from batch_predict.normalize.mnist_form import (
    centred,
    found_form,
    is_mnist_form,
    is_spoilt_form,
    place,
    stretched,
)
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.records import ImageRef, Picture, Prepared


def stroke(height: int, width: int) -> np.ndarray:
    return np.ones((height, width), np.float32)


@pytest.mark.parametrize(
    ("ink", "box"),
    [
        pytest.param(stroke(100, 100), (20, 20), id="square"),
        pytest.param(stroke(100, 10), (20, 2), id="a one"),
        pytest.param(stroke(7, 70), (2, 20), id="a dash"),
        pytest.param(stroke(5, 5), (20, 20), id="smaller than the box"),
        pytest.param(stroke(400, 2), (20, 1), id="a hairline"),
        pytest.param(stroke(2, 400), (1, 20), id="a hairline across"),
        pytest.param(0.5 * stroke(60, 60), (20, 20), id="half inked"),
    ],
)
def test_place_fills_the_box_and_centres_the_mass(ink: np.ndarray, box: tuple[int, int]) -> None:
    placed = place(ink)
    rows, columns = np.nonzero(placed)
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == box
    assert abs(rows.mean() - 14) <= 0.5
    assert abs(columns.mean() - 14) <= 0.5
    assert is_mnist_form(placed)


@pytest.mark.parametrize(
    ("heavy", "corner"),
    [
        pytest.param((slice(85, 100), slice(85, 100)), (0, 0), id="below, right"),
        pytest.param((slice(0, 15), slice(0, 15)), (8, 8), id="above, left"),
    ],
)
def test_a_lopsided_mark_stays_in_the_picture(
    heavy: tuple[slice, slice], corner: tuple[int, int]
) -> None:
    ink = np.full((100, 100), 0.01, np.float32)
    ink[heavy] = 1
    placed = place(ink)
    rows, columns = np.nonzero(placed)
    assert (rows.min(), columns.min()) == corner
    assert (np.ptp(rows), np.ptp(columns)) == (19, 19)


def test_ink_is_resampled_by_areas() -> None:
    stripes = ((np.arange(200) + 2) // 5 % 2).astype(np.float32)[:, None].repeat(200, axis=1)
    placed = place(stripes)
    assert placed.dtype == np.uint8
    assert np.ptp(placed[placed > 0]) == 0


def test_nearly_black_ink_passes() -> None:
    assert is_mnist_form(place(stroke(100, 10)) - (place(stroke(100, 10)) > 0))


def test_the_form_is_found_as_it_is() -> None:
    placed = place(stroke(100, 10))
    assert found_form(placed) is placed
    assert found_form(np.dstack([placed] * 3)) is None
    assert found_form(np.roll(placed, 2, axis=1)) is None


def test_stretched_over_all_levels() -> None:
    dull = (place(stroke(100, 10)) // 2 + 60).astype(np.uint8)
    assert np.unique(stretched(dull)).tolist() == [0, 255]


@pytest.mark.parametrize(
    "pixels",
    [
        pytest.param(np.zeros((28, 28), np.uint8), id="empty"),
        pytest.param(np.full((28, 28), 255, np.uint8), id="full"),
        pytest.param(255 - place(stroke(100, 10)), id="inverted"),
        pytest.param(np.roll(place(stroke(100, 10)), 2, axis=1), id="off centre"),
        pytest.param(place(stroke(100, 10)) // 2, id="faint"),
        pytest.param(np.zeros((28, 28, 3), np.uint8), id="colour"),
        pytest.param(np.zeros((8, 8), np.uint8), id="small"),
    ],
)
def test_other_forms_do_not_pass(pixels: np.ndarray) -> None:
    assert not is_mnist_form(pixels)


def in_frame(height: int, width: int, down: int = 0) -> np.ndarray:
    """A frame of ink in the middle of 28x28, so many pixels lower."""
    ink = np.zeros((28, 28), np.float32)
    top, left = 14 - height // 2 + down, 14 - width // 2
    ink[top : top + height, left : left + width] = 1
    ink[top + 2 : top + height - 2, left + 2 : left + width - 2] = 0
    return ink


@pytest.mark.parametrize(
    ("ink", "is_spoilt"),
    [
        pytest.param(in_frame(20, 10), False, id="as MNIST has it"),
        pytest.param(in_frame(20, 10, down=2), False, id="merely lower"),
        pytest.param(in_frame(21, 6), False, id="hardly longer"),
        pytest.param(in_frame(22, 6), True, id="longer"),
        pytest.param(in_frame(22, 12), True, id="longer and wide"),
        pytest.param(in_frame(24, 26), False, id="too wide"),
        pytest.param(in_frame(22, 6, down=3), True, id="longer and lower"),
        pytest.param(in_frame(28, 28), False, id="fills the picture"),
    ],
)
def test_what_reaches_beyond_the_box_is_spoilt(ink: np.ndarray, is_spoilt: bool) -> None:
    assert is_spoilt_form(ink) is is_spoilt
    assert is_spoilt_form(np.kron(ink, np.ones((5, 5), np.float32))) is is_spoilt


def test_centred_by_whole_pixels() -> None:
    placed = place(stroke(100, 10))
    lower = np.roll(placed, (3, -2), axis=(0, 1))
    moved = centred(lower, lower.astype(np.float32))
    rows, columns = np.nonzero(moved)
    assert max(abs(rows.mean() - 14), abs(columns.mean() - 14)) <= 0.5
    assert np.array_equal(
        np.unique(moved, return_counts=True), np.unique(placed, return_counts=True)
    )


def test_centred_on_its_own_ground() -> None:
    ink = np.roll(place(stroke(100, 10)), (4, -5), axis=(0, 1))
    ground = np.maximum(ink, 60).astype(np.uint8)
    assert centred(ground, ink.astype(np.float32)).min() == 60


@pytest.mark.data
def test_all_of_mnist_passes() -> None:
    with np.load(Path(os.environ["DIGITS_DATA"]) / "mnist.npz") as arrays:
        pictures = np.concatenate([arrays["x_train"], arrays["x_test"]])
    assert len(pictures) == 70_000
    assert all(is_mnist_form(picture) for picture in pictures)


@pytest.mark.data
def test_forced_on_mnist_the_ink_stays() -> None:
    with np.load(Path(os.environ["DIGITS_DATA"]) / "mnist.npz") as arrays:
        pictures = arrays["x_test"][::20]
    forced = [
        normalize(Picture(ImageRef(""), p), Preprocess.MNIST, Polarity.AUTO) for p in pictures
    ]
    ink = np.mean([each.pixels.mean() for each in forced if isinstance(each, Prepared)])
    assert len(forced) == len(pictures)
    assert ink == pytest.approx(pictures.mean(), rel=0.1)
