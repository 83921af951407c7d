"""The command that writes looks into a card, on a pool of made-up readings."""

import json
import shutil

import keras
import numpy as np
import pytest
from test_data import mnist_like, save_npz
from test_judging import readings

from batch_predict.runtimes.looks_plan import LooksPlan
from batch_predict.runtimes.model_file import find_model
from batch_predict.storage.file_hash import file_sha256
from tests.conftest import ROOT
from train import looks_run
from train.card import identity, read_card, write_card
from train.cli import main

INK = str(ROOT / "models" / "ink.onnx")


def save_model(path, **card):
    """Of the first pixel it reads the label."""
    network = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10, "softmax")]
    )
    kernel = np.zeros((784, 10), np.float32)
    kernel[0] = 255 * 4 * np.arange(10)
    network.set_weights([kernel, -2 * np.arange(10, dtype=np.float32) ** 2])
    network.save(path)
    write_card(path, {**identity(path, network), "scale": [0, 1]} | card)
    return path


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for name in ("screen", "judge"):
        save_model(str(folder / f"{name}.keras"))
    return folder


@pytest.fixture
def folder(models, tmp_path, monkeypatch):
    """A screen with what the test set said of it, and a judge beside it."""
    held = {"mnist": readings(), "small": readings(form=False)}
    monkeypatch.setattr(looks_run, "read_validation", lambda *asked: held)
    made = shutil.copytree(models, tmp_path / "models")
    screen = str(made / "screen.keras")
    write_card(screen, read_card(screen) | {"accuracy": {}, "profile": {}, "temperature": 0.5})
    return made


def looks(folder, *judges, data=None):
    data = data or save_npz(folder / "mnist.npz", mnist_like())
    given = ["--judges", *map(str, judges)] if judges else []
    return main(["looks", str(folder / "screen.keras"), *given, "--ink", INK, "--data", data])


@pytest.mark.slow
@pytest.mark.parametrize("judges", [("judge.keras",), ()], ids=["a judge", "its own judge"])
def test_the_card_names_the_judges_and_when_they_are_asked(folder, judges, capsys):
    assert looks(folder, *(folder / name for name in judges)) == 0
    card = read_card(str(folder / "screen.keras"))
    model = find_model(str(folder / "screen.keras"))
    assert [judge.path for judge in model.judges] == [str(folder / name) for name in judges]
    assert model.looks == LooksPlan.read(card["looks"])
    assert (model.looks.first_reading is not None) == bool(judges)
    assert model.review_below == 0.95
    outcome = card["validation_looks"]["groups"]["small"]
    assert (outcome["n"], outcome["right"], sum(outcome["looks"].values())) == (200, 200, 200)
    assert "     small      200  100.00%" in capsys.readouterr().out


def test_what_the_card_said_of_other_answers_is_gone(folder):
    assert looks(folder) == 0
    card = read_card(str(folder / "screen.keras"))
    assert not {"accuracy", "profile"} & card.keys()
    assert card["temperature"] == 0.5


@pytest.mark.slow
def test_a_judge_that_was_trained_again_is_named_anew(folder):
    assert looks(folder, folder / "judge.keras") == 0
    path = folder / "judge.keras"
    path.write_bytes(path.read_bytes() + b"\0")
    card = json.loads((folder / "judge.json").read_text())
    (folder / "judge.json").write_text(json.dumps(card | {"sha256": file_sha256(str(path))}))
    assert looks(folder, path) == 0
    assert find_model(str(folder / "screen.keras")).judges[0].sha256 == file_sha256(str(path))


@pytest.mark.parametrize(
    ("judge", "code", "words"),
    [
        pytest.param("elsewhere/judge.keras", 2, "lies beside the model", id="elsewhere"),
        pytest.param("models/screen.keras", 2, "its own judge without", id="itself"),
        pytest.param("models/none.keras", 7, "none.keras", id="missing"),
    ],
)
def test_a_judge_that_the_card_cannot_name(folder, judge, code, words, capsys):
    before = (folder / "screen.json").read_bytes()
    assert looks(folder, folder.parent / judge) == code
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1
    assert (folder / "screen.json").read_bytes() == before
