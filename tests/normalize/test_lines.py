"""Ruled paper: its lines go, what crosses them stays."""

from collections.abc import Sequence

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


@pytest.mark.parametrize("angle", [0.0, 3.0, -8.0, -20.0, 90.0])
@pytest.mark.parametrize("both_ways", [False, True], ids=["ruled", "squared"])
@pytest.mark.parametrize("width", [2, 6])
def test_lines_go(angle: float, both_ways: bool, width: int) -> None:
    grain = np.random.default_rng(0).normal(0, 1, (SIDE, SIDE)).astype(np.float32)
    ruled = page(angle, both_ways, width) + grain
    level, count = without_lines(ruled, noise=1.0)
    assert count >= 6
    assert (level > LINE / 2).sum() < 0.1 * (ruled > LINE / 2).sum()


def test_lines_go_where_they_cross_too() -> None:
    level, _ = without_lines(page(0) + page(90), noise=1.0)
    assert level.max() < LINE / 2


@pytest.mark.parametrize("angle", [0.0, 5.0])
@pytest.mark.parametrize("ink", [INK, 1.2 * LINE], ids=["pen", "pencil"])
def test_the_digit_stays(angle: float, ink: float) -> None:
    digit = np.zeros((SIDE, SIDE), np.float32)
    cv2.ellipse(digit, (240, 240), (60, 100), 0, 0, 360, ink, 14)
    level, _ = without_lines(np.maximum(page(angle), digit), noise=1.0)
    assert level[digit > 0].mean() > 0.98 * ink


def test_a_stroke_along_a_line_stays() -> None:
    stroke = np.zeros((SIDE, SIDE), np.float32)
    cv2.line(stroke, (150, 240), (330, 240), INK, 8)
    level, _ = without_lines(np.maximum(page(0), stroke), noise=1.0)
    assert level[stroke > 0].mean() > 0.98 * INK


def test_a_one_from_edge_to_edge_is_no_line() -> None:
    one = np.zeros((SIDE, SIDE), np.float32)
    cv2.line(one, (240, 0), (250, SIDE), INK, 16)
    level, count = without_lines(one, noise=1.0)
    assert count == 0
    assert np.array_equal(level, one)


Segment = tuple[int, int, int, int]  # x and y of its ends


def drawn(segments: Sequence[Segment], width: int = 2) -> np.ndarray:
    level = np.zeros((SIDE, SIDE), np.float32)
    for x, y, to_x, to_y in segments:
        cv2.line(level, (x, y), (to_x, to_y), LINE, width)
    return level


def half(y: int, fall: int = 0) -> Segment:
    """A line over half of the width."""
    return 120, y, 360, y + fall


@pytest.mark.parametrize(
    ("segments", "width", "count"),
    [
        pytest.param([(0, 200, 479, 210)], 2, 1, id="one from edge to edge"),
        pytest.param([(20, 200, 460, 210)], 2, 1, id="one nearly so"),
        pytest.param([(60, 200, 420, 210)], 2, 0, id="one that ends before"),
        pytest.param([half(200)], 2, 0, id="a half line"),
        pytest.param([half(100), half(300)], 2, 0, id="two"),
        pytest.param([half(100), half(300), (100, 200, 270, 200)], 2, 0, id="two and a short one"),
        pytest.param([half(100), half(200), half(300)], 2, 3, id="three"),
        pytest.param([(100, y, 260, y) for y in (100, 200, 300)], 2, 0, id="three short ones"),
        pytest.param(
            [(x, y, x + 230, y) for x in (10, 240) for y in (100 + x, 200 + x)],
            2, 4, id="two at the left, two at the right",
        ),
        pytest.param([half(60), half(150, 140), half(420, -200)], 2, 0, id="three ways"),
        pytest.param(
            [(100 * n, 100, 100 * n + lean, 400) for n, lean in ((1, -6), (2, 0), (3, 6))],
            2, 3, id="three almost upright",
        ),
        pytest.param([(x, 0, x, 479) for x in (100, 200, 300)], 20, 0, id="three ones"),
        pytest.param([(x, 0, x, 479) for x in (100, 200, 300)], 16, 0, id="three thinner ones"),
        pytest.param([(200, 0, 200, 479)], 9, 0, id="a wide one alone"),
        pytest.param([(0, 200, 479, 200)], 60, 0, id="a broad band"),
        pytest.param([(x, 200, x + 10, 200) for x in range(0, 480, 40)], 2, 0, id="dashes"),
    ],
)  # fmt: skip
def test_what_is_ruling(segments: list[Segment], width: int, count: int) -> None:
    before = drawn(segments, width)
    level, found = without_lines(before, noise=1.0)
    assert found == count
    if count:
        assert (level > LINE / 2).sum() < 0.02 * (before > LINE / 2).sum()
    else:
        assert np.array_equal(level, before)


