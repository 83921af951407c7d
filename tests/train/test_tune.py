import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from batch_predict.runtimes import keras_runtime
from batch_predict.runtimes.model_file import find_model
from tests.support import own_models
from train import evaluate, tune
from train.card import identity, read_card, write_card
from train.cli import main
from train.data import load
from train.predict import predict

pytestmark = pytest.mark.slow  # each of them trains


@pytest.fixture(autouse=True, scope="module")
def few_copies():
    """Of each picture and epoch: the bars are learned from these."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tune, "COPIES", 4)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twelve upright bars and twelve lying ones, as ones and twos."""
    tmp_path = tmp_path_factory.mktemp("folder")
    for digit, box in ((1, (slice(4, 24), slice(12, 16))), (2, (slice(12, 16), slice(4, 24)))):
        (tmp_path / "mine" / str(digit)).mkdir(parents=True)
        for i in range(12):
            picture = np.zeros((28, 28), np.uint8)
            picture[box] = 250 - i
            Image.fromarray(picture).save(tmp_path / "mine" / str(digit) / f"{i}.png")
    return str(tmp_path / "mine")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """Reads everything as a 5, to begin with."""
    network = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    )
    kernel, _ = network.get_weights()
    network.set_weights([0 * kernel, np.eye(10)[5]])
    path = str(tmp_path_factory.mktemp("model") / "start.keras")
    network.save(path)
    write_card(path, {**identity(path, network), "scale": [0, 1]})
    return path


@pytest.fixture(scope="module")
def tuned(folder, model, tmp_path_factory):
    """`model` after tuning on `folder`, with its card beside it."""
    output = str(tmp_path_factory.mktemp("tuned") / "mine.keras")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tune, "RATE", 1e-2)
        assert main(["--init", model, "--data", folder, "--output", output]) == 0
    return output


def test_tuning_learns_the_pictures(tuned):
    card = read_card(tuned)
    assert card["accuracy"]["value"] == 1.0 > card["accuracy_before"]["value"]


def test_a_better_model_is_replaced_only_by_force(
    folder, model, tuned, tmp_path, monkeypatch, capsys
):
    output = str(shutil.copytree(Path(tuned).parent, tmp_path / "tuned") / "mine.keras")
    monkeypatch.setattr(tune, "RATE", 0.0)
    monkeypatch.setattr(tune, "EPOCHS", 1)
    worse = ["--init", model, "--data", folder, "--output", output]
    assert main(worse) == 8
    said = capsys.readouterr()
    assert "before    after" in said.out
    assert "--force" in said.err
    assert read_card(output)["accuracy"]["value"] == 1.0
    assert main([*worse, "--force"]) == 0
    assert read_card(output)["accuracy"]["value"] < 1.0


@pytest.mark.parametrize(
    "scale",
    ["rescaled", *(pytest.param(each, marks=pytest.mark.slow) for each in ("integer", "-1 to 1"))],
)
def test_a_model_is_tuned_on_its_own_scale(folder, tmp_path, monkeypatch, scale):
    start = own_models.make("sequential", (28, 28, 1), "logits", scale)
    own_models.save(start, tmp_path / "start.keras")
    monkeypatch.setattr(tune, "EPOCHS", 1)
    monkeypatch.setattr(tune, "RATE", 1e-9)
    output = str(tmp_path / "mine.keras")
    given = ["--init", str(tmp_path / "start.keras"), "--data", folder, "--output", output]
    assert main(given) == 0
    card = read_card(output)
    assert card["scale"] == list(own_models.SCALES[scale][:2])
    judged = own_models.expected(load(folder, 1).test.inputs()).argmax(axis=1)
    right = int((judged == load(folder, 1).test.labels).sum())
    assert card["accuracy_before"]["right"] == card["accuracy"]["right"] == right
    pixels, labels = own_models.digits()
    answers = keras_runtime.load_classifier(find_model(output), 50)(pixels)
    np.testing.assert_allclose(answers, own_models.expected(pixels), atol=1e-3)
    assert (answers.argmax(axis=1) == labels).all()


def test_an_evaluation_is_on_what_the_training_held_out(folder, model, tmp_path, monkeypatch):
    judged = []
    monkeypatch.setattr(evaluate, "cost_ratio", lambda model: 0.9)
    monkeypatch.setattr(
        evaluate, "predict", lambda m, test, scale: judged.append(test) or predict(m, test, scale)
    )
    output = str(tmp_path / "mine.keras")
    monkeypatch.setattr(tune, "EPOCHS", 1)
    assert main(["--init", model, "--data", folder, "--output", output, "--seed", "3"]) == 0
    assert main(["evaluate", output, "--data", folder]) == 0
    np.testing.assert_array_equal(judged[0].pixels, load(folder, 3).test.pixels)
