"""A row's cells, and the row that they make again."""

from collections.abc import Sequence

import pytest

from batch_predict.records import CLASSES, Code, ImageRef, Reason, Row, Status
from batch_predict.rows import Rows
from batch_predict.tables.cells import cells_of, row_maker
from batch_predict.tables.columns import Cell, Column, ColumnType, columns_named
from tests.support.table_rows import TABLE

TEN = tuple(digit / 45 for digit in range(CLASSES))
REASONS = (Reason(Code.TRUNCATED, "ends early"), Reason(Code.LOW_CONFIDENCE, "below 0.8"))
ROW = Row(ImageRef("a.png", truth=0), 9, 0.2, Status.REVIEW, REASONS, TEN, 0.7)
FAILED = Row(ImageRef("b.png"), None, None, Status.FAILED, (Reason(Code.CORRUPT, "bad"),))


def cells_in(row: Row, columns: Sequence[Column]) -> list[Cell]:
    """The cells of `row`, which has another one before and behind it."""
    return [cells_of(Rows.of([FAILED, row, ROW]), column)[1] for column in columns]


@pytest.mark.parametrize(
    ("names", "row", "cells"),
    [
        pytest.param(("path", "label"), ROW, ["a.png", 9], id="some"),
        pytest.param(("label", "path"), ROW, ["a.png", 9], id="in the order of the table"),
        pytest.param(("status", "truth"), ROW, ["review", 0], id="a status, a ref's field"),
        pytest.param(
            ("reason",), ROW, ["truncated: ends early; low_confidence: below 0.8"], id="reasons"
        ),
        pytest.param(("p3",), ROW, [3 / 45], id="one element"),
        pytest.param(("p3", "p5", "truth"), ROW, [0, 3 / 45, 5 / 45], id="two elements"),
        pytest.param(
            [column.name for column in TABLE],
            FAILED,
            ["b.png", None, None, "failed", "corrupt: bad", None, *[None] * CLASSES, None],
            id="nothing to say",
        ),
    ],
)
def test_cells(names: tuple[str, ...], row: Row, cells: list[Cell]) -> None:
    assert cells_in(row, columns_named(names)) == cells


@pytest.mark.parametrize("row", [pytest.param(ROW, id="scored"), pytest.param(FAILED, id="failed")])
def test_cells_make_their_row_again(row: Row) -> None:
    assert row_maker(TABLE)(cells_in(row, TABLE)) == row


@pytest.mark.parametrize("row", [pytest.param(ROW, id="scored"), pytest.param(FAILED, id="failed")])
def test_texts_make_their_row_again(row: Row) -> None:
    texts = ["" if cell is None else str(cell) for cell in cells_in(row, TABLE)]
    parsers = {ColumnType.DIGIT: int, ColumnType.PROBABILITY: float}
    assert row_maker(TABLE, parsers)(texts) == row


def test_a_field_without_a_column_has_its_default() -> None:
    columns = columns_named(("path", "label", "confidence", "status"))
    row = row_maker(columns)(["a.png", 9, 0.2, "ok"])
    assert row == Row(ImageRef("a.png"), 9, 0.2, Status.OK)


def test_a_field_that_needs_its_column() -> None:
    with pytest.raises(ValueError, match="columns not found: status"):
        row_maker(columns_named(("path", "label", "confidence")))
