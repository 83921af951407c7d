"""python -m batch_predict.review, from a finished run."""

import csv
import json
import re
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from batch_predict.decisions.decision import Decided, Decision
from batch_predict.decisions.decisions_file import header_line, row_line
from batch_predict.errors import ExitCode
from batch_predict.review.cli import main
from tests.review.conftest import score


def page(table: Path, number: str = "") -> str:
    return table.with_name(f"out.review{number}.html").read_text(encoding="utf-8")


def cards(table: Path) -> list[dict[str, Any]]:
    found = re.search(r'<script type="application/json" id="cards">(.*)</script>', page(table))
    assert found
    shown: list[dict[str, Any]] = json.loads(found[1])
    return shown


def test_the_queue_is_what_the_table_says(made: Path, finished: Path) -> None:
    assert main([str(made)]) == ExitCode.OK
    with made.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))[1:]
    doubted = sorted((row for row in rows if row[3] == "review"), key=lambda row: row[2])
    shown = cards(made)
    assert [card["path"] for card in shown[:-1]] == [row[0] for row in doubted]
    assert [card["label"] for card in shown[:-1]] == [int(row[1]) for row in doubted]
    assert (shown[-1]["path"], shown[-1]["status"]) == ("broken.png", "failed")
    for card in shown:
        assert card["content"] == sha256((finished / "in" / card["path"]).read_bytes()).hexdigest()


def decide(table: Path, shown: list[dict[str, Any]], decisions: list[str]) -> None:
    """Put `decisions` on the first that are `shown` beside the table."""
    lines = [
        row_line(Decided(card["path"], card["content"], Decision(name), "2026-11-27T00:00:00Z"))
        for card, name in zip(shown, decisions, strict=False)
    ]
    table.with_name("out.decisions.csv").write_text(header_line() + "".join(lines))


def test_what_was_decided_can_be_changed(made: Path, finished: Path) -> None:
    main([str(made)])
    one, *_, broken = before = cards(made)
    decide(made, [one, broken], ["7", "ignore"])
    score(finished, made)
    main([str(made)])
    assert [card["path"] for card in cards(made)] == [card["path"] for card in before[1:-1]]
    main([str(made), "--decided"])
    shown = {card["path"]: card for card in cards(made)[-2:]}
    assert {path: card["settled"][0] for path, card in shown.items()} == {
        one["path"]: "7",
        "broken.png": "ignore",
    }
    said = ("label", "confidence", "original")
    assert [shown[one["path"]][name] for name in said] == [one[name] for name in said]
    assert page(made).count(one["content"]) == 2  # in its card, and in the line that is saved


def test_what_another_file_decided_is_settled_by_the_table(made: Path, finished: Path) -> None:
    main([str(made)])
    decide(made, cards(made), ["none"])
    path = cards(made)[0]["path"]
    score(finished, made)
    made.with_name("out.decisions.csv").unlink()
    main([str(made), "--decided"])
    assert [card["settled"] for card in cards(made) if card["path"] == path] == [["none", 0, ""]]


def test_a_page_goes_where_nothing_is_left_to_look_at(
    made: Path, finished: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(made)])
    decide(made, cards(made), ["7"] * len(cards(made)))
    score(finished, made)
    assert main([str(made)]) == ExitCode.OK
    assert "has nothing to review" in capsys.readouterr().out
    assert not made.with_name("out.review.html").exists()


def test_what_it_tells(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(made)])
    count = len(cards(made))
    told = f"{count} pictures to look at -> {made.with_name('out.review.html')}\n"
    assert capsys.readouterr().out == told


def test_pictures_that_were_moved(made: Path, finished: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(finished / "in", tmp_path / "moved")
    shutil.rmtree(moved / "0")
    assert main([str(made), "--in-dir", str(moved)]) == ExitCode.OK
    gone = {card["path"][0] for card in cards(made) if card["content"] is None}
    assert gone == {"0"}


@pytest.mark.parametrize(
    ("spoil", "code", "words"),
    [
        pytest.param(lambda table: table.unlink(), ExitCode.INPUT, "can't read", id="no CSV"),
        pytest.param(
            lambda table: table.with_name("out.run.json").unlink(),
            ExitCode.INPUT,
            "has no manifest",
            id="no manifest",
        ),
        pytest.param(
            lambda table: table.write_text("path,label,confidence,status,reason\n"),
            ExitCode.INPUT,
            "belongs to another CSV",
            id="another CSV",
        ),
        pytest.param(
            lambda table: table.with_name("out.review.html").write_text("mine"),
            ExitCode.USAGE,
            "is not an output of batch_predict",
            id="a foreign page",
        ),
    ],
)
def test_what_is_no_good(
    made: Path, capsys: pytest.CaptureFixture[str], spoil: Any, code: ExitCode, words: str
) -> None:
    spoil(made)
    before = sorted(made.parent.iterdir())
    assert main([str(made)]) == code
    assert words in capsys.readouterr().err
    assert sorted(made.parent.iterdir()) == before


def test_the_folder_is_gone(made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(made), "--in-dir", str(tmp_path / "gone")]) == ExitCode.INPUT
    assert "gone is not there: say with --in-dir" in capsys.readouterr().err
