import keras
import numpy as np
from test_data import mnist_like, save_npz

from batch_predict.drift.profile import read_profile
from train import evaluate
from train.card import read_card, write_card
from train.cli import main
from train.data import load
from train.fit import predict


def test_an_evaluation_completes_the_card(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(evaluate, "cost_ratio", lambda model: 0.9)
    model = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    )
    path, data = str(tmp_path / "my.keras"), save_npz(tmp_path / "mnist.npz", mnist_like())
    model.save(path)
    write_card(path, evaluate.identity(path, model) | {"review_below": 1.1, "temperature": 2.0})
    sheet = tmp_path / "errors.png"

    assert main(["evaluate", path, "--data", data, "--errors", str(sheet)]) == 0

    card, test = read_card(path), load(data).test
    right = int((predict(model, test).argmax(axis=1) == test.labels).sum())
    assert card["accuracy"]["right"] == right
    assert card["review"] == {"share": 1.0, "errors": 12 - right, "errors_seen": 12 - right}
    assert card["cost_ratio"] == 0.9
    assert card["calibration"]["ece"] != card["calibration"]["ece_before"]
    assert read_profile(card["profile"]).n == 12
    assert sheet.stat().st_size > 1000
    assert "test accuracy" in capsys.readouterr().out


def test_an_even_temperature_of_one_changes_no_error():
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(10), 500).astype(np.float32)
    test = evaluate.Pictures(np.zeros((500, 28, 28), np.uint8), np.zeros(500, np.uint8))
    errors = evaluate._calibration(probabilities, test, 1.0)
    assert errors["ece"] == errors["ece_before"]
