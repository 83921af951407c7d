"""python -m batch_predict.review, from a finished run."""

import csv
import json
import re
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from batch_predict.errors import ExitCode
from batch_predict.review.cli import main


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
