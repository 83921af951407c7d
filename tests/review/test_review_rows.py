"""Rows of a table are had by number, and those in doubt come first."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from batch_predict.decisions.decision import Decision
from batch_predict.records import Code, Reason, Status
from batch_predict.review.review_rows import ReviewRow, ReviewRows, review_rows

TABLE = (
    "path,label,confidence,status,reason,truth\n"
    "a.png,7,0.900000,ok,,7\n"
    '"b;\né.png",7,0.400000,review,low_confidence: 0.4,\n'
    "c.png,,,failed,corrupt: cut,\n"
    "d.png,1,0.950000,ok,,\n"
    "e.png,7,0.500000,ok,,\n"
)


@pytest.fixture
def rows(tmp_path: Path) -> Iterator[ReviewRows]:
    (tmp_path / "out.csv").write_text(TABLE)
    with review_rows(str(tmp_path / "out.csv")) as found:
        yield found


def test_a_row_is_had_by_its_number(rows: ReviewRows) -> None:
    assert len(rows) == 5
    assert rows[1] == ReviewRow(
        "b;\né.png", Status.REVIEW, 7, 0.4, (Reason(Code.LOW_CONFIDENCE, "0.4"),)
    )
    assert rows[2] == ReviewRow("c.png", Status.FAILED, None, None, (Reason(Code.CORRUPT, "cut"),))


@pytest.mark.parametrize("number", [-1, 5])
def test_there_are_no_others(rows: ReviewRows, number: int) -> None:
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
    rows: ReviewRows, statuses: list[Status], digit: int | None, found: list[int]
) -> None:
    assert rows.numbers(statuses, digit).tolist() == found


def test_a_folder_that_can_not_be_listed_is_no_picture(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text(f"{TABLE}f/,,,failed,unreadable: no,\n")
    with review_rows(str(tmp_path / "out.csv"), [Status.FAILED]) as found:
        assert [found[number].path for number in range(len(found))] == ["c.png"]


def test_of_a_decided_row_the_model_s_label_is_shown_beside_the_decision(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text(
        "path,label,confidence,status,reason,model_label,model_confidence\n"
        "a.png,3,,decided,,7,0.400000\n"
        "b.png,,,decided,decided_ignored: a person knows of it,,\n"
        "c.png,1,0.900000,ok,,1,0.900000\n"
    )
    with review_rows(str(tmp_path / "out.csv"), [Status.DECIDED]) as found:
        shown = [found[number] for number in found.numbers([Status.DECIDED])]
    assert [each[:4] for each in shown] == [
        ("b.png", Status.DECIDED, None, None),
        ("a.png", Status.DECIDED, 7, 0.4),
    ]
    assert [each.decision for each in shown] == [Decision.IGNORE, Decision.DIGIT_3]


def test_a_strange_status_is_named(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text(TABLE.replace("failed", "fine"))
    with (
        pytest.raises(ValueError, match="status 'fine' is none of ok, "),
        review_rows(str(tmp_path / "out.csv")),
    ):
        pass
