"""Readings of one picture: 28x28 each, none twice, and what is plain stays as it is."""

import cv2
import numpy as np
import pytest

from batch_predict.normalize.readings import (
    BRIGHT,
    ReadingKind,
    as_it_stands,
    percentile,
    readings,
    readings_unmarked,
    upright,
)
from tests.support.mnist_form import place
from train.drawn import draw_digit

STROKE = place(np.ones((100, 10), np.float32))
LEANING = cv2.warpAffine(STROKE, np.array([[1, -0.4, 5.6], [0, 1, 0]]), (28, 28))
MAPS = np.zeros((64, 64, 3), np.uint8)
MAPS[10:54, 20:44, 0] = draw_digit(np.random.default_rng(0), 3, 44)[:, 10:34]
BOTH = MAPS.copy()
BOTH[10:54, 48:60, 1] = draw_digit(np.random.default_rng(1), 1, 44)[:, 16:28]

IS_TODAYS_NUMPY = np.lib.NumpyVersion(np.__version__) >= "2.4.0"


def kinds(pixels: np.ndarray, maps: np.ndarray) -> list[ReadingKind]:
    return [each.kind for each in readings(pixels, maps, cv2.resize(maps, (96, 96)))]


@pytest.mark.parametrize(
    ("side", "maps", "expected"),
    [
        pytest.param(28, MAPS, "as it stands/map/faint strokes/other size/upright", id="small"),
        pytest.param(192, MAPS, "map/faint strokes/other size/upright", id="large"),
        pytest.param(
            192, BOTH, "map/faint strokes/other size/all writing/upright", id="other writing"
        ),
        pytest.param(192, np.zeros_like(MAPS), "", id="nothing marked"),
    ],
)
def test_what_is_possible(side: int, maps: np.ndarray, expected: str) -> None:
    assert "/".join(kinds(np.full((side, side), 200, np.uint8), maps)) == expected


def test_one_that_equals_another_is_left_out() -> None:
    hard = np.where(MAPS > 127, 255, 0).astype(np.uint8)  # cut at any level, it is the same
    assert ReadingKind.FAINT not in kinds(np.zeros((192, 192), np.uint8), hard)


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        pytest.param(STROKE, [ReadingKind.STANDS], id="upright"),
        pytest.param(LEANING, [ReadingKind.STANDS, ReadingKind.UPRIGHT], id="leaning"),
    ],
)
def test_what_is_made_of_a_picture_alone(picture: np.ndarray, expected: list[ReadingKind]) -> None:
    found = readings_unmarked(picture)
    assert [each.kind for each in found] == expected
    assert found[0].pixels is picture


def test_mnist_s_form_stands_bit_for_bit() -> None:
    assert np.array_equal(as_it_stands(STROKE), STROKE)


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(255 - STROKE, id="dark on light"),
        pytest.param(np.dstack([255 - STROKE] * 3), id="in colour"),
        pytest.param(50 + STROKE // 2, id="faint, on grey"),
    ],
)
def test_light_on_zero_whatever_it_was(picture: np.ndarray) -> None:
    standing = as_it_stands(picture)
    assert standing.dtype == np.uint8
    assert np.abs(standing.astype(int) - STROKE).max() <= 2


@pytest.mark.parametrize("shape", [(1, 1), (40, 3), (3, 40, 3), (8, 8), (33, 40)], ids=str)
def test_any_small_picture_has_a_place(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    found = as_it_stands(pixels)
    assert (found.shape, found.dtype) == ((28, 28), np.uint8)


@pytest.mark.parametrize("shape", [(14, 28), (28, 14)], ids=str)
def test_a_small_picture_stands_in_the_middle(shape: tuple[int, int]) -> None:
    standing = as_it_stands(np.pad(np.full((shape[0] - 2, shape[1] - 2), 255, np.uint8), 1))
    across, down = (np.flatnonzero(standing.any(axis=axis)) for axis in (0, 1))
    assert across[0] + across[-1] == down[0] + down[-1] == 27


def test_even_ground_is_not_raised() -> None:
    assert as_it_stands(np.full((20, 20), 90, np.uint8)).max() == 0


def test_a_slant_is_taken_out() -> None:
    straight = cv2.moments(upright(LEANING))
    assert abs(straight["mu11"]) < 0.05 * straight["mu02"]
    assert upright(np.zeros((28, 28), np.uint8)).max() == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (28, 28), (40, 31)])
def test_the_percentile_is_numpys(shape):
    rng = np.random.default_rng(0)
    for _ in range(50):
        values = np.maximum(rng.integers(0, 256, shape).astype(np.float32) - 90.5, 0)
        found, numpys = percentile(values, BRIGHT), float(np.percentile(values, BRIGHT))
        # Earlier versions of NumPy differ in the last bit.
        assert found == (numpys if IS_TODAYS_NUMPY else pytest.approx(numpys, rel=2**-22))
