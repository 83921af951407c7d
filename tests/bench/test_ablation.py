"""The ablation's table, with trainings that only note what they were given."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.bench import ablation
from train.data import Dataset, Pictures
from train.sources import SOURCES

MNIST = Pictures(np.zeros((10, 28, 28), np.uint8), np.arange(10, dtype=np.uint8))


def test_a_line_for_each_variant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kinds = {kind: MNIST._replace(pixels=MNIST.pixels + 1) for kind in SOURCES}
    left_out: list[tuple[str, ...]] = []

    def note(recipe: object, data: Dataset, material: dict[str, Pictures], folder: str) -> object:
        left_out.append(tuple(kind for kind in SOURCES if material[kind] is MNIST))
        return SimpleNamespace(model=None)

    def sure_of_digits(model: object, pictures: Pictures) -> np.ndarray:
        return pictures.one_hot() * (0.5 if pictures is kinds["outliers"] else 1)

    monkeypatch.setattr(ablation, "load", lambda *a, **k: Dataset(MNIST, MNIST, MNIST, ""))
    for name, value in (("saved_material", kinds), ("build", kinds), ("fold", None)):
        monkeypatch.setattr(ablation, name, lambda *a, _value=value, **k: _value)
    monkeypatch.setattr(ablation, "fit_compact", note)
    monkeypatch.setattr(ablation, "predict", sure_of_digits)
    monkeypatch.setattr(sys, "argv", ["ablation", "--folder", str(tmp_path)])
    ablation.main()
    header, _, *lines = capsys.readouterr().out.splitlines()
    assert header.endswith("| outliers |")
    perfect = "100.00% | " * len(SOURCES) + "1.0000 |"
    assert lines == [f"| {name} | {perfect}" for name in ablation.VARIANTS]
    assert left_out == list(ablation.VARIANTS.values())
