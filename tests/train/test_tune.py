import keras
import numpy as np
import pytest
from PIL import Image

from train import evaluate, tune
from train.card import read_card
from train.cli import main
from train.data import load
from train.fit import predict


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


def test_an_evaluation_is_on_what_the_training_held_out(folder, model, tmp_path, monkeypatch):
    judged = []
    monkeypatch.setattr(evaluate, "cost_ratio", lambda model: 0.9)
    monkeypatch.setattr(
        evaluate, "predict", lambda m, test: judged.append(test) or predict(m, test)
    )
    output = str(tmp_path / "mine.keras")
    monkeypatch.setattr(tune, "EPOCHS", 1)
    assert main(["--init", model, "--data", folder, "--output", output, "--seed", "3"]) == 0
    assert main(["evaluate", output, "--data", folder]) == 0
    np.testing.assert_array_equal(judged[0].pixels, load(folder, 3).test.pixels)
