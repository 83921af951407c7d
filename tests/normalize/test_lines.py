"""Ruled paper: its lines go, what crosses them stays."""

import cv2
import numpy as np
import pytest

from batch_predict.normalize.lines import without_lines

SIDE, INK, LINE = 480, 100.0, 40.0  # pixels, grey levels, grey levels


def page(angle: float, both_ways: bool = False) -> np.ndarray:
    """Ruling at `angle` degrees, every 60 pixels."""
    level = np.zeros((3 * SIDE, 3 * SIDE), np.float32)
    level[::60] = level[1::60] = LINE
    if both_ways:
        level[:, ::60] = level[:, 1::60] = LINE
    turn = cv2.getRotationMatrix2D((1.5 * SIDE, 1.5 * SIDE), angle, 1)
    turned = cv2.warpAffine(level, turn, level.shape)
    return turned[SIDE : 2 * SIDE, SIDE : 2 * SIDE].copy()


@pytest.mark.parametrize("angle", [0.0, 3.0, -8.0, 90.0])
@pytest.mark.parametrize("both_ways", [False, True], ids=["ruled", "squared"])
def test_lines_go(angle: float, both_ways: bool) -> None:
    level, count = without_lines(page(angle, both_ways), noise=1.0)
    assert count >= 6
    assert np.percentile(level, 99) < LINE / 4


@pytest.mark.parametrize("angle", [0.0, 5.0])
def test_the_digit_stays(angle: float) -> None:
    digit = np.zeros((SIDE, SIDE), np.float32)
    cv2.ellipse(digit, (240, 240), (60, 100), 0, 0, 360, INK, 14)
    level, _ = without_lines(np.maximum(page(angle), digit), noise=1.0)
    assert level[digit > 0].mean() > 0.95 * INK


def test_a_one_from_edge_to_edge_is_no_line() -> None:
    one = np.zeros((SIDE, SIDE), np.float32)
    cv2.line(one, (240, 0), (250, SIDE), INK, 16)
    level, count = without_lines(one, noise=1.0)
    assert count == 0
    assert np.array_equal(level, one)
