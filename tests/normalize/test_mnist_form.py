"""MNIST's form is recognised."""

import os
from pathlib import Path

import numpy as np
import pytest

from batch_predict.normalize.mnist_form import are_mnist_form, is_mnist_form
from tests.support.mnist_form import place


def stroke(height: int, width: int) -> np.ndarray:
    return np.ones((height, width), np.float32)


@pytest.mark.parametrize(
    "ink",
    [
        pytest.param(stroke(100, 100), id="square"),
        pytest.param(stroke(100, 10), id="a one"),
        pytest.param(stroke(7, 70), id="a dash"),
        pytest.param(stroke(400, 2), id="a hairline"),
        pytest.param(0.5 * stroke(60, 60), id="half inked"),
    ],
)
def test_what_is_placed_as_mnist_was_passes(ink: np.ndarray) -> None:
    assert is_mnist_form(place(ink))


def test_nearly_black_ink_passes() -> None:
    assert is_mnist_form(place(stroke(100, 10)) - (place(stroke(100, 10)) > 0))


@pytest.mark.parametrize(
    "pixels",
    [
        pytest.param(np.zeros((28, 28), np.uint8), id="empty"),
        pytest.param(np.full((28, 28), 255, np.uint8), id="full"),
        pytest.param(255 - place(stroke(100, 10)), id="inverted"),
        pytest.param(np.roll(place(stroke(100, 10)), 2, axis=1), id="off centre"),
        pytest.param(place(stroke(100, 10)) // 2, id="faint"),
        pytest.param(np.zeros((28, 28, 3), np.uint8), id="colour"),
        pytest.param(np.dstack([place(stroke(100, 10))] * 3), id="in colour"),
        pytest.param(np.zeros((8, 8), np.uint8), id="small"),
    ],
)
def test_other_forms_do_not_pass(pixels: np.ndarray) -> None:
    assert not is_mnist_form(pixels)


@pytest.mark.data
def test_all_of_mnist_passes() -> None:
    with np.load(Path(os.environ["DIGITS_DATA"]) / "mnist.npz") as arrays:
        pictures = np.concatenate([arrays["x_train"], arrays["x_test"]])
    assert len(pictures) == 70_000
    assert all(is_mnist_form(picture) for picture in pictures)
    assert are_mnist_form(pictures).all()


def test_many_at_a_time_pass_as_they_do_alone() -> None:
    """Of all shapes of the ink box, in several places, with several peaks."""
    placed = [place(stroke(height, width)) for height in range(1, 100, 9) for width in (1, 9, 80)]
    ramps = [place(stroke(60, 40) * np.linspace(start, 1, 40)) for start in np.linspace(0, 1, 30)]
    pictures = np.array([*placed, *ramps])
    moved = [np.roll(pictures, by, axis) for axis in (1, 2) for by in (-9, -1, 0, 1, 12)]
    peaks = [np.minimum(pictures, peak) for peak in (0, 1, 253, 254)]
    boxes = np.zeros((29, 29, 28, 28), np.uint8)
    for height, width in np.ndindex(29, 29):
        top, left = (28 - height) // 2, (28 - width) // 2
        boxes[height, width, top : top + height, left : left + width] = 255
    noise = np.random.default_rng(0).integers(0, 256, (200, 28, 28), np.uint8)
    everything = np.concatenate([*moved, *peaks, boxes.reshape(-1, 28, 28), noise])
    passes = are_mnist_form(everything)
    assert passes.tolist() == [is_mnist_form(picture) for picture in everything]
    assert 0.05 < passes.mean() < 0.5


def test_of_none_none_passes() -> None:
    assert are_mnist_form(np.empty((0, 28, 28), np.uint8)).tolist() == []
