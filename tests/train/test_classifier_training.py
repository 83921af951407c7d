import os

import keras
import numpy as np
import pytest
from test_data import mnist_like, save_npz

from batch_predict.runtimes.looks_plan import LooksPlan
from tests.conftest import ROOT
from train import classifier_training
from train.card import read_card
from train.classifier_batches import DIGITS, SHARES, evenly
from train.classifier_training import Recipe, fit_classifier
from train.cli import main
from train.data import Pictures, load
from train.export import fold
from train.predict import predict

INK = str(ROOT / "models" / "ink.onnx")


@pytest.fixture
def quick(monkeypatch):
    """An epoch is two batches of twelve pictures."""
    monkeypatch.setattr(classifier_training, "STEPS", 2)
    monkeypatch.setattr("train.classifier_batches.BATCH", 12)
    monkeypatch.setattr(classifier_training, "BATCH", 12)


@pytest.fixture(scope="module")
def pictures():
    pixels = np.zeros((20, 28, 28), np.uint8)
    pixels[:, 4:24, 12:16] = 255
    return dict.fromkeys(SHARES, evenly(Pictures(pixels, np.arange(20, dtype=np.uint8) % 10)))


def recipe(steps, **changes):
    return Recipe(
        **{"network": "compact", "seed": 1, "seconds": 0, "ink": INK} | changes, steps=steps
    )


@pytest.mark.slow
def test_a_training_goes_on_from_its_checkpoint(quick, pictures, tmp_path):
    held = {"mnist": pictures[DIGITS].pictures}
    first = fit_classifier(recipe(2), pictures, held, str(tmp_path))
    assert first.progress.steps == 2
    further = fit_classifier(recipe(4), pictures, held, str(tmp_path))
    assert (further.progress.steps, further.progress.pictures) == (4, 48)
    assert keras.config.dtype_policy().name == "float32"
    lines = (tmp_path / "history.csv").read_text().splitlines()
    assert len(lines) == 3  # the names of the columns, and two steps twice


@pytest.mark.slow
def test_a_training_begins_with_the_weights_of_a_model(quick, pictures, tmp_path):
    """At its first steps' rate it is near to where it began."""
    start = str(ROOT / "models" / "judge.keras")
    begun = fit_classifier(recipe(2, start=start), pictures, {}, str(tmp_path)).network
    shown = pictures[DIGITS].pictures
    wanted = predict(keras.saving.load_model(start), shown)
    np.testing.assert_allclose(predict(fold(begun), shown), wanted, atol=0.2)


@pytest.mark.slow
def test_the_command_leaves_a_model_and_its_card(quick, tmp_path):
    data, output = save_npz(tmp_path / "mnist.npz", mnist_like()), str(tmp_path / "my.keras")
    command = ["classifier", "--data", data, "--ink", INK, "--output", output]
    assert main([*command, "--steps", "2", "--readings", "0.0005", "--workers", "1"]) == 0
    card = read_card(output)
    assert card["training"]["done"]["steps"] == 2
    assert LooksPlan.read(card["looks"]).judges == {}
    assert {"review_below", "temperature", "validation_accuracy"} <= card.keys()
    assert str(tmp_path) not in (tmp_path / "my.json").read_text()
    assert keras.saving.load_model(output, safe_mode=True).output_shape == (None, 10)


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_short_training_reaches_a_floor(tmp_path):
    data = load(os.path.join(os.environ["DIGITS_DATA"], "mnist.npz"), held_out=12)
    pictures = dict.fromkeys(SHARES, evenly(data.train))
    network = fit_classifier(recipe(240), pictures, {}, str(tmp_path)).network
    answers = predict(fold(network), data.validation).argmax(axis=1)
    assert (answers == data.validation.labels).mean() >= 0.95


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(["--output", "my.keras"], "--seconds or --steps", id="no end"),
        pytest.param(
            ["--output", INK.replace(".onnx", ".keras"), "--steps", "1", "--start", "ink"],
            "ink",
            id="an input",
        ),
    ],
)
def test_an_error_is_one_line(arguments, words, capsys):
    assert main(["classifier", "--ink", INK, *arguments]) in (2, 7)
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
