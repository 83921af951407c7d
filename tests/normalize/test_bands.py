"""Inverted bands: undone, and not seen where there are none."""

import cv2
import numpy as np
import pytest

from batch_predict.normalize.bands import without_bands
from batch_predict.normalize.mnist_form import found_form, place

SEVEN = cv2.polylines(
    np.zeros((100, 80)), [np.array([[5, 5], [75, 10], [30, 95]])], False, 1.0, thickness=12
)
DIGIT = place(SEVEN.astype(np.float32))


def inverted(*bands: slice, axis: int = 1) -> np.ndarray:
    pixels = DIGIT.copy() if axis == 1 else DIGIT.T.copy()
    for band in bands:
        pixels[:, band] = 255 - pixels[:, band]
    return pixels if axis == 1 else np.ascontiguousarray(pixels.T)


@pytest.mark.parametrize(
    "pixels",
    [
        pytest.param(inverted(slice(0, 6), slice(22, 28)), id="both sides"),
        pytest.param(inverted(slice(11, 17)), id="the middle"),
        pytest.param(inverted(slice(0, 14)), id="half"),
        pytest.param(inverted(slice(20, 28), axis=0), id="below"),
    ],
)
def test_bands_are_inverted_back(pixels: np.ndarray) -> None:
    form = found_form(pixels)
    assert form is not None
    assert np.array_equal(form, DIGIT)


@pytest.mark.parametrize(
    "pixels",
    [
        pytest.param(DIGIT, id="none"),
        pytest.param(np.zeros((28, 28), np.uint8), id="empty"),
        pytest.param(DIGIT // 2, id="faint"),
    ],
)
def test_without_bands_nothing_changes(pixels: np.ndarray) -> None:
    assert without_bands(pixels) is pixels


def test_a_bar_that_crosses_the_picture_stays() -> None:
    bar = np.full((28, 28), 255, np.uint8)
    bar[:, 12:16] = 0
    assert found_form(bar) is None
