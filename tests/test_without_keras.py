"""The program where Keras and TensorFlow are not installed: all of it but the runtime keras."""

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from PIL import Image

from batch_predict.errors import ExitCode
from tests.conftest import SAMPLES
from tests.support.absent import without

RUN = "batch_predict"
Done = subprocess.CompletedProcess[str]
Python = Callable[..., Done]


def python_in(folder: Path, environment: Mapping[str, str]) -> Python:
    """How to run a Python in `folder`, with arguments of its command line."""

    def run(*arguments: str) -> Done:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )

    return run


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Beside MNIST's digits a larger picture, for which the network that marks ink is loaded."""
    for digit in ("1", "4", "7"):
        shutil.copytree(SAMPLES / digit, tmp_path / "in" / digit)
    sample = next((SAMPLES / "4").iterdir())
    with Image.open(sample) as picture:
        picture.resize((90, 120)).save(tmp_path / "in" / "4" / "large.png")
    return tmp_path / "in"


@pytest.fixture
def python(pictures: Path, tmp_path: Path) -> Python:
    """Beside `pictures`, without the two packages."""
    absent = tmp_path / "absent"
    absent.mkdir()
    return python_in(tmp_path, without(absent, "keras", "tensorflow"))


def rows(path: Path) -> list[dict[str, str]]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_default_runtime_names_what_to_install_and_the_other_way(
    python: Python, tmp_path: Path
) -> None:
    done = python("-m", RUN, "in", "out.csv")
    assert done.returncode == ExitCode.MISSING_EXTRA
    assert done.stderr == (
        "batch_predict: the runtime keras needs an optional dependency:"
        " pip install 'batch_predict[keras]', or use --runtime onnx\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["absent", "in"]


def test_keras_without_tensorflow_is_not_enough(pictures: Path, tmp_path: Path) -> None:
    done = python_in(tmp_path, without(tmp_path, "tensorflow"))("-m", RUN, "in", "out.csv")
    assert done.returncode == ExitCode.MISSING_EXTRA
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.slow
@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_a_run_and_its_report(runtime: str, python: Python, pictures: Path, tmp_path: Path) -> None:
    done = python("-m", RUN, "in", "out.csv", "--runtime", runtime, "--save-prepared", "sheets")
    assert (done.returncode, done.stderr) == (0, "")
    written = rows(tmp_path / "out.csv")
    assert len(written) == len(list(pictures.rglob("*.png")))
    assert [row for row in written if row["label"] != row["truth"]] == []
    assert json.loads((tmp_path / "out.report.json").read_text())["rows"] == len(written)
    again = python("-m", "batch_predict.report", "out.csv")
    assert (again.returncode, again.stderr) == (0, "")


@pytest.mark.slow
def test_shards_and_what_joins_them(python: Python, tmp_path: Path) -> None:
    for part in ("0/2", "1/2"):
        done = python("-m", RUN, "in", f"part{part[0]}.csv", "--shard", part, "--runtime", "onnx")
        assert (done.returncode, done.stderr) == (0, "")
    done = python("-m", "batch_predict.merge", "out.csv", "part0.csv", "part1.csv")
    assert (done.returncode, done.stderr) == (0, "")
    parts = [row for part in "01" for row in rows(tmp_path / f"part{part}.csv")]
    assert rows(tmp_path / "out.csv") == sorted(parts, key=lambda row: row["path"])


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("-m", RUN, "--help"), id="help"),
        pytest.param(("-m", "batch_predict.report", "--help"), id="help of the report"),
        pytest.param(("-m", "batch_predict.merge", "--help"), id="help of merge"),
        pytest.param(("-c", "import batch_predict.storage.bucket"), id="buckets"),
        pytest.param(
            (
                "-c",
                "from batch_predict import predict\n"
                "(large,) = predict('in/4/large.png', runtime='onnx')\n"
                "assert large.label == 4, large",
            ),
            id="predict",
        ),
        pytest.param(
            ("-c", "import batch_predict as b\nb.score('in', 'out.csv', runtime='openvino')"),
            id="score",
        ),
    ],
)
def test_what_works(arguments: tuple[str, ...], python: Python) -> None:
    done = python(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
