"""The ablation's table, with trainings that only note what they were given."""

import sys
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tests.bench import ablation
from train.classifier_batches import DIGITS, Source, evenly
from train.data import Dataset, Pictures
from train.readings import NO_DIGIT

MNIST = Pictures(np.zeros((10, 28, 28), np.uint8), np.arange(10, dtype=np.uint8))
GROUPS = ("mnist", "plain", "large", "small", "spoilt", NO_DIGIT)


class Held:
    """As much as the ablation takes of readings."""

    def __init__(self) -> None:
        self.pixels, self.labels = MNIST.pixels.copy(), MNIST.labels

    def first(self) -> "Held":
        return self


def test_a_line_for_each_variant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    held = {group: Held() for group in GROUPS}
    everything = {group: evenly(MNIST) for group in (DIGITS, *GROUPS)}
    left_out: list[set[str]] = []

    def note(
        recipe: object, pictures: Mapping[str, Source], held: object, folder: str
    ) -> SimpleNamespace:
        left_out.append({group for group in GROUPS if pictures[group] is everything[DIGITS]})
        return SimpleNamespace(network=None)

    def sure_of_digits(model: object, pictures: Pictures) -> np.ndarray:
        return pictures.one_hot() * (0.5 if pictures.pixels is held[NO_DIGIT].pixels else 1)

    for name, value in (
        ("load", Dataset(MNIST, MNIST, MNIST, "")),
        ("read_rendered", held),
        ("sources", everything),
        ("sorted_out", ({name: held[name] for name in GROUPS if name != NO_DIGIT}, held[NO_DIGIT])),
        ("fold", None),
    ):
        monkeypatch.setattr(ablation, name, lambda *a, _value=value, **k: _value)
    monkeypatch.setattr(ablation, "fit_classifier", note)
    monkeypatch.setattr(ablation, "predict", sure_of_digits)
    monkeypatch.setattr(sys, "argv", ["ablation", "--ink", "no", "--folder", str(tmp_path)])
    ablation.main()
    header, _, *lines = capsys.readouterr().out.splitlines()
    assert header.endswith(f"| {NO_DIGIT} |")
    perfect = "100.00% | " * (len(GROUPS) - 1) + "1.0000 |"
    assert lines == [f"| {name} | {perfect}" for name in ablation.VARIANTS]
    assert left_out == list(map(set, ablation.VARIANTS.values()))
