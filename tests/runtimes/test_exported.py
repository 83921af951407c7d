"""The `.onnx` file beside a model: there, whole, and made from it."""

import glob
import os
import shutil
from pathlib import Path

import pytest

from batch_predict.errors import ModelError
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.exported import find_exported
from batch_predict.runtimes.model_file import SHIPPED, find_model
from train.cli import main

RUNTIMES = ["onnx", "openvino"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model and its `.onnx` file."""
    path = tmp_path_factory.mktemp("models")
    shutil.copy(find_model("article-code").path, path / "my.keras")
    assert main(["export", str(path / "my.keras")]) == 0
    return path


def test_it_is_found(folder: Path) -> None:
    assert find_exported(str(folder / "my.keras")) == str(folder / "my.onnx")


def test_the_shipped_ones_belong_to_their_models() -> None:
    for path in glob.glob(os.path.join(SHIPPED, "*.onnx")):
        assert find_exported(f"{os.path.splitext(path)[0]}.keras") == path
    assert os.path.exists(os.path.join(SHIPPED, "digits.onnx"))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_there_is_none(folder: Path, runtime: str) -> None:
    other = shutil.copy(folder / "my.keras", folder / "other.keras")
    with pytest.raises(ModelError, match=r"No such file.*python -m train export .*other\.keras"):
        find_runtime(runtime)(str(other), 8)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_it_was_made_from_another_model(folder: Path, runtime: str) -> None:
    shutil.copy(find_model("article-summary").path, folder / "new.keras")
    shutil.copy(folder / "my.onnx", folder / "new.onnx")
    with pytest.raises(ModelError, match=r"new\.onnx was not made from .*new\.keras"):
        find_runtime(runtime)(str(folder / "new.keras"), 8)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_it_is_damaged(folder: Path, runtime: str) -> None:
    shutil.copy(folder / "my.keras", folder / "bad.keras")
    whole = (folder / "my.onnx").read_bytes()
    (folder / "bad.onnx").write_bytes(b"\xff" * 100 + whole[len(whole) // 2 :])
    with pytest.raises(ModelError, match="not a readable ONNX model"):
        find_runtime(runtime)(str(folder / "bad.keras"), 8)


def test_what_is_no_model_is_not_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(tmp_path / "none.keras")]) == 7
    assert "No such file" in capsys.readouterr().err
    assert not os.listdir(tmp_path)
