import re
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import batch_predict
from batch_predict.cli import build_parser
from batch_predict.errors import ExitCode
from tests.conftest import ROOT, SAMPLES

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_option_is_explained_in_the_order_of_help_and_under_its_titles() -> None:
    parser = build_parser()
    table = README.split("| option |")[1].split("\n\n")[0]
    cells = " ".join(row.split("|")[1] for row in table.splitlines()[2:])
    options = [option for action in parser._actions for option in action.option_strings]
    assert ["-h", "--help", *re.findall("-0|--[a-z-]+", cells)] == options
    assert re.findall(r"\*\*(.+?)\*\*", cells) == [
        group.title for group in parser._action_groups[2:]
    ]


def test_every_exit_code_is_explained() -> None:
    assert [code for code in ExitCode if f"| {code.value} |" not in README] == []


def test_the_program_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With ONNX Runtime, which starts at once."""
    (program,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (tmp_path / "scans").mkdir()
    for name in ("a.jpg", "b.png", "scans/1.png"):
        shutil.copy(SAMPLES / "1" / "mnist-test-00002.png", tmp_path / name)
    monkeypatch.chdir(tmp_path)
    for name in ("score", "predict"):
        monkeypatch.setattr(
            batch_predict, name, partial(getattr(batch_predict, name), runtime="onnx")
        )
    names: dict[str, Any] = {}
    exec(program, names)
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["a.jpg", "1"],
        ["b.png", "1"],
    ]
    assert names["manifest"]["counts"] == {
        "ok": 1,
        "review": 0,
        "decided": 0,
        "blank": 0,
        "failed": 0,
    }
    assert names["prediction"].path == "a.jpg"
