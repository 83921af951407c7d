"""The one mark that is the digit: found, chosen, joined, and whether it stands alone."""

import numpy as np
import pytest

from batch_predict.normalize.contrast import Contrast
from batch_predict.normalize.marks import (
    ALL_OPEN,
    CUTTING,
    DRAWN,
    PHOTO,
    SCRAP,
    Demand,
    Mark,
    find_mark,
    openness,
)

SIDE = 200  # working pixels
Bar = tuple[int, int, int, int, float]  # left, top, right, bottom, level in deviations of noise

STROKE: Bar = (95, 60, 105, 140, 50)


def seen(*bars: Bar, noise: float = 1.0) -> Contrast:
    level = np.zeros((SIDE, SIDE), np.float32)
    for left, top, right, bottom, high in bars:
        level[top:bottom, left:right] = high * noise
    return Contrast(level, level - 200, noise)


def found(*bars: Bar, demand: Demand = SCRAP, noise: float = 1.0) -> Mark:
    mark = find_mark(seen(*bars, noise=noise), demand)
    assert mark is not None
    return mark


@pytest.mark.parametrize("noise", [1.0, 5.0])
@pytest.mark.parametrize(
    ("bars", "demand", "is_mark"),
    [
        pytest.param([], SCRAP, False, id="nothing"),
        pytest.param([STROKE], PHOTO, True, id="a stroke"),
        pytest.param([(*STROKE[:4], 6.5)], SCRAP, True, id="faint"),
        pytest.param([(*STROKE[:4], 5.5)], SCRAP, False, id="too faint"),
        pytest.param([(*STROKE[:4], 7.4)], PHOTO, False, id="a blotch of a photo"),
        pytest.param([(*STROKE[:4], 7.6)], PHOTO, True, id="clear in a photo"),
        pytest.param([(*STROKE[:4], 5), (98, 80, 99, 81, 7)], SCRAP, True, id="one sure pixel"),
        pytest.param([(97, 97, 103, 98, 50)], SCRAP, True, id="a dash"),
        pytest.param([(97, 97, 102, 102, 50)], SCRAP, False, id="a speck"),
    ],
)
def test_what_is_a_mark(bars: list[Bar], demand: Demand, is_mark: bool, noise: float) -> None:
    assert (find_mark(seen(*bars, noise=noise), demand) is not None) is is_mark


def test_a_mark_has_its_box_and_its_ink() -> None:
    mark = found(STROKE, (105, 130, 140, 140, 30))
    assert mark.box == (95, 60, 140, 140)
    assert mark.mask.sum() == 10 * 80 + 35 * 10
    assert (mark.is_blob, mark.is_cut, mark.rivals, mark.dropped) == (False, False, 0, ())
    ink = mark.ink(np.full((SIDE, SIDE), 7, np.float32))
    assert ink.dtype == np.float32
    assert np.array_equal(ink, 7 * mark.mask)


def frame(left: int, top: int, right: int, bottom: int, high: float = 90) -> list[Bar]:
    """Four bars, 4 pixels wide, around a place."""
    return [
        (left, top, right, top + 4, high),
        (left, bottom - 4, right, bottom, high),
        (left, top, left + 4, bottom, high),
        (right - 4, top, right, bottom, high),
    ]


@pytest.mark.parametrize(
    "strokes",
    [
        pytest.param([STROKE], id="stronger than it"),
        pytest.param([STROKE, (105, 130, 140, 140, 50)], id="as strong"),
        pytest.param([(*STROKE[:4], 500)], id="weaker"),
    ],
)
def test_a_box_around_a_mark_is_none(strokes: list[Bar]) -> None:
    boxed, alone = found(*strokes, *frame(40, 30, 160, 170)), found(*strokes)
    assert np.array_equal(boxed.mask, alone.mask)
    assert boxed.rivals == 0


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([], id="nothing in it"),
        pytest.param([(90, 90, 110, 110, 50)], id="a dot in it"),
        pytest.param([(10, 40, 18, 160, 50)], id="a stroke beside it"),
    ],
)
def test_a_mark_with_a_hole_is_one(others: list[Bar]) -> None:
    ring = frame(40, 30, 160, 170)
    assert found(*ring, *others).box == (40, 30, 160, 170)


def test_the_outline_of_a_hollow_digit_is_no_frame() -> None:
    corner = [(40, 30, 44, 170, 90), (40, 166, 160, 170, 90), (40, 30, 90, 34, 90)]
    notched = [*corner, (86, 30, 90, 104, 90), (86, 100, 160, 104, 90), (156, 100, 160, 170, 90)]
    assert found(*notched, (60, 120, 140, 150, 50)).box == (40, 30, 160, 170)


