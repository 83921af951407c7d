"""The mark's ink: its levels, its shape and its stroke width."""

import cv2
import numpy as np
import pytest

from batch_predict.normalize.contrast import Contrast
from batch_predict.normalize.marks import Mark
from batch_predict.normalize.stroke import evened, inked, unstretched

SIDE = 100  # working pixels


def bars(*levels: float, width: int = 8) -> tuple[Contrast, Mark]:
    """Upright bars of these levels, side by side in one mark, from row 20 to row 80."""
    level = np.zeros((SIDE, SIDE), np.float32)
    for at, each in enumerate(levels):
        level[20:80, 20 + at * width : 20 + (at + 1) * width] = each
    mask = (level > 0).astype(np.uint8)
    box = (20, 20, 20 + width * len(levels), 80)
    return Contrast(level, level, 1.0), Mark(mask, box, False, False, 0, ())


@pytest.mark.parametrize("peak", [20.0, 200.0])
def test_even_ink_is_full_and_cut_to_its_box(peak: float) -> None:
    ink = inked(*bars(peak), palest=1)
    assert ink.dtype == np.float32
    assert ink.shape == (60, 8)
    assert (ink == 1).all()


def test_what_lies_around_the_mark_goes() -> None:
    found, mark = bars(100)
    found.level[18:82, 18:30] = np.maximum(found.level[18:82, 18:30], 40)  # its soft edge
    found.level[20:80, 40:50] = 100  # a neighbour
    found.level[20:80, 10:18] = found.level[20:80, 30:33] = 100  # beyond the edge
    ink = inked(found, mark, palest=1)
    assert ink.shape == (64, 12)
    assert ink[30].tolist() == pytest.approx([40 / 70] * 2 + [1] * 8 + [40 / 70] * 2)


def test_the_faint_does_not_count_for_the_box() -> None:
    found, mark = bars(100)
    found.level[18:20, 20:28] = 0.24 * 70
    found.level[80:82, 20:28] = 0.26 * 70
    assert inked(found, mark, palest=1).shape == (62, 8)


def test_what_is_lighter_than_its_ground_is_no_ink() -> None:
    found, mark = bars(100)
    found.level[40, 28] = -100
    found.level[41, 28] = 100
    ink = inked(found, mark, palest=1)
    assert (ink.min(), ink.max()) == (0, 1)


def test_a_dark_spot_makes_nothing_pale() -> None:
    found, mark = bars(100)
    found.level[40:42, 22:24] = 1000
    assert (inked(found, mark, palest=1) == 1).all()


def test_pale_parts_are_pale_beside_dark_ones() -> None:
    """Of what lies 0.15 of the mark's length around, the darkest counts, and not abruptly."""
    ink = inked(*bars(20, 20, 20, 100, 100, 100), palest=0.1)
    dark = 24  # the first column
    assert ink[30, dark - 9] == 1
    assert ink[30, dark - 8] == pytest.approx(20 / (0.7 * (100 + 8 * 20) / 9))
    assert ink[30, dark - 1] == pytest.approx(20 / (0.7 * (8 * 100 + 20) / 9))


@pytest.mark.parametrize(
    ("palest", "pale"),
    [
        pytest.param(1.0, 20 / 70, id="as pale as it is"),
        pytest.param(0.4, 20 / (0.7 * 40), id="down to a limit"),
        pytest.param(0.2, 1, id="as dark as the rest"),
    ],
)
def test_pale_parts(palest: float, pale: float) -> None:
    found, mark = bars(20, 20, 20, 100, 100, 100)
    ink = inked(found, mark, palest)
    assert ink[:, 0].tolist() == pytest.approx([pale] * 60)
    assert (ink[:, -1] == 1).all()


@pytest.mark.parametrize(
    ("ink", "frame", "width"),
    [
        pytest.param((96, 96), (96, 96), 72, id="fills a square"),
        pytest.param((98, 98), (100, 100), 74, id="nearly"),
        pytest.param((96, 100), (100, 100), 100, id="not high enough"),
        pytest.param((100, 96), (100, 100), 96, id="not wide enough"),
        pytest.param((100, 100), (100, 102), 75, id="nearly square"),
        pytest.param((100, 104), (100, 104), 104, id="a wide frame"),
        pytest.param((104, 100), (104, 100), 100, id="a high frame"),
        pytest.param((60, 40), (100, 100), 40, id="a digit on its sheet"),
    ],
)
def test_unstretched(ink: tuple[int, int], frame: tuple[int, int], width: int) -> None:
    result = unstretched(np.ones(ink, np.float32), frame)
    assert result.shape == (ink[0], width)
    assert (result.min(), result.max()) == (1, 1)


def hook(width: int, side: int = 200) -> np.ndarray:
    """An L of strokes `width` wide, cut to its box."""
    ink = np.zeros((side, side // 2), np.float32)
    ink[:, :width] = ink[-width:] = 1
    return ink


def stroke_of(ink: np.ndarray) -> float:
    """The width of the upright stroke, pixels of MNIST's box, half inked edges counted half."""
    return float(ink[len(ink) // 2].sum()) * 20 / max(ink.shape)


@pytest.mark.parametrize(
    ("width", "expected", "at_60"),
    [
        pytest.param(0.4, 1.46, 1.46, id="hairline"),
        pytest.param(1.4, 1.60, 1.60, id="thin"),
        pytest.param(1.8, 1.74, 1.74, id="thinner than usual"),
        pytest.param(3.4, 3.14, 3.09, id="thicker than usual"),
        pytest.param(4.0, 3.32, 3.28, id="thick"),
        pytest.param(6.0, 3.93, 3.87, id="half of its box"),
    ],
)
@pytest.mark.parametrize("size", [60, 200, 500])
@pytest.mark.parametrize("turn", [np.asarray, np.transpose], ids=["high", "wide"])
def test_strokes_are_evened(width: float, expected: float, at_60: float, size: int, turn) -> None:
    """Towards 2 to 3.2 pixels, where half of a soft edge at the box is cut off.

    Enlarged from 60 pixels the edge is softer, and a thick stroke ends at half of its darkest.
    """
    ink = cv2.resize(hook(round(10 * width)), (size // 2, size), interpolation=cv2.INTER_AREA)
    even = evened(turn(ink))
    assert even.dtype == np.float32
    assert (even.min(), even.max()) == (0, 1)
    wanted = at_60 if size == 60 else expected
    assert stroke_of(turn(even)) == pytest.approx(wanted, abs=0.02)


def test_the_hole_of_a_thick_soft_stroke_stays_open() -> None:
    """It has more than half of full ink, but less than half of the darkest."""
    nine = np.zeros((200, 124), np.float32)
    cv2.circle(nine, (62, 62), 22, 0.6, -1)
    cv2.circle(nine, (62, 62), 40, 1, 44)
    cv2.line(nine, (102, 62), (102, 199), 1, 44)
    even = evened(nine)
    assert even[len(even) * 62 // 200, even.shape[1] // 2] == 0


def test_a_usual_stroke_is_left_alone() -> None:
    ink = hook(26)
    assert evened(ink) is ink


def test_a_redrawn_edge_is_soft() -> None:
    row = evened(hook(60))[80]
    left, right = np.split(row, [len(row) // 4])
    assert left[0] > 0.25  # cut off at the box
    for edge in (left[::-1], right):
        assert np.diff(edge[(edge > 0) & (edge < 1)]) == pytest.approx(-0.25)
