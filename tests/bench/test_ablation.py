"""The ablation's table, with trainings that only note what they were given."""

import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.bench import ablation
from tests.bench.ablation import NONE
from train.data import Dataset, Pictures

MNIST = Pictures(np.zeros((10, 28, 28), np.uint8), np.arange(10, dtype=np.uint8))
GROUPS = ("large", "small", "spoilt", NONE)


def test_a_line_for_each_variant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = {group: MNIST._replace(pixels=MNIST.pixels + 1) for group in GROUPS}
    left_out: list[tuple[str, ...]] = []

    def note(
        recipe: object, pictures: Mapping[str, Pictures], held: object, folder: str
    ) -> SimpleNamespace:
        left_out.append(tuple(group for group in GROUPS if pictures[group] is MNIST))
        return SimpleNamespace(network=None)

    def sure_of_digits(model: object, pictures: Pictures) -> np.ndarray:
        return pictures.one_hot() * (0.5 if pictures is groups[NONE] else 1)

    monkeypatch.setattr(ablation, "load", lambda *a, **k: Dataset(MNIST, MNIST, MNIST, ""))
    for name, value in (("read_rendered", {}), ("sorted_out", groups), ("fold", None)):
        monkeypatch.setattr(ablation, name, lambda *a, _value=value, **k: _value)
    monkeypatch.setattr(ablation, "fit_classifier", note)
    monkeypatch.setattr(ablation, "predict", sure_of_digits)
    monkeypatch.setattr(sys, "argv", ["ablation", "--ink", "no", "--folder", str(tmp_path)])
    ablation.main()
    header, _, *lines = capsys.readouterr().out.splitlines()
    assert header.endswith(f"| {NONE} |")
    perfect = "100.00% | " * len(GROUPS) + "1.0000 |"
    assert lines == [f"| {name} | {perfect}" for name in ablation.VARIANTS]
    assert left_out == list(ablation.VARIANTS.values())
