import json
import os

import keras
import numpy as np
import pytest

from tests.conftest import ROOT
from train.card import accuracy, read_card, write_card
from train.cost import multiply_adds
from train.ink_network import ink
from train.ink_pool import SIDES

SHIPPED = sorted(str(path) for path in (ROOT / "models").glob("*.keras"))
INK = str(ROOT / "models" / "ink.keras")


@pytest.mark.parametrize("path", SHIPPED, ids=os.path.basename)
def test_the_card_describes_the_shipped_file(path):
    card, model = read_card(path), keras.saving.load_model(path, safe_mode=True)
    assert card, "no card"  # a card of another file is an error
    assert card["parameters"] == model.count_params()
    if path != INK:  # that has one number for each of its sizes: see the next test
        assert card["multiply_adds"] == multiply_adds(model)


def test_the_card_of_the_ink_network_tells_the_cost_of_each_size():
    costs = {str(side): multiply_adds(ink(side, folded=True)) for side in SIDES}
    assert read_card(INK)["multiply_adds"] == costs


def test_accuracy_counts_overall_and_by_digit():
    probabilities = np.eye(10, dtype=np.float32)[[0, 1, 1, 3]]
    result = accuracy(probabilities, np.array([0, 1, 2, 3], np.uint8))
    assert (result["n"], result["right"], result["value"]) == (4, 3, 0.75)
    assert result["per_digit"] == {"0": 1.0, "1": 1.0, "2": 0.0, "3": 1.0}


def test_a_card_lies_beside_its_model(tmp_path):
    write_card(str(tmp_path / "mine.keras"), {"seed": 1})
    assert json.loads((tmp_path / "mine.json").read_text()) == {"seed": 1}