@pytest.mark.parametrize(
    ("tail", "demand", "right"),
    [
        pytest.param(4.5, SCRAP, 105, id="fainter than the halo"),
        pytest.param(19, SCRAP, 105, id="nearly as dark as asked"),
        pytest.param(21, SCRAP, 140, id="dark enough"),
        pytest.param(8, CUTTING, 105, id="a cutting: fainter"),
        pytest.param(10, CUTTING, 140, id="a cutting: dark enough"),
    ],
)
def test_a_halo_is_no_ink(tail: float, demand: Demand, right: int) -> None:
    assert found(STROKE, (105, 138, 140, 140, tail), demand=demand).box[2] == right


@pytest.mark.parametrize("level", [3.9, 4.1])
@pytest.mark.parametrize("noise", [0.8, 5.0])
def test_what_hangs_on_to_a_faint_core(level: float, noise: float) -> None:
    mark = found((*STROKE[:4], 7), (105, 138, 140, 140, level), noise=noise)
    assert mark.box[2] == (140 if level > 4 else 105)


UPPER: Bar = (95, 40, 105, 90, 50)
EDGE: Bar = (0, 20, 80, 30, 50)


@pytest.mark.parametrize(
    ("others", "box", "rivals"),
    [
        pytest.param([(20, 60, 30, 140, 50)], STROKE, 1, id="the middle one"),
        pytest.param([(20, 60, 30, 140, 20)], STROKE, 0, id="the darker one"),
        pytest.param([(20, 60, 30, 80, 50)], STROKE, 0, id="the larger one"),
        pytest.param([(0, 25, 1, 26, 150), (1, 20, 80, 30, 150)], STROKE, 0, id="the whole one"),
        pytest.param([(0, 20, 80, 30, 500)], EDGE, 1, id="one cut, but far darker"),
        pytest.param([(60, 0, 190, 20, 150)], STROKE, 0, id="no shadow along the frame"),
        pytest.param([(30, 60, 70, 100, 250)], STROKE, 0, id="no blob"),
        pytest.param(
            [(95, 20, 105, 50, 60), (95, 160, 105, 190, 60)],
            STROKE,
            0,
            id="the nearest to the middle",
        ),
        pytest.param([(60, 60, 70, 140, 50), (130, 60, 140, 140, 50)], STROKE, 2, id="of three"),
    ],
)
def test_the_chosen_mark(others: list[Bar], box: Bar, rivals: int) -> None:
    mark = found(STROKE, *others)
    assert mark.box == box[:4]
    assert mark.rivals == rivals
    assert mark.dropped == ("neighbour",)


@pytest.mark.parametrize("turn", [np.asarray, np.transpose], ids=["across", "down"])
def test_the_middle_of_a_mark_counts(turn) -> None:
    middle, beside = (60, 50, 140, 60, 50), (73, 140, 153, 150, 50)
    contrast = seen(middle, beside)
    mark = find_mark(contrast._replace(level=turn(contrast.level).copy()), SCRAP)
    assert mark is not None
    assert turn(mark.mask)[55, 100]


def test_a_piece_in_the_bay_of_a_mark_is_far_from_it() -> None:
    angle = (40, 40, 50, 140, 50), (40, 130, 140, 140, 50)
    assert found(*angle, (58, 60, 78, 100, 50)).mask.sum() == 2 * 1000 - 100
    assert found(*angle, (57, 60, 77, 100, 50)).mask.sum() == 2 * 1000 - 100 + 800


@pytest.mark.parametrize(
    ("piece", "box"),
    [
        pytest.param((95, 147, 105, 170, 50), (95, 40, 105, 170), id="below, near"),
        pytest.param((95, 148, 105, 170, 50), (95, 40, 105, 140), id="below, far"),
        pytest.param((112, 60, 123, 80, 50), (95, 40, 123, 140), id="beside, near"),
        pytest.param((113, 60, 124, 80, 50), (95, 40, 105, 140), id="beside, far"),
        pytest.param((77, 60, 88, 80, 50), (77, 40, 105, 140), id="left, near"),
        pytest.param((95, 20, 105, 33, 50), (95, 20, 105, 140), id="above, near"),
        pytest.param((109, 60, 111, 62, 50), (95, 40, 105, 140), id="a speck"),
        pytest.param((109, 60, 200, 64, 50), (95, 40, 105, 140), id="cut by the frame"),
    ],
)
def test_pieces_are_joined(piece: Bar, box: tuple[int, ...]) -> None:
    """The stroke is 100 pixels long: they belong together less than 8 pixels apart."""
    assert found((95, 40, 105, 140, 50), piece).box == box


def test_a_piece_joins_through_another() -> None:
    first, second = (95, 147, 105, 165, 50), (95, 172, 105, 190, 50)
    assert found((95, 40, 105, 140, 50), first, second).box == (95, 40, 105, 190)
    assert found((95, 40, 105, 140, 50), second).box == (95, 40, 105, 140)


@pytest.mark.parametrize(
    ("demand", "apart"),
    [
        pytest.param(PHOTO, 8, id="a photo"),
        pytest.param(SCRAP, 8, id="a scrap"),
        pytest.param(DRAWN, 12, id="a drawing"),
        pytest.param(CUTTING, 30, id="a cutting"),
    ],
)
def test_how_far_apart_pieces_may_be(demand: Demand, apart: int) -> None:
    """From a stroke of 100 pixels."""
    stroke, piece = (95, 20, 105, 120, 50), (95, 119 + apart, 105, 170, 50)
    assert found(stroke, piece, demand=demand).box == (95, 20, 105, 170)
    further = (95, 120 + apart, 105, 170, 50)
    assert found(stroke, further, demand=demand).box == (95, 20, 105, 120)


