"""Contact sheets: the worst first, as many as there is room for."""

import numpy as np
import pytest
from PIL import Image

from batch_predict.normalize.readings import ReadingKind
from batch_predict.options import SHEETS
from batch_predict.records import ImageRef, ReadAs, Row, Status, Views
from batch_predict.report.contact_sheet import (
    ACROSS,
    CAPTION,
    CELL,
    DOWN,
    LINE,
    READING,
    STRIP,
    WIDTH,
    Cell,
    sheets,
    worst,
)

ROOM = ACROSS * DOWN


def row(path, label, confidence, truth=None, status=Status.OK):
    return Row(ImageRef(path, truth=truth), label, confidence, status)


def test_worst_first():
    rows = [
        row("sure", 1, 0.99, truth=1),
        row("failed", None, None, status=Status.FAILED),
        row("decided", 1, None, truth=2, status=Status.DECIDED),
        row("unsure", 1, 0.4),
        row("wrong", 1, 0.5, truth=2),
        row("blank", None, None, status=Status.BLANK),
        row("surely wrong", 1, 0.9, truth=2),
    ]
    assert [r.ref.path for r in worst(rows)] == ["surely wrong", "wrong", "blank", "unsure", "sure"]


def test_no_more_than_there_is_room_for():
    rows = (row(str(i), 1, 0.5) for i in range(10_000))
    assert len(worst(rows)) == len(SHEETS) * ROOM


@pytest.mark.parametrize(
    ("count", "rows_of_cells"),
    [
        pytest.param(0, [], id="none"),
        pytest.param(1, [1], id="one"),
        pytest.param(ROOM, [DOWN], id="full"),
        pytest.param(ROOM + ACROSS + 1, [DOWN, 2], id="a second"),
    ],
)
def test_sheets_hold_all(count, rows_of_cells):
    cell = Cell(
        "a/é.png",
        Views(np.full((30, 60, 3), 200, np.uint8), None, np.ones((28, 28), np.uint8)),
        "7",
    )
    made = list(sheets([cell] * count))
    assert [sheet.height // (CELL + CAPTION) for sheet in made] == rows_of_cells
    assert {sheet.width for sheet in made} <= {ACROSS * WIDTH}


def test_original_beside_what_was_seen():
    original, seen = np.full((50, 50), 255, np.uint8), np.full((28, 28), 128, np.uint8)
    maps = np.zeros((192, 192, 3), np.uint8)
    maps[..., 0] = 255
    shown = [Views(original, maps, seen), Views(original, None, None)]
    (sheet,) = sheets(Cell("a.png", views, "") for views in shown)
    middle = CELL // 2
    places = [left + k * CELL for left in (0, WIDTH) for k in range(3)]
    colours = [sheet.getpixel((left + middle, middle)) for left in places]
    ground = sheet.getpixel((2 * WIDTH + middle, middle))
    assert colours == [(255,) * 3, (255,) * 3, (128,) * 3, (255,) * 3, ground, ground]
    assert isinstance(sheet, Image.Image)


def doubted(*levels):
    """A cell with a reading of each grey level."""
    readings = tuple(
        ReadAs(kind, np.full((28, 28), level, np.uint8), 7, 0.5, 0.5)
        for kind, level in zip(ReadingKind, levels, strict=False)
    )
    grey = np.zeros((28, 28), np.uint8)
    return Cell("a.png", Views(grey, None, grey, readings), "7")


def test_the_readings_of_a_picture_in_doubt_stand_in_a_row_under_it():
    levels = range(200, 200 + len(ReadingKind))
    (sheet,) = sheets([doubted(), doubted(*levels)])
    middle = CELL + CAPTION + LINE + READING // 2
    lefts = [WIDTH + place * READING for place in range(len(levels))]
    shown = [sheet.getpixel((left + READING // 2, middle)) for left in lefts]
    assert shown == [(level,) * 3 for level in levels]
    assert lefts[-1] + READING <= 2 * WIDTH


def test_whose_answers_the_readings_bear_is_said():
    (sheet,) = sheets([doubted(), doubted(200)])
    plain, said = (
        sheet.crop((left, CELL + CAPTION, left + WIDTH, CELL + CAPTION + LINE))
        for left in (0, WIDTH)
    )
    assert len(plain.getcolors()) == 1
    assert len(said.getcolors()) > 1


def test_only_rows_with_a_picture_in_doubt_have_room_for_readings():
    plain = [doubted()] * ACROSS
    (sheet,) = sheets([*plain, *plain[1:], doubted(200), *plain])
    assert sheet.height == 3 * (CELL + CAPTION) + STRIP
