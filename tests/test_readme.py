import csv
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

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


@pytest.mark.slow
def test_the_table_at_its_head_is_what_a_run_writes(tmp_path: Path) -> None:
    """Of five pictures: three scans, an empty page, and a file that is cut short."""
    example = [sys.executable, ROOT / "examples" / "slanted_scans.py", SAMPLES, tmp_path / "made"]
    subprocess.run(example, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)
    scans = tmp_path / "scans"
    scans.mkdir()
    for page, scan in {"page-01": "0a", "page-02": "3c", "page-05": "7a"}.items():
        shutil.copy(tmp_path / "made" / "writer-0" / f"{scan}.png", scans / f"{page}.png")
    Image.fromarray(np.full((300, 200), 235, np.uint8)).save(scans / "page-03.png")
    whole = (tmp_path / "made" / "writer-0" / "4a.png").read_bytes()
    (scans / "page-04.png").write_bytes(whole[:700])
    batch_predict.score(scans, tmp_path / "out.csv", runtime="onnx", max_failures=1)
    said = (ROOT / "README.md").read_text(encoding="utf-8").split("```\n")[1].splitlines()
    written = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()
    for one, other in zip(csv.DictReader(said), csv.DictReader(written), strict=True):
        sure, also = (float(row.pop("confidence") or 0) for row in (one, other))
        assert one == other
        assert sure == pytest.approx(also, abs=1e-3)
