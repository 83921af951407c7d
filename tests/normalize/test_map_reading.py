"""From map to reading: MNIST's form, and small changes of the map stay small."""

import time

import cv2
import numpy as np
import pytest

from batch_predict.normalize.map_reading import read_maps, soft_box, stroke_width
from train.drawn import draw_digit

SIDE = 192


def maps_of(ink, other=None):
    none = np.zeros_like(ink)
    return np.dstack([ink, none if other is None else other, none])


def digit_map(digit=5, seed=0, size=140, at=(20, 30)):
    """A map as a network gives it: soft rims."""
    ink = np.zeros((SIDE, SIDE), np.uint8)
    ink[at[0] : at[0] + size, at[1] : at[1] + size] = draw_digit(
        np.random.default_rng(seed), digit, size
    )
    return cv2.GaussianBlur(ink, (0, 0), 1.0)


def line_map(wide, top=40, tall=100):
    ink = np.zeros((SIDE, SIDE), np.uint8)
    ink[top : top + tall, 90 : 90 + wide] = 255
    return cv2.GaussianBlur(ink, (0, 0), 0.7)


def moved(first, second):
    """The largest difference of two readings, grey levels."""
    return int(np.abs(first.pixels.astype(int) - second.pixels).max())


@pytest.mark.parametrize("digit", range(10))
def test_a_reading_is_in_mnist_s_form(digit):
    pixels = read_maps(maps_of(digit_map(digit))).pixels
    assert pixels.shape == (28, 28)
    assert pixels.dtype == np.uint8
    assert pixels.max() > 190
    _, _, width, height = cv2.boundingRect((pixels > 60).astype(np.uint8))
    assert 19 <= max(width, height) <= 21
    moments = cv2.moments(pixels)
    assert moments["m10"] / moments["m00"] == pytest.approx(14, abs=0.1)
    assert moments["m01"] / moments["m00"] == pytest.approx(14, abs=0.1)


@pytest.mark.parametrize(("wide", "high"), [(40, 60), (60, 40), (12, 90)])
def test_the_longer_side_is_20_pixels(wide, high):
    ink = np.zeros((SIDE, SIDE), np.uint8)
    ink[10 : 10 + high, 20 : 20 + wide] = 255
    levels = read_maps(maps_of(ink)).pixels / 255
    assert max(levels.max(axis=0).sum(), levels.max(axis=1).sum()) == pytest.approx(20, abs=0.3)


@pytest.mark.parametrize("size", [50, 70, 150], ids=lambda s: f"{s}px")
@pytest.mark.parametrize("at", [(0, 0), (3, 40), (30, 12)])
def test_size_and_place_hardly_change_a_reading(size, at):
    large = draw_digit(np.random.default_rng(1), 2, 600)
    readings = []
    for side, corner in ((100, (40, 40)), (size, at)):
        ink = np.zeros((SIDE, SIDE), np.uint8)
        small = cv2.resize(large, (side, side), interpolation=cv2.INTER_AREA)
        ink[corner[0] : corner[0] + side, corner[1] : corner[1] + side] = small
        readings.append(read_maps(maps_of(ink)).pixels.astype(int))
    assert np.abs(readings[0] - readings[1]).mean() < 6


@pytest.mark.parametrize(
    ("wide", "pen"), [(2, 2.2), (4, 2.3), (8, 2.4), (20, 4.0), (40, 8.0)], ids=str
)
def test_thin_pens_are_widened_and_thick_ones_are_kept(wide, pen):
    row = read_maps(maps_of(line_map(wide))).pixels[14]
    assert row.sum() / 255 == pytest.approx(pen, abs=0.2)


def shape_map(*rectangles):
    """Full where one of these lies: top, bottom, left, right."""
    ink = np.zeros((SIDE, SIDE), np.uint8)
    for top, bottom, left, right in rectangles:
        ink[top:bottom, left:right] = 255
    return ink


def test_across_and_down_are_treated_alike():
    ink = shape_map((30, 150, 40, 62), (128, 150, 40, 130), (30, 50, 40, 90))
    down, across = (read_maps(maps_of(each)).pixels for each in (ink, ink.T))
    assert np.abs(down.astype(int) - across.T).max() <= 1


def test_what_is_heavy_at_one_end_stays_whole():
    """Its centre of mass can't come to the middle, whichever end it is."""
    ink = shape_map((40, 140, 90, 98), (126, 140, 46, 142))
    inks = [int(read_maps(maps_of(np.rot90(ink, n))).pixels.sum()) for n in range(4)]
    assert inks == pytest.approx([inks[0]] * 4, rel=1e-3)