@pytest.mark.parametrize(("tall", "bottom"), [(130, 185), (131, 146)], ids=["broken", "entire"])
def test_an_entire_mark_lacks_no_far_pieces(tall: int, bottom: int) -> None:
    stroke, piece = (95, 15, 105, 15 + tall, 50), (95, 165, 105, 185, 50)
    assert found(stroke, piece, demand=CUTTING).box == (95, 15, 105, bottom)


def test_what_the_frame_cuts_joins_what_it_cuts() -> None:
    cut, beside = (95, 60, 105, 200, 50), (112, 100, 123, 200, 50)
    assert found(cut, beside).box == (95, 60, 123, 200)


@pytest.mark.parametrize(
    ("bar", "is_blob", "is_cut"),
    [
        pytest.param((80, 80, 120, 120, 50), True, False, id="a blob"),
        pytest.param((80, 60, 130, 150, 50), False, False, id="a broad stroke"),
        pytest.param((0, 80, 50, 90, 50), False, True, id="cut at the left"),
        pytest.param((150, 80, 200, 90, 50), False, True, id="cut at the right"),
        pytest.param((95, 0, 105, 50, 50), False, True, id="cut above"),
        pytest.param((95, 150, 105, 200, 50), False, True, id="cut below"),
        pytest.param((0, 99, 50, 100, 50), False, True, id="cut, by a pixel"),
        pytest.param((1, 1, 199, 9, 50), False, False, id="not quite cut"),
        pytest.param((91, 1, 99, 199, 50), False, False, id="not quite cut, upright"),
    ],
)
def test_blobs_and_cut_marks_are_known(bar: Bar, is_blob: bool, is_cut: bool) -> None:
    mark = found(bar)
    assert (mark.is_blob, mark.is_cut) == (is_blob, is_cut)


def test_a_cut_mark_keeps_itself() -> None:
    mark = found((0, 20, 80, 30, 500), (60, 33, 70, 60, 50))
    assert mark.box == (0, 20, 80, 60)


def open_to(*bars: Bar) -> tuple[float, float]:
    """Openness of STROKE where the ground around it is as dark as these bars."""
    contrast = seen(STROKE)
    mark = find_mark(contrast, SCRAP)
    assert mark is not None
    darkness = contrast.darkness.copy()
    for left, top, right, bottom, level in bars:
        darkness[top:bottom, left:right] = np.maximum(darkness[top:bottom, left:right], level - 200)
    share, widest = openness(mark, contrast._replace(darkness=darkness))
    return round(share, 3), round(widest, 2)


RING = 16 * 86 - 10 * 80  # pixels: 3 around the stroke


@pytest.mark.parametrize(
    ("bars", "open_pixels", "widest"),
    [
        pytest.param([], 0, 0, id="a stroke"),
        pytest.param([(95, 140, 105, 200, 50)], 10 * 3, 10 * 3, id="goes on"),
        pytest.param([(95, 140, 105, 200, 31)], 10 * 3, 10 * 3, id="goes on, paler"),
        pytest.param([(95, 140, 105, 200, 29)], 0, 0, id="paler than its kind"),
        pytest.param(
            [(95, 140, 105, 200, 50), (0, 60, 95, 100, 50)], 30 + 120, 120, id="goes on twice"
        ),
        pytest.param([(0, 0, SIDE, SIDE, 50)], RING, RING, id="all around"),
        pytest.param([(0, 143, SIDE, SIDE, 50)], 0, 0, id="out of reach"),
    ],
)
def test_openness(bars: list[Bar], open_pixels: int, widest: int) -> None:
    share, reached = open_to(*bars)
    stroke = 4 * 2.82  # pixels, from the mean depth
    assert share == pytest.approx(open_pixels / RING, abs=0.001)
    assert reached == pytest.approx(widest / (3 * stroke), rel=0.02)


def test_nothing_surrounds_a_mark_that_fills_its_picture() -> None:
    contrast = seen((0, 0, SIDE, SIDE, 50))
    mark = Mark(np.ones((SIDE, SIDE), np.uint8), (0, 0, SIDE, SIDE), True, True, 0, ())
    assert openness(mark, contrast) is ALL_OPEN


def test_a_broad_stroke_is_looked_at_further_off() -> None:
    contrast = seen((80, 20, 120, 180, 50))
    mark = find_mark(contrast, SCRAP)
    assert mark is not None
    near, far = contrast.darkness.copy(), contrast.darkness.copy()
    near[185:], far[195:] = -150, -150
    assert openness(mark, contrast._replace(darkness=near)).share > 0
    assert openness(mark, contrast._replace(darkness=far)).share == 0
