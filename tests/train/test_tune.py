import keras
import numpy as np
import pytest
from PIL import Image

from train import tune
from train.card import read_card
from train.cli import main


@pytest.fixture
def folder(tmp_path):
    """Twelve upright bars and twelve lying ones, as ones and twos."""
    for digit, box in ((1, (slice(4, 24), slice(12, 16))), (2, (slice(12, 16), slice(4, 24)))):
        (tmp_path / "mine" / str(digit)).mkdir(parents=True)
        for i in range(12):
            picture = np.zeros((28, 28), np.uint8)
            picture[box] = 250 - i
            Image.fromarray(picture).save(tmp_path / "mine" / str(digit) / f"{i}.png")
    return str(tmp_path / "mine")


@pytest.fixture
def model(tmp_path):
    """Reads everything as a 5, to begin with."""
    network = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    )
    kernel, _ = network.get_weights()
    network.set_weights([0 * kernel, np.eye(10)[5]])
    path = str(tmp_path / "start.keras")
    network.save(path)
    return path


def test_tuning_learns_the_pictures_and_says_so(folder, model, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(tune, "RATE", 1e-2)
    output = str(tmp_path / "mine.keras")
    assert main(["--init", model, "--data", folder, "--output", output]) == 0
    card = read_card(output)
    assert card["accuracy"]["value"] == 1.0 > card["accuracy_before"]["value"]
    assert "before    after" in capsys.readouterr().out


def test_a_better_model_is_replaced_only_by_force(folder, model, tmp_path, monkeypatch, capsys):
    output = str(tmp_path / "mine.keras")
    monkeypatch.setattr(tune, "RATE", 1e-2)
    assert main(["--init", model, "--data", folder, "--output", output]) == 0
    monkeypatch.setattr(tune, "RATE", 0.0)
    worse = ["--init", model, "--data", folder, "--output", output]
    assert main(worse) == 8
    assert "--force" in capsys.readouterr().err
    assert read_card(output)["accuracy"]["value"] == 1.0
    assert main([*worse, "--force"]) == 0
    assert read_card(output)["accuracy"]["value"] < 1.0