def test_a_level_more_or_less_hardly_changes_a_reading():
    rng = np.random.default_rng(0)
    for seed in range(20):
        ink = digit_map(seed % 10, seed)
        noise = rng.integers(-1, 2, ink.shape) * (ink > 0)
        other = np.clip(ink.astype(int) + noise, 0, 255).astype(np.uint8)
        assert moved(read_maps(maps_of(ink)), read_maps(maps_of(other))) <= 12


@pytest.mark.parametrize("place", [(20, 20), (90, 180), (188, 100)], ids=str)
def test_a_speck_comes_in_by_degrees(place):
    """From nothing to full, no level of a speck far from the digit makes a jump."""
    last, steps = None, []
    for level in range(0, 256, 3):
        ink = digit_map()
        ink[place[0] : place[0] + 4, place[1] : place[1] + 4] = level
        now = read_maps(maps_of(ink))
        steps += [moved(last, now)] if last else []
        last = now
    assert max(steps) <= 60  # for three levels; a box that jumps changes 255 at once


@pytest.mark.parametrize("value", [0, 3])
def test_no_ink_is_no_reading(value):
    assert read_maps(maps_of(np.full((SIDE, SIDE), value, np.uint8))) is None


def test_other_writing_alone_is_read_as_such():
    alone = read_maps(maps_of(np.zeros((SIDE, SIDE), np.uint8), digit_map()))
    assert alone.other == 1
    np.testing.assert_array_equal(alone.pixels, read_maps(maps_of(digit_map())).pixels)


def test_other_writing_is_read_where_ink_is_but_a_shade():
    shade = np.full((SIDE, SIDE), 20, np.uint8)  # 8% everywhere: it goes when rims are made steep
    assert read_maps(maps_of(shade)) is None
    beside, alone = (read_maps(maps_of(ink, digit_map())) for ink in (shade, 0 * shade))
    assert (beside.pixels == alone.pixels).all()


def test_other_writing_is_measured_against_the_ink():
    assert read_maps(maps_of(digit_map())).other == 0
    assert read_maps(maps_of(digit_map(), digit_map())).other == pytest.approx(0.5)


def test_the_frame_is_felt():
    inside, beside, through = (
        read_maps(maps_of(line_map(10, top, tall))) for top, tall in ((20, 100), (1, 100), (0, 192))
    )
    assert inside.at_frame < 1e-6
    assert 0.05 < beside.at_frame < through.at_frame < 0.2


def test_an_unsure_map_is_less_clear():
    sure, unsure = (read_maps(maps_of(line_map(10) // part)) for part in (1, 2))
    assert unsure.clearness < 0.6 < sure.clearness


def test_the_box_is_that_of_what_is_full():
    level = np.zeros((30, 40), np.float32)
    level[10:20, 5:25] = 1
    assert soft_box(level) == (5, 10, 25, 20)
    level[15, 1] = 0.5
    assert soft_box(level) == (3, 10, 25, 20)
    assert soft_box(level / 4) == (3, 10, 25, 20)  # as full as it gets


@pytest.mark.parametrize("wide", [4, 8, 16], ids=lambda w: f"{w}px")
def test_the_stroke_s_width_is_measured(wide):
    assert stroke_width(line_map(wide).astype(np.float32) / 255) == pytest.approx(wide, rel=0.15)


def test_a_stroke_s_width_does_not_depend_on_where_the_map_lies():
    """Nor does the answer: a CSV is the same byte for byte, whatever was in memory before."""
    rng = np.random.default_rng(0)
    level = rng.random((37, 33)).astype(np.float32)
    held = [np.empty(size, np.uint8) for size in rng.integers(1, 3000, 300)]
    widths = set()
    while held:  # what is made in between comes to lie where there is room
        held.pop()
        widths.add(stroke_width(level))
        held[:-1:7] = [np.empty(size, np.uint8) for size in rng.integers(1, 3000, len(held[:-1:7]))]
    assert len(widths) == 1


@pytest.mark.parametrize(
    "shape", [(1, 64), (64, 1), (3, 192), (192, 5)], ids=lambda s: f"{s[0]}x{s[1]}"
)
def test_a_strip_is_read(shape):
    full = np.full(shape, 255, np.uint8)
    assert read_maps(maps_of(full)).pixels.any()


def test_a_reading_takes_less_than_a_millisecond():
    maps = [maps_of(digit_map(i % 10, i)) for i in range(20)]
    start = time.process_time()
    for each in maps * 5:
        read_maps(each)
    assert (time.process_time() - start) / 100 < 2e-3  # measured: 0.45 ms
