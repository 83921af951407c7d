"""Rows of a table are had by number, and those in doubt come first."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from batch_predict.records import Code, Reason, Status
from batch_predict.review.all_rows import AllRows, all_rows
from batch_predict.review.queue import Doubt

TABLE = (
    "path,label,confidence,status,reason,truth\n"
    "a.png,7,0.900000,ok,,7\n"
    '"b;\né.png",7,0.400000,review,low_confidence: 0.4,\n'
    "c.png,,,failed,corrupt: cut,\n"
    "d.png,1,0.950000,ok,,\n"
    "e.png,7,0.500000,ok,,\n"
)


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[AllRows]:
    (tmp_path / "out.csv").write_text(TABLE)
    with all_rows(str(tmp_path / "out.csv")) as found:
        yield found


def test_a_row_is_had_by_its_number(rows: AllRows) -> None:
    assert len(rows) == 5
    assert rows[1] == Doubt(
        "b;\né.png", Status.REVIEW, 7, 0.4, (Reason(Code.LOW_CONFIDENCE, "0.4"),)
    )
    assert rows[2] == Doubt("c.png", Status.FAILED, None, None, (Reason(Code.CORRUPT, "cut"),))


@pytest.mark.parametrize("number", [-1, 5])
def test_there_are_no_others(rows: AllRows, number: int) -> None:
    with pytest.raises(IndexError):
        rows[number]


@pytest.mark.parametrize(
    ("statuses", "digit", "found"),
    [
        pytest.param([Status.OK, Status.REVIEW], 7, [4, 0, 1], id="a digit"),
        pytest.param([Status.OK], None, [4, 0, 3], id="one status"),
        pytest.param([Status.FAILED, Status.OK], None, [2, 4, 0, 3], id="by status"),
        pytest.param([Status.BLANK], None, [], id="none"),
    ],
)
def test_rows_are_found_by_status_and_digit(
    rows: AllRows, statuses: list[Status], digit: int | None, found: list[int]
) -> None:
    assert rows.numbers(statuses, digit).tolist() == found


def test_a_strange_status_is_named(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text(TABLE.replace("failed", "fine"))
    with (
        pytest.raises(ValueError, match="status 'fine' is none of ok, "),
        all_rows(str(tmp_path / "out.csv")),
    ):
        pass
