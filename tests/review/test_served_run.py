"""What a page may ask of a run that is served, and what is kept of its decisions."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from batch_predict.decisions.decision import Decided, Decision, latest
from batch_predict.decisions.decisions_file import header_line, read_decisions, row_line
from batch_predict.records import Views
from batch_predict.review.cards import Card, CardMaker
from batch_predict.review.decision_log import DecisionLog
from batch_predict.review.loopback import Answer, Request
from batch_predict.review.review_rows import ReviewRow, queue_of, review_rows
from batch_predict.review.served_run import Page, ServedRun, Shown
from batch_predict.storage.folder import Folder

TABLE = (
    "path,label,confidence,status,reason\n"
    "a.png,7,0.900000,ok,\n"
    "b.png,7,0.400000,review,low_confidence: 0.4\n"
    "c.png,,,failed,corrupt: cut\n"
    "gone.png,1,0.300000,review,low_confidence: 0.3\n"
)
POLICY = "default-src 'none'; script-src 'sha256-x'"

Ask = Callable[..., tuple[int, Any]]


def see(row: ReviewRow, content: bytes) -> Views | None:
    """The picture of `row`; c.png is none."""
    return None if row.path == "c.png" else Views(np.zeros((9, 9), np.uint8), None, None)


def page(shown: Shown, told: list[tuple[int, Card]]) -> Page:
    """A stub: what is shown, and the rows and contents on it."""
    return Page(json.dumps([shown, [[number, card.content] for number, card in told]]), POLICY)


def served(folder: Path) -> Iterator[ServedRun]:
    (folder / "out.csv").write_text(TABLE)
    for name in "abc":
        (folder / f"{name}.png").write_bytes(name.encode())
    with review_rows(str(folder / "out.csv")) as rows:
        log = DecisionLog(str(folder / "out.decisions.csv"))
        yield ServedRun(rows, CardMaker(Folder(str(folder)), see), log, page, queue_of(blank=False))


@pytest.fixture
def run(tmp_path: Path) -> Iterator[ServedRun]:
    yield from served(tmp_path)


@pytest.fixture
def ask(run: ServedRun) -> Ask:
    return lambda *asked, **query: told(run, *asked, **query)


def told(run: ServedRun, path: str, posted: Any = None, **query: str) -> tuple[int, Any]:
    """The status, and what was in the answer: JSON, or words."""
    method = "GET" if posted is None else "POST"
    body = posted if isinstance(posted, bytes) else json.dumps(posted).encode()
    answer: Answer = run(Request(method, path, query, b"" if posted is None else body))
    text = answer.body.decode()
    return answer.status, json.loads(text) if answer.content_type == "application/json" else text


def content(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def decisions(folder: Path) -> list[tuple[str, str, str]]:
    found = read_decisions(str(folder / "out.decisions.csv"))
    return [(each.path, each.content, str(each.decision)) for each in found.rows] if found else []


def pages(run: ServedRun, **query: str) -> Any:
    return json.loads(run(Request("GET", "/", query, b"")).body)


def test_the_page_is_the_queue_in_doubt_first_with_the_contents(run: ServedRun) -> None:
    assert pages(run) == [[None, 1, 1], [[3, None], [1, content("b")], [2, content("c")]]]
    assert run(Request("GET", "/", {}, b"")).policy == POLICY


def test_blank_pictures_are_in_the_queue_where_they_are_asked_for(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("path,label,confidence,status,reason\na.png,,,blank,\n")
    with review_rows(str(tmp_path / "out.csv")) as rows:
        cards = CardMaker(Folder(str(tmp_path)), see)
        log = DecisionLog(str(tmp_path / "out.decisions.csv"))
        found = {
            blank: pages(ServedRun(rows, cards, log, page, queue_of(blank=blank)))[1]
            for blank in (False, True)
        }
    assert found == {False: [], True: [[0, None]]}


def test_all_that_were_read_as_a_digit_are_a_page_too(run: ServedRun) -> None:
    assert pages(run, digit="7") == [[7, 1, 1], [[1, content("b")], [0, content("a")]]]
    assert pages(run, digit="2") == [[2, 1, 1], []]


def test_a_long_list_has_numbered_pages(run: ServedRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("batch_predict.review.served_run.PAGE_ROWS", 2)
    assert [pages(run, page=n)[1][0][0] for n in "12"] == [3, 2]
    assert run(Request("GET", "/", {"page": "3"}, b"")).status == 404


@pytest.mark.parametrize(
    "query",
    [
        {"digit": "x"},
        {"digit": "10"},
        {"digit": ""},
        {"page": "0"},
        {"page": "-1"},
        {"page": "9" * 99},
    ],
)
def test_there_are_no_other_pages(ask: Ask, query: dict[str, str]) -> None:
    assert ask("/", **query) == (404, "There is no such page.\n")


def test_a_picture_comes_with_its_content(ask: Ask) -> None:
    _, found = ask("/picture/1")
    assert found["content"] == content("b")
    assert found["original"].startswith("data:image/webp;base64,")


@pytest.mark.parametrize(
    ("number", "of"),
    [pytest.param(2, content("c"), id="not a picture"), pytest.param(3, None, id="gone")],
)
def test_what_can_not_be_shown_comes_without_views(ask: Ask, number: int, of: str | None) -> None:
    status, found = ask(f"/picture/{number}")
    assert (status, found["content"], found["original"]) == (200, of, None)


@pytest.mark.parametrize(
    "path",
    [
        "/picture/4",
        "/picture/-1",
        "/picture/",
        "/picture/1/",
        "/picture/٣",
        "/picture/a.png",
        "/picture/../out.csv",
        "/picture/%2e%2e/out.csv",
        "/picture/..%2fout.csv",
        "/../out.csv",
        "//etc/passwd",
        "/etc/passwd",
        "http://127.0.0.1/",
        "/add",
        "",
    ],
)
def test_nothing_else_is_had(ask: Ask, path: str) -> None:
    assert ask(path)[0] == 404


RIGHT = {"row": 1, "content": content("b"), "decision": "3"}


def test_a_decision_is_in_the_file_when_it_is_answered(ask: Ask, tmp_path: Path) -> None:
    other = {"row": 2, "content": content("c"), "decision": "ignore"}
    assert ask("/add", [{**RIGHT, "by": "me", "note": "a\n, \0b"}, other]) == (200, "kept")
    both = [("b.png", content("b"), "3"), ("c.png", content("c"), "ignore")]
    assert decisions(tmp_path) == both
    first = (tmp_path / "out.decisions.csv").read_text().splitlines()[1]
    assert first.endswith('Z,me,"a , b"')


def test_a_decision_is_taken_back(ask: Ask, tmp_path: Path) -> None:
    for decision in ("3", "none"):
        ask("/add", [{**RIGHT, "decision": decision}])
    for left in ([("b.png", content("b"), "3")], []):
        assert ask("/drop", [{"content": content("b")}]) == (200, "taken back")
        assert decisions(tmp_path) == left
    assert ask("/drop", [{"content": content("b")}])[0] == 409


def test_what_was_shown_is_decided_though_the_file_changed(ask: Ask, tmp_path: Path) -> None:
    ask("/picture/1")
    (tmp_path / "b.png").write_bytes(b"other")
    assert ask("/add", [RIGHT])[0] == 200
    assert ask("/picture/1")[1]["content"] == content("other")
    assert ask("/add", [RIGHT])[0] == 409


@pytest.mark.parametrize(
    ("posted", "status"),
    [
        pytest.param(b"", 400, id="nothing"),
        pytest.param(b"\xff{", 400, id="garbage"),
        pytest.param(b"[" * 60_000, 400, id="deep"),
        pytest.param({}, 400, id="no list"),
        pytest.param([1], 400, id="no object"),
        pytest.param([RIGHT, {}], 400, id="a second one without a row"),
        pytest.param([{**RIGHT, "row": 4}], 404, id="a row too far"),
        pytest.param([{**RIGHT, "row": True}], 400, id="true for a row"),
        pytest.param([{**RIGHT, "row": "1"}], 400, id="text for a row"),
        pytest.param([{**RIGHT, "content": content("a")}], 409, id="the content of another row"),
        pytest.param([{**RIGHT, "content": content("x")}], 409, id="no content of the run"),
        pytest.param([{**RIGHT, "content": None}], 409, id="no content"),
        pytest.param([{**RIGHT, "row": 3, "content": None}], 409, id="a picture that is gone"),
        pytest.param([{**RIGHT, "decision": "10"}], 400, id="no digit"),
        pytest.param([{**RIGHT, "decision": 3}], 400, id="a number"),
        pytest.param([{**RIGHT, "decision": ["3"]}], 400, id="a list"),
        pytest.param([{**RIGHT, "note": "x" * 1001}], 400, id="a long note"),
        pytest.param([{**RIGHT, "by": 1}], 400, id="a number for a name"),
    ],
)
def test_what_is_no_decision_is_refused(ask: Ask, tmp_path: Path, posted: Any, status: int) -> None:
    found, words = ask("/add", posted)
    assert (found, decisions(tmp_path)) == (status, [])
    assert words.endswith(".\n")


def test_a_decision_that_finds_no_room_is_said_not_to_be_kept(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int, line: bytes) -> int:
        return 0

    ask("/add", [RIGHT])
    monkeypatch.setattr("batch_predict.review.decision_log.os.write", full)
    status, words = ask("/add", [{"row": 2, "content": content("c"), "decision": "ignore"}])
    assert status == 507
    assert words.startswith("not kept: can't write ")
    assert "No space left on device" in words
    assert len(decisions(tmp_path)) == 1


def test_started_again_it_takes_what_an_open_page_decides(tmp_path: Path) -> None:
    for decision in "34":
        for run in served(tmp_path):
            assert told(run, "/add", [{**RIGHT, "decision": decision}]) == (200, "kept")
            assert told(run, "/add", [{**RIGHT, "content": content("x")}])[0] == 409
    assert decisions(tmp_path) == [("b.png", content("b"), decision) for decision in "34"]


def test_what_is_decided_anew_counts_though_a_clock_was_wrong(tmp_path: Path) -> None:
    """It comes after the one before, which has a time that is still to come."""
    ahead = Decided("b.png", content("b"), Decision("7"), "2999-12-31T23:59:59Z")
    (tmp_path / "out.decisions.csv").write_text(header_line() + row_line(ahead))
    for run in served(tmp_path):
        for decision in "34":
            told(run, "/add", [{**RIGHT, "decision": decision}])
    found = read_decisions(str(tmp_path / "out.decisions.csv"))
    assert found
    assert latest(found.rows)[content("b")].decision == "4"
    assert found.rows[-1].decided_at == "3000-01-01T00:00:01Z"
