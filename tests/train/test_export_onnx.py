"""The command that makes a model's `.onnx` file anew, of the ink network too."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.exported import is_exported
from batch_predict.runtimes.ink import find_ink
from batch_predict.runtimes.model_file import SHIPPED, find_model
from tests.support.papers import papers
from train.export_onnx import export


@pytest.mark.slow
def test_the_ink_network_exported_anew_marks_as_the_shipped_one(tmp_path: Path) -> None:
    for suffix in ("keras", "json"):
        shutil.copy(Path(SHIPPED, f"ink.{suffix}"), tmp_path)
    assert is_exported(export(str(tmp_path / "ink.keras")))
    load = find_runtime("onnx").load_any_size
    pictures = papers(3, 64).astype(np.float32)
    outputs = ("maps", "classes")
    shipped = load(find_ink(), outputs)(pictures)
    anew = load(find_model(str(tmp_path / "ink.keras")), outputs)(pictures)
    for ours, theirs in zip(anew, shipped, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-5)
