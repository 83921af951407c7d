"""Ruled paper: its lines go, what crosses them stays."""

import cv2
import numpy as np
import pytest

from batch_predict.normalize.lines import without_lines

SIDE, INK, LINE = 480, 100.0, 40.0  # pixels, grey levels, grey levels


def page(angle: float, both_ways: bool = False, width: int = 2) -> np.ndarray:
    """Ruling at `angle` degrees, every 60 pixels, `width` pixels wide."""
    on = np.arange(3 * SIDE) % 60 < width
    level = np.where(on[:, None] | (both_ways & on), LINE, 0).astype(np.float32)
    turn = cv2.getRotationMatrix2D((1.5 * SIDE, 1.5 * SIDE), angle, 1)
    turned = cv2.warpAffine(level, turn, level.shape)
    return turned[SIDE : 2 * SIDE, SIDE : 2 * SIDE].copy()


@pytest.mark.parametrize("angle", [0.0, 3.0, -8.0, 90.0])
@pytest.mark.parametrize("both_ways", [False, True], ids=["ruled", "squared"])
@pytest.mark.parametrize("width", [2, 6])
def test_lines_go(angle: float, both_ways: bool, width: int) -> None:
    ruled = page(angle, both_ways, width)
    level, count = without_lines(ruled, noise=1.0)
    assert count >= 6
    assert (level > LINE / 2).sum() < 0.1 * (ruled > LINE / 2).sum()


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
