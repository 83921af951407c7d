"""Rows in columns are the rows that they were made of."""

import pickle

import pytest

from batch_predict import rows
from batch_predict.records import Code, ImageRef, Reason, Row, Status
from batch_predict.rows import Rows, in_columns
from tests.support.table_rows import ROWS

REF = ImageRef("a.png", 1, "1 2", 3)
TEN = (0.5, 0.5, *(0.0,) * 8)
SCORED = Row(REF, 0, 0.5, Status.REVIEW, (Reason(Code.NO_DIGIT, "x"),), TEN, 0.1, 0.13)


def failed(code: Code) -> Row:
    return Row(REF, None, None, Status.FAILED, (Reason(code, "x"),), cause="OSError: y")


@pytest.mark.parametrize(
    "made",
    [
        pytest.param([], id="none"),
        pytest.param([SCORED], id="scored"),
        pytest.param([failed(Code.CORRUPT)], id="failed"),
        pytest.param([SCORED, failed(Code.CORRUPT), SCORED], id="both"),
        pytest.param(ROWS, id="hard ones"),
    ],
)
def test_rows_come_back(made: list[Row]) -> None:
    columns = Rows.of(made)
    assert len(columns) == len(made)
    assert list(columns) == made
    assert list(pickle.loads(pickle.dumps(columns))) == made  # as Ray sends them


@pytest.mark.parametrize(
    ("name", "index", "values"),
    [
        pytest.param("label", None, [None, 0], id="digits"),
        pytest.param("confidence", None, [None, 0.5], id="numbers"),
        pytest.param("probabilities", 1, [None, 0.5], id="one of ten"),
        pytest.param("probabilities", None, [[None] * 10, list(TEN)], id="all ten"),
    ],
)
def test_values(name: str, index: int | None, values: list[object]) -> None:
    assert Rows.of([failed(Code.CORRUPT), SCORED]).values(name, index) == values


@pytest.mark.parametrize(
    ("row", "is_transient"),
    [
        pytest.param(failed(Code.TIMEOUT), True, id="it may pass"),
        pytest.param(failed(Code.CORRUPT), False, id="it stays"),
        pytest.param(SCORED, False, id="not failed"),
    ],
)
def test_what_may_be_gone_in_the_next_run(row: Row, is_transient: bool) -> None:
    assert Rows.of([SCORED, row]).are_transient().tolist() == [False, is_transient]


def test_no_more_than_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "AT_A_TIME", 3)
    parts = list(in_columns(iter(ROWS)))
    assert [len(part) for part in parts] == [3, 3, 1]
    assert [row for part in parts for row in part] == ROWS
