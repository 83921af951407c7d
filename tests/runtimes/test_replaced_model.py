"""A model's file that is replaced during a run: nothing is scored by a model of another hash."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from batch_predict import job
from batch_predict.errors import ModelError
from batch_predict.options import Options
from batch_predict.runtimes import RUNTIMES, find_runtime
from batch_predict.runtimes.model_file import ModelFile, find_model
from batch_predict.stages import inputs
from tests.conftest import noise, save
from tests.support import own_models
from train.export_onnx import export


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """The files of two models, each with its `.onnx`: what is found first, and what replaces it."""
    found = {}
    for scale in ("rescaled", "bytes"):
        folder = tmp_path_factory.mktemp(scale)
        made = own_models.make("sequential", (28, 28, 1), "softmax", scale)
        export(str(own_models.save(made, folder / "my.keras")))
        found[scale] = {name: (folder / name).read_bytes() for name in os.listdir(folder)}
    return found


def put(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)


@pytest.mark.parametrize("runtime", list(RUNTIMES))
def test_another_model_is_not_loaded_under_the_first_ones_hash(
    tmp_path: Path, pair: dict[str, dict[str, bytes]], runtime: str
) -> None:
    put(tmp_path, pair["rescaled"])
    model = find_model(str(tmp_path / "my.keras"))
    put(tmp_path, pair["bytes"])
    with pytest.raises(ModelError, match=r"was replaced during the run|was not made from"):
        find_runtime(runtime).load_classifier(model, 50)


@pytest.mark.parametrize(
    ("runtime", "module"),
    [("keras", "keras_runtime"), ("onnx", "onnx_runtime"), ("openvino", "openvino_runtime")],
)
def test_what_was_checked_is_what_is_loaded(
    tmp_path: Path,
    pair: dict[str, dict[str, bytes]],
    monkeypatch: pytest.MonkeyPatch,
    runtime: str,
    module: str,
) -> None:
    """The files become another model's right after they were read."""
    put(tmp_path, pair["rescaled"])
    model = find_model(str(tmp_path / "my.keras"))

    def then_replaced(read: Callable[[ModelFile], Any]) -> Callable[[ModelFile], Any]:
        def reading(of: ModelFile) -> Any:
            content = read(of)
            put(tmp_path, {name: b"another by now" for name in pair["bytes"]})
            return content

        return reading

    if runtime == "keras":
        monkeypatch.setattr(ModelFile, "read", then_replaced(ModelFile.read))
    else:
        found = f"batch_predict.runtimes.{module}.find_exported"
        from batch_predict.runtimes.exported import find_exported

        monkeypatch.setattr(found, then_replaced(find_exported))
    pixels, _ = own_models.digits()
    answers = find_runtime(runtime).load_classifier(model, 50)(pixels)
    np.testing.assert_allclose(answers, own_models.expected(pixels), atol=1e-4)


def test_a_run_ends_and_leaves_the_old_outputs(
    tmp_path: Path,
    pair: dict[str, dict[str, bytes]],
    monkeypatch: pytest.MonkeyPatch,
    options: Callable[..., Options],
) -> None:
    put(tmp_path, pair["rescaled"])
    save(tmp_path / "in" / "a.png", noise(1))
    check = inputs.check_writable

    def replaced_meanwhile(options: Options) -> None:
        put(tmp_path, pair["bytes"])
        check(options)

    monkeypatch.setattr(inputs, "check_writable", replaced_meanwhile)
    with pytest.raises(ModelError, match=r"my\.keras was replaced during the run; run again"):
        job.score_folder(options(model=str(tmp_path / "my.keras"), runtime="keras"))
    assert not (tmp_path / "out.csv").exists()
