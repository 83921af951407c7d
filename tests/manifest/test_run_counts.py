"""Rows are counted as they pass; the counts of parts come to those of the whole."""

from dataclasses import replace

import numpy as np
import pytest

from batch_predict.manifest.json_object import JsonObject
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
    assert counts.by_status == {"ok": 1, "review": 2, "decided": 0, "blank": 0, "failed": 1}
    assert counts.reasons[Status.REVIEW] == {"low_confidence": 2, "truncated": 1}
    assert counts.reasons[Status.FAILED] == {"not_an_image": 1}
    assert counts.profile.n == 3
    assert (counts.found, counts.review_share) == (4, 0.5)


def test_no_rows() -> None:
    counts = count([])
    assert (counts.found, counts.review_share) == (0, 0.0)
    assert set(counts.by_status) == set(counts.reasons) == set(Status)


def test_before_there_were_decisions_nothing_was_decided() -> None:
    form = count(ROWS).to_json()
    for counted in (form["counts"], form["reasons"]):
        del counted["decided"]
    assert RunCounts.from_json(JsonObject(form)) == count(ROWS)


@pytest.mark.parametrize("at", range(5))
def test_parts_add_up(at: int) -> None:
    whole = replace(count(ROWS), exact_copies=None)  # nobody looked for those between the parts
    assert count(ROWS[:at]) + count(ROWS[at:]) == whole


def with_content(name: str, content: bytes | None, status: Status = Status.OK) -> Row:
    return Row(ImageRef(name, content_sha256=content), None, None, status)


@pytest.mark.parametrize(
    ("contents", "copies"),
    [
        pytest.param("", 0, id="no picture"),
        pytest.param("abc", 0, id="all differ"),
        pytest.param("abab", 2, id="two pairs"),
        pytest.param("aaa", 2, id="three alike"),
        pytest.param("ÿÿ", 1, id="of bits alone"),  # as a float it would be no number
    ],
)
def test_copies_are_counted(contents: str, copies: int) -> None:
    rows = [with_content(str(n), each.encode("latin-1") * 32) for n, each in enumerate(contents)]
    counter = RowCounter()
    for row in rows:  # each of them alone: copies may be far apart
        list(counter.pass_through([Rows.of([row])]))
    assert counter.counts().exact_copies == copies


def test_what_failed_or_was_not_read_is_no_copy() -> None:
    failed = [with_content(name, bytes(32), Status.FAILED) for name in "ab"]
    unread = [with_content(name, None) for name in "cd"]
    assert count([*failed, *unread]).exact_copies == 0


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param(None, None, id="not known"),
        pytest.param([], 0, id="none"),
        pytest.param([5, 8, 9], 3, id="some"),
    ],
)
def test_pictures_that_the_model_learned_from(known: list[int] | None, expected: int) -> None:
    rows = [row._replace(pixel_hash=n) for row, n in zip(ROWS, (8, 5, 8, None), strict=True)]
    counter = RowCounter(None if known is None else np.array(known, np.int64))
    list(counter.pass_through([Rows.of(rows)]))
    assert counter.counts().seen_in_training == expected


@pytest.mark.parametrize(
    ("seen", "of_all"),
    [
        pytest.param((2, 3), 5, id="known"),
        pytest.param((2, None), None, id="of one part"),
        pytest.param((None, None), None, id="unknown"),
    ],
)
def test_those_of_parts_add_up(seen: tuple[int | None, int | None], of_all: int | None) -> None:
    one, other = (replace(count(ROWS), seen_in_training=each) for each in seen)
    assert (one + other).seen_in_training == of_all


@pytest.mark.parametrize("copies", [None, 0, 3])
@pytest.mark.parametrize("seen", [None, 0, 3])
def test_what_is_known_comes_back_from_the_manifest(copies: int | None, seen: int | None) -> None:
    counts = replace(count(ROWS), exact_copies=copies, seen_in_training=seen)
    assert RunCounts.from_json(JsonObject(counts.to_json())) == counts