def test_a_short_stroke_among_lines_stays() -> None:
    before = drawn([half(100), half(200), half(300), (100, 400, 270, 400)])
    level, count = without_lines(before, noise=1.0)
    assert count == 3
    assert np.array_equal(level[350:], before[350:])


def test_a_margin_as_wide_as_the_lines_goes() -> None:
    margin = (200, 0, 200, 479)
    ruled = drawn([*((0, y, 479, y) for y in (100, 200, 300)), margin], 7)
    level, count = without_lines(ruled, noise=1.0)
    assert count == 4
    assert (level > LINE / 2).sum() < 0.05 * (ruled > LINE / 2).sum()


def test_a_one_from_edge_to_edge_stays_on_ruled_paper() -> None:
    ruled = drawn([(0, y, 479, y) for y in (100, 200, 300)], 9)
    one = np.maximum(ruled, cv2.line(np.zeros_like(ruled), (200, 0), (200, 479), INK, 7))
    level, count = without_lines(one, noise=1.0)
    assert count == 3
    assert level[:, 200].min() > 0.9 * INK


def test_the_bar_of_a_seven_stays_on_ruled_paper() -> None:
    seven = np.zeros((SIDE, SIDE), np.float32)
    cv2.polylines(seven, [np.array([(100, 90), (350, 90), (200, 400)])], False, INK, 8)
    level, count = without_lines(np.maximum(page(0), seven), noise=1.0)
    assert count == 8
    assert level[seven > 0].mean() > 0.98 * INK


def test_what_texture_covers_is_no_ruling() -> None:
    weave = np.where(np.arange(SIDE) % 4 < 2, LINE, 0).astype(np.float32)
    assert without_lines(page(0) + weave, noise=1.0)[1] == 0


@pytest.mark.parametrize("top", [0, 1], ids=["on half-size pixels", "between them"])
def test_a_line_of_a_small_picture_goes(top: int) -> None:
    level, count = without_lines(page(0)[20 + top : 118, :100], noise=1.0)
    assert (count, level.max()) == (1, 0)


@pytest.mark.parametrize(
    ("noise", "ink", "is_seen"),
    [
        pytest.param(LINE / 4.5, INK, True, id="above the noise"),
        pytest.param(LINE / 3.5, INK, False, id="in the noise"),
        pytest.param(1.0, LINE / 0.13, True, id="beside dark ink"),
        pytest.param(1.0, LINE / 0.11, False, id="beside far darker ink"),
    ],
)
def test_faint_lines_fall_to_the_threshold_anyway(noise: float, ink: float, is_seen: bool) -> None:
    level = page(0)
    level[225:255, 100:130] = ink
    assert (without_lines(level, noise)[1] > 0) is is_seen


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 2)], ids=str)
def test_a_strip_has_no_lines(shape: tuple[int, int]) -> None:
    level = np.full(shape, LINE, np.float32)
    left, count = without_lines(level, noise=1.0)
    assert (count, left.tolist()) == (0, level.tolist())
