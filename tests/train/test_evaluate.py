import keras
import numpy as np
import pytest
from test_data import mnist_like, save_npz

from batch_predict.drift.profile import read_profile
from batch_predict.manifest.model_used import Preparation
from batch_predict.records import ImageRef, Prepared
from batch_predict.runtimes.ink import find_ink
from tests.support import fakes, own_models
from train import answered, evaluate
from train.card import read_card, write_card
from train.cli import main
from train.data import load
from train.predict import predict


@pytest.mark.slow
def test_an_evaluation_completes_the_card(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(evaluate, "cost_ratio", lambda model: 0.9)
    model = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    )
    path, data = str(tmp_path / "my.keras"), save_npz(tmp_path / "mnist.npz", mnist_like())
    model.save(path)
    given = {"review_below": 1.0, "temperature": 2.0, "scale": [0, 1]}
    write_card(path, evaluate.identity(path, model) | given)
    sheet = tmp_path / "errors.png"

    assert main(["evaluate", path, "--data", data, "--errors", str(sheet)]) == 0

    card, test = read_card(path), load(data).test
    right = int((predict(model, test).argmax(axis=1) == test.labels).sum())
    assert card["accuracy"]["right"] == right
    assert card["review"] == {
        "share": 1.0,
        "errors": 12 - right,
        "errors_seen": 12 - right,
        "silently_wrong": 0,
    }
    assert card["cost_ratio"] == 0.9
    assert card["calibration"]["ece"] != card["calibration"]["ece_before"]
    assert read_profile(card["profile"]).n == 12
    assert (card["ink_sha256"], card["normalizer"]) == Preparation.by(find_ink())
    assert sheet.stat().st_size > 1000
    assert "test accuracy" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("scale", "end"),
    [
        pytest.param("float", "logits", id="logits"),
        pytest.param("rescaled", "softmax", id="a rescaling layer"),
        pytest.param("integer", "softmax", id="integers"),
        pytest.param("-1 to 1", "named", id="told by a probe, and named"),
        pytest.param("dark ink", "softmax", id="dark on light"),
    ],
)
def test_a_model_is_judged_on_its_own_scale(tmp_path, monkeypatch, scale, end):
    monkeypatch.setattr(evaluate, "cost_ratio", lambda model: 0.9)
    form = "functional" if end == "named" else "sequential"
    path = str(
        own_models.save(own_models.make(form, (28, 28, 1), end, scale), tmp_path / "m.keras")
    )
    pixels, labels = own_models.digits()
    digits = (np.rint(pixels[..., 0] * 255).astype(np.uint8), labels.astype(np.uint8))
    data = save_npz(tmp_path / "mnist.npz", (digits, digits))
    assert main(["evaluate", path, "--data", data]) == 0
    card = read_card(path)
    assert (card["accuracy"]["value"], card["multiply_adds"]) == (1.0, 7840)
    assert card["scale"] == list(own_models.SCALES[scale][:2])
    assert card["calibration"]["ece"] < 0.5  # of probabilities, not of logits


def test_a_model_whose_scale_cannot_be_told_is_not_judged(tmp_path, capsys):
    model = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    )
    model.set_weights([0 * each for each in model.get_weights()])
    model.save(tmp_path / "m.keras")
    data = save_npz(tmp_path / "mnist.npz", mnist_like())
    assert main(["evaluate", str(tmp_path / "m.keras"), "--data", data]) == 7
    assert "can't tell which values of ground and ink" in capsys.readouterr().err


def test_a_temperature_of_one_changes_no_answer():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(10), 500).astype(np.float32)
    np.testing.assert_allclose(evaluate._without(1.0, probabilities), probabilities, atol=1e-6)
    sharper = evaluate._without(2.0, probabilities)
    assert (sharper.max(axis=1) >= probabilities.max(axis=1)).all()


def test_a_model_with_looks_is_judged_by_the_programs_answers(tmp_path, monkeypatch):
    """Its looks doubt all, and know nothing: then all answers are even, and for review."""
    monkeypatch.setattr(evaluate, "program_cost", lambda scorer, items: 0.3)
    monkeypatch.setattr(evaluate, "cost_ratio", lambda model: 0.9)
    path = str(
        own_models.save(
            own_models.make("sequential", (28, 28, 1), "softmax", "float"), tmp_path / "m.keras"
        )
    )
    pixels, labels = own_models.digits()
    digits = (np.rint(pixels[..., 0] * 255).astype(np.uint8), labels.astype(np.uint8))
    digits[0][0] = 0  # nothing is written there
    data = save_npz(tmp_path / "mnist.npz", (digits, digits))
    assert main(["evaluate", path, "--data", data]) == 0
    alone = read_card(path)
    assert (alone["accuracy"]["right"], alone["cost_ratio"]) == (len(labels) - 1, 0.9)
    rule = {"weights": {}, "no digit": {"constant": -20}}
    forms = {form: rule for form in ("mnist form", "other")}
    looks = {"judges": {}, "screen": forms, "all_readings": forms}
    write_card(path, alone | {"looks": looks, "review_below": 0.5})
    assert main(["evaluate", path, "--data", data]) == 0
    card = read_card(path)
    assert card["looked"] == {"screen": 0, "first_reading": 0, "all_readings": len(labels) - 1}
    zeros = int((labels[1:] == 0).sum())
    assert (card["accuracy"]["n"], card["accuracy"]["right"]) == (len(labels), zeros)
    assert card["review"]["silently_wrong"] == 0
    assert card["review"]["share"] == pytest.approx((len(labels) - 1) / len(labels), abs=1e-5)
    assert card["calibration"].keys() == {"ece"}
    assert card["cost_ratio"] == 0.3
    assert read_profile(card["profile"]).n == len(labels) - 1


@pytest.mark.slow
def test_the_cost_of_all_looks_is_a_part_of_article_codes(monkeypatch):
    monkeypatch.setattr(evaluate, "LOOK_ROUNDS", 1)
    monkeypatch.setattr(evaluate, "COST_BATCH", 8)
    monkeypatch.setattr(answered, "BATCH", 8)
    items = [Prepared(ImageRef("7"), np.zeros((28, 28), np.uint8))] * 8
    assert 0 < evaluate.program_cost(fakes.scorer(8), items) < 100
