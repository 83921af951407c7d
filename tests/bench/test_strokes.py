"""Middle lines of strokes, and pens that follow them."""

import cv2
import numpy as np
import pytest

from tests.bench.pens import drawn
from tests.bench.strokes import strokes_of
from tests.bench.thinning import middle_lines


def drawing(*lines, width=9, side=64):
    canvas = np.zeros((side, side), np.uint8)
    for start, end in lines:
        cv2.line(canvas, start, end, 255, width)
    return canvas


PLUS = drawing(((32, 8), (32, 56)), ((8, 32), (56, 32)))
SEVEN = drawing(((10, 10), (54, 10)), ((54, 10), (24, 56)))


@pytest.mark.parametrize("ink", [PLUS, SEVEN], ids=["plus", "seven"])
def test_middle_lines_are_thin_and_in_one_piece(ink):
    lines = middle_lines(ink > 0)
    assert cv2.connectedComponents(np.uint8(lines))[0] == 2  # the ground, and one
    thick = cv2.erode(np.uint8(lines), np.ones((3, 3), np.uint8))
    assert not thick.any()


def test_a_corner_of_the_outline_grows_no_spur():
    lines = middle_lines(SEVEN > 0)
    around = cv2.filter2D(np.uint8(lines), -1, np.ones((3, 3)), borderType=cv2.BORDER_CONSTANT)
    assert (around[lines] == 2).sum() == 2  # a pixel and one beside it: the ends of the seven


@pytest.mark.parametrize("width", [2, 12, 40])
def test_a_pen_draws_its_width_in_one_piece(width):
    cover = drawn(np.random.default_rng(0), strokes_of(PLUS), 300, width)
    across = cover[:, cover.shape[1] // 2 - 100].sum()  # the arm that lies
    assert across == pytest.approx(width, rel=0.35, abs=1.2)
    assert cv2.connectedComponents(np.uint8(cover > 0.4))[0] == 2


def test_as_it_was_written_ink_keeps_its_own_width():
    cover = drawn(np.random.default_rng(0), strokes_of(PLUS), 58, 1, outlined=True)
    assert cover.sum() == pytest.approx((PLUS > 0).sum(), rel=0.15)
