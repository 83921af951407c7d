"""The benchmark runs, at a small size and without the data; its figures are not judged."""

import os
import subprocess

import pytest

from tests.bench import scale
from tests.conftest import ROOT
from tests.s3.server import environment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # on a busy machine

OURS = [f"| batch_predict, {runtime} |" for runtime in ("keras", "onnx", "openvino")]


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        pytest.param("pngs", ["| 1000 PNGs without truth |", *OURS, "| Keras utility |"]),
        pytest.param("large", ["phone photo | ratio | scan | ratio", "| Pillow, ", *OURS]),
        pytest.param(
            "reports",
            ["| 100 | keras |", "| 100 | openvino |", "| 100 | onnx |", "| 1000 | onnx |"],
        ),
        pytest.param("others", ["| main process ", "| `--help`, ", "| `--incremental` "]),
    ],
)
def test_table(table: str, lines: list[str]) -> None:
    command = [ROOT / "scripts" / "bench", "quick", "--tables", table]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    for line in lines:
        assert said.stdout.count(line) == 1


@pytest.mark.s3
def test_the_bucket_that_is_late(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIGITS_DATA", raising=False)
    for name in environment(0):
        monkeypatch.setenv(name, "")  # put back afterwards
    scale.main(["s3", "--count", "300"])
    said = capsys.readouterr().out
    assert "| bucket, 20 ms | 300 |" in said
    assert "Reads alone" in said


def test_what_is_packed_into_one_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DIGITS_DATA", raising=False)
    scale.main(["packed", "--count", "300", "--model", "digits"])
    said = capsys.readouterr().out
    for row in "a folder", "a tar", "a zip", "Parquet", "IDX":
        assert said.count(f"\n| {row} | ") == 1
