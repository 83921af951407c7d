"""Spline, ink and page of the drawn pictures: that a knob means what it says."""

import numpy as np
import pytest

from train.drawn import Difficulty, draw_digit
from train.drawn.inking import apply_ink, written
from train.drawn.page import bare_page, lay_on_table, print_lines
from train.drawn.paper import SURFACES
from train.drawn.photo import look
from train.drawn.redrawing import skeleton
from train.drawn.spline import POINTS_PER_SPAN, parse

SIZE = (600, 500)
UNIT = min(SIZE)
SEEDS = range(8)


def rng(seed):
    return np.random.default_rng(seed)


def coverage(seed, digit=3, **knobs):
    difficulty = Difficulty(**knobs)
    plane = look(rng(seed), difficulty.perspective, SIZE)
    return written(rng(seed), draw_digit(rng(seed), digit, 400), difficulty, SIZE, plane)


def box(ink):
    y, x = np.nonzero(ink > 0.5)
    return x.min(), y.min(), x.max() + 1, y.max() + 1


def test_path_passes_through_its_control_points_and_turns_at_corners():
    form = parse("0,0 50,0! 50,100|10,10 20,20")
    path = form.sharp @ form.control
    assert path[::POINTS_PER_SPAN][:3] == pytest.approx(form.control[:3], abs=1e-6)
    assert path[: POINTS_PER_SPAN + 1, 1] == pytest.approx(0, abs=1e-6)
    assert form.stroke.tolist() == [0] * (2 * POINTS_PER_SPAN + 1) + [1] * (POINTS_PER_SPAN + 1)


def test_skeleton_of_a_bar_is_its_middle_line():
    bar = np.zeros((20, 40), bool)
    bar[8:13, 5:35] = True
    thin = skeleton(bar)
    assert thin.sum(axis=0).max() == 1
    assert set(np.nonzero(thin)[0]) == {10}


@pytest.mark.parametrize(
    ("knobs", "low", "high"),
    [
        pytest.param({}, 0.3, 0.8, id="ordinary"),
        pytest.param({"small": 1.0}, 0.08, 0.12, id="a tenth"),
        pytest.param({"fills": 1.0}, 0.95, 1.1, id="fills the frame"),
        pytest.param({"edge": 1.0}, 0.3, 0.63, id="keeps on the page"),
    ],
)
def test_height_of_the_digit_in_the_frame(knobs, low, high):
    for seed in SEEDS:
        left, top, right, bottom = box(coverage(seed, **knobs))
        assert low < max(right - left, bottom - top) / UNIT < high


def test_thin_pen_is_a_few_pixels_in_a_thousand():
    for seed in SEEDS:
        ink = coverage(seed, digit=1, thin=1.0)
        _, top, _, bottom = box(ink)
        rows = ink[(3 * top + bottom) // 4 : (top + 3 * bottom) // 4].sum(axis=1)
        assert np.median(rows) < 4


def test_neighbour_is_cut_by_the_frame():
    beside = [coverage(seed, neighbour=1.0) for seed in SEEDS]
    assert all((ink[:, [0, -1]] > 0.5).any() for ink in beside)


@pytest.mark.parametrize(
    ("faint", "levels"), [pytest.param(1.0, 10, id="palest"), pytest.param(0.8, 32, id="pale")]
)
def test_faint_ink_stands_out_by_so_many_grey_levels(faint, levels):
    page = np.full((4, 4, 3), 0.9, np.float32)
    for seed in SEEDS:
        inked = apply_ink(rng(seed), page, np.ones((4, 4), np.float32), Difficulty(faint=faint))
        assert 255 * np.abs(page - inked).mean() == pytest.approx(levels, abs=0.5)


@pytest.mark.parametrize(
    ("knobs", "lighter"), [pytest.param({}, False, id="ink"), ({"chalk": 0.5}, True)]
)
def test_chalk_is_light_on_dark_and_ink_dark_on_light(knobs, lighter):
    difficulty = Difficulty(**knobs)
    for seed in SEEDS:
        page = bare_page(rng(seed), difficulty, (32, 32), SURFACES.papers)
        inked = apply_ink(rng(seed), page, np.ones((32, 32), np.float32), difficulty)
        assert (inked.mean() > page.mean()) == lighter


def test_colour_sets_the_channels_apart():
    page = np.full((4, 4, 3), 0.9, np.float32)
    for seed in SEEDS:
        vivid = apply_ink(rng(seed), page, np.ones((4, 4), np.float32), Difficulty(colour=1.0))
        assert np.ptp(vivid[0, 0]) > 0.3


def test_lines_are_darker_the_further_the_knob_is_turned():
    plane = look(rng(0), 0, SIZE)
    for seed in SEEDS:
        pages = [np.ones((*SIZE, 3), np.float32) for _ in range(3)]
        for page, much in zip(pages, (0, 0.3, 1.0), strict=True):
            print_lines(rng(seed), page, plane, much)
        none, pale, dark = (page.mean() for page in pages)
        assert none == 1
        assert none > pale > dark


def test_table_takes_up_to_a_fifth_of_each_side():
    plane = look(rng(0), 0, SIZE)
    page = np.full((*SIZE, 3), 2, np.float32)  # brighter than any table
    for seed in SEEDS:
        table = lay_on_table(rng(seed), page, plane, 1.0, SURFACES.tables)[:, :, 0] < 1.5
        assert 0.1 < table.mean() < 0.4
        assert not table[UNIT // 4 : -UNIT // 4, UNIT // 4 : -UNIT // 4].any()
