"""What lies in examples/ runs as its first lines say."""

import csv
import json
import os
import runpy
import shutil
import subprocess
import sys
import time
from datetime import date
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image, ImageChops

from batch_predict.records import ImageRef, Row, Status
from tests.conftest import ROOT, SAMPLES

EXAMPLES = ROOT / "examples"


def run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        env={**os.environ, "PYTHON": sys.executable, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Two samples of each digit in one folder, named so that nothing states their truth."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for digit in range(10):
        for number, sample in enumerate(sorted((SAMPLES / str(digit)).iterdir())[:2]):
            shutil.copy(sample, folder / f"scan-{digit}-{number}.png")
    return folder


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """What an installation has as `batch-predict`."""
    path = tmp_path / "batch-predict"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -m batch_predict --runtime onnx "$@"\n')
    path.chmod(0o755)
    return path


def test_every_example_is_run_here() -> None:
    assert {path.name for path in EXAMPLES.iterdir()} == {
        "audit.sh",
        "label_studio.py",
        "nightly.sh",
        "notebook.py",
        "slanted_scans.py",
        "stages.py",
    }


def test_a_night_leaves_dated_copies_and_prunes_old_ones(
    scans: Path, program: Path, tmp_path: Path
) -> None:
    """Of the table, the manifest and the report; what else lies there stays, however old it is."""
    out, metrics = tmp_path / "digits [1].csv", tmp_path / "x y.prom"
    old = [tmp_path / f"digits [1].2026-01-0{day}.csv" for day in (1, 2)]
    names = ("digits 1.2026-01-01.csv", "digits [1].csv.old", "digits [1].2026-01-01.decisions.csv")
    others = [tmp_path / name for name in names]
    for number, path in enumerate((*old, *others)):
        path.write_text("old")
        days = 29 if number == 0 else 32
        os.utime(path, (time.time() - days * 86_400,) * 2)
    (tmp_path / "labels.csv").write_text("path,label\nscan-3-0.png,3\n")
    labels = ("--labels", tmp_path / "labels.csv")
    given = {"BATCH_PREDICT": str(program), "METRICS": str(metrics), "KEEP_DAYS": "30"}
    night = run(EXAMPLES / "nightly.sh", scans, out, *labels, **given)
    assert (night.returncode, night.stderr) == (0, "")
    assert "batch_predict_exit_code" in metrics.read_text()
    (copy,) = tmp_path.glob(f"digits [[]1].{date.today()}.csv")
    assert f"ok: {copy}\n" in night.stdout
    for suffix in (".csv", ".run.json", ".report.json", ".report.html"):
        assert copy.with_suffix(suffix).read_bytes() == out.with_suffix(suffix).read_bytes()
    assert [path.exists() for path in (*old, *others)] == [True, False, True, True, True]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(
            ["--max-review", "0", "--review-below", "1"],  # whatever the model is sure of
            5,
            "written, but look at it",
            id="a gate failed",
        ),
        pytest.param(
            ["--model", "none.keras"],
            7,
            "a person must look",
            id="no model",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_night_that_did_not_end_well_says_what_to_do(
    scans: Path, program: Path, tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    variables = {"BATCH_PREDICT": str(program)}
    night = run(EXAMPLES / "nightly.sh", scans, tmp_path / "digits.csv", *arguments, **variables)
    assert night.returncode == code
    assert said in night.stdout
    assert list(tmp_path.glob("digits.????-??-??.csv")) == []


def test_a_night_that_is_only_checked_keeps_no_copy(
    scans: Path, program: Path, tmp_path: Path
) -> None:
    given = {"BATCH_PREDICT": str(program)}
    (tmp_path / "digits.csv").write_text("path,label,confidence,status,reason\n")
    checked = run(EXAMPLES / "nightly.sh", scans, tmp_path / "digits.csv", "--check", **given)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    assert list(tmp_path.glob("digits.????-??-??.*")) == []


def test_the_notebook_runs_from_top_to_bottom() -> None:
    ran = run(sys.executable, EXAMPLES / "notebook.py")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "\n1 " in ran.stdout  # the stroke
    assert "\nNone blank" in ran.stdout  # the empty page


@pytest.mark.slow
def test_the_slanted_scans_are_of_ten_writers(tmp_path: Path) -> None:
    ran = run(sys.executable, EXAMPLES / "slanted_scans.py", SAMPLES, tmp_path / "scans")
    assert (ran.returncode, ran.stderr) == (0, "")
    found = sorted(path.relative_to(tmp_path / "scans") for path in tmp_path.rglob("*.png"))
    assert len(found) == 400
    assert str(found[0]) == "writer-0/0a.png"


def png(pixels: np.ndarray) -> bytes:
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


PAPER = np.full((100, 80), 230, np.uint8)
STROKE = PAPER.copy()
STROKE[15:85, 37:43] = 40
SAMPLE = min((SAMPLES / "7").iterdir()).read_bytes()


def draw_stages(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """What the example ends with; run in this process, which has what it imports."""
    monkeypatch.setattr(sys, "argv", ["stages.py", *map(str, arguments), "--runtime", "onnx"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(EXAMPLES / "stages.py"), run_name="__main__")
    return ended.value.code


@pytest.mark.parametrize(
    ("content", "row"),
    [
        pytest.param(png(STROKE), "picture.png,1,0.", id="marked"),
        pytest.param(png(PAPER), "picture.png,,,blank,", id="nothing written"),
        pytest.param(SAMPLE, "picture.png,7,0.", id="in MNIST's form"),
        pytest.param(SAMPLE[:99], 'picture.png,,,failed,"truncated: ', id="damaged"),
    ],
)
def test_every_stage_of_a_picture(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: bytes,
    row: str,
) -> None:
    picture, stages = tmp_path / "picture.png", tmp_path / "stages.png"
    picture.write_bytes(content)
    assert draw_stages(monkeypatch, picture, stages) == 0
    header, answer = capsys.readouterr().out.splitlines()
    assert header == "path,label,confidence,status,reason"
    assert answer.startswith(row)
    with Image.open(stages) as drawn:
        assert len(drawn.getcolors(1 << 20)) > 2


def test_the_last_stage_shows_how_likely_there_is_no_digit() -> None:
    stages = runpy.run_path(str(EXAMPLES / "stages.py"))
    row = Row(ImageRef("a.png"), 0, 0.1, Status.OK)
    drawn = [
        stages["figure"](stages["Stages"](*[None] * 5, np.float32([0.1] * 10 + [no_digit]), row))
        for no_digit in (0, 1)
    ]
    left, top, right, _ = ImageChops.difference(*drawn).getbbox()
    assert (left > drawn[0].width * 2 / 3, top > drawn[0].height / 2, right - left < 30) == (
        True,
    ) * 3


def test_the_stages_replace_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(SAMPLE)
    assert draw_stages(monkeypatch, picture, picture) == 2
    assert picture.read_bytes() == SAMPLE


def test_the_tasks_of_label_studio_say_what_the_table_says(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text(
        "path,label,confidence,status,reason,model_label,model_confidence\n"
        "./=a b.png,7,0.900000,review,low_confidence: below 0.95,7,0.900000\n"
        "7/b.png,1,,decided,,7,0.800000\n"
        "blank.png,,,blank,,,\n"
        "broken.png,,,failed,corrupt: spoilt,,\n"
    )
    model = {"path": "models/digits.keras", "sha256": "0123456789abcdef"}
    manifest = {"in_dir": "/data/my scans/", "model": model}
    (tmp_path / "out.run.json").write_text(json.dumps(manifest))
    tasks = tmp_path / "tasks.json"
    ran = run(sys.executable, EXAMPLES / "label_studio.py", tmp_path / "out.csv", tasks)
    assert (ran.returncode, ran.stdout) == (0, f"3 tasks -> {tasks}\n")
    made = json.loads(tasks.read_text())
    assert [each["data"]["image"] for each in made] == [
        f"/data/local-files/?d=my%20scans/{path}"
        for path in ("%3Da%20b.png", "7/b.png", "blank.png")
    ]
    assert [each["data"]["said"] for each in made] == [
        *("review low_confidence: below 0.95", "decided", "blank")
    ]
    said = [each["predictions"][0] for each in made if "predictions" in each]
    assert [(each["score"], each["result"][0]["value"]["choices"]) for each in said] == [
        *((0.9, ["7"]), (0.8, ["7"]))
    ]
    assert said[0]["model_version"] == "digits.keras 0123456789ab"


def test_the_configuration_of_label_studio_names_what_the_tasks_have() -> None:
    ran = run(sys.executable, EXAMPLES / "label_studio.py", "--config")
    view = ElementTree.fromstring(ran.stdout)
    names = {each.tag: (each.get("name"), each.get("value", each.get("toName"))) for each in view}
    assert names == {
        "Image": ("image", "$image"),
        "Text": ("said", "$said"),
        "Choices": ("label", "image"),
    }
    choices = [each.get("value") for each in view.iter("Choice")]
    assert choices == [*map(str, range(10)), "none", "blank"]


@pytest.mark.slow
def test_an_audit_in_two_steps(scans: Path, tmp_path: Path) -> None:
    audit = tmp_path / "audit"
    command = (EXAMPLES / "audit.sh", scans, audit, "--runtime", "onnx")
    drawn = run(*command, PICTURES="12")
    assert (drawn.returncode, drawn.stderr) == (0, "")
    to_label = audit / "to_label.csv"
    with to_label.open(newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file)]
    assert len(paths) == 12
    to_label.write_text("path,label\n" + "".join(f"{path},{path[5]}\n" for path in paths))
    judged = run(*command)
    assert (judged.returncode, judged.stderr) == (0, "")
    assert judged.stdout.startswith("accuracy 100% of 12 with truth")
    assert (audit / "out.report.html").exists()
