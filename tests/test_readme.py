import re
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import batch_predict
from tests.conftest import ROOT, SAMPLES


@pytest.mark.parametrize("page", ["README.md", "docs/reference/api.md"])
def test_the_program_does_what_it_says(
    page: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With ONNX Runtime, which starts at once."""
    text = (ROOT / page).read_text(encoding="utf-8")
    (program,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
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
