"""Rows are counted as they pass; the counts of parts come to those of the whole."""

import pytest

from batch_predict.manifest.run_counts import RowCounter, RunCounts
from batch_predict.records import Code, ImageRef, Reason, Row, Status
from batch_predict.rows import Rows

ROWS = [
    Row(ImageRef("a.png"), 3, 0.99, Status.OK, (), None, None, 0.13),
    Row(
        ImageRef("b.png"),
        7,
        0.4,
        Status.REVIEW,
        (Reason(Code.LOW_CONFIDENCE, "x"),),
        None,
        None,
        0.1,
    ),
    Row(
        ImageRef("c.png"),
        7,
        0.5,
        Status.REVIEW,
        (Reason(Code.TRUNCATED, "x"), Reason(Code.LOW_CONFIDENCE, "x")),
        None,
        None,
        0.1,
    ),
    Row(ImageRef("d.png"), None, None, Status.FAILED, (Reason(Code.NOT_AN_IMAGE, "x"),)),
]


def count(rows: list[Row]) -> RunCounts:
    counter = RowCounter()
    (passed,) = counter.pass_through([Rows.of(rows)])
    assert list(passed) == rows
    return counter.counts()


def test_by_status_reason_and_answer() -> None:
    counts = count(ROWS)
    assert counts.by_status == {"ok": 1, "review": 2, "blank": 0, "failed": 1}
    assert counts.reasons[Status.REVIEW] == {"low_confidence": 2, "truncated": 1}
    assert counts.reasons[Status.FAILED] == {"not_an_image": 1}
    assert counts.profile.n == 3
    assert (counts.found, counts.review_share) == (4, 0.5)


def test_no_rows() -> None:
    counts = count([])
    assert (counts.found, counts.review_share) == (0, 0.0)
    assert set(counts.by_status) == set(counts.reasons) == set(Status)


@pytest.mark.parametrize("at", range(5))
def test_parts_add_up(at: int) -> None:
    assert count(ROWS[:at]) + count(ROWS[at:]) == count(ROWS)
