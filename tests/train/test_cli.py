import os
import subprocess
import sys

import keras
import numpy as np
import pytest
from test_data import mnist_like, save_npz

from tests.conftest import ROOT
from train.card import read_card
from train.cli import main


@pytest.mark.slow
def test_a_training_leaves_a_model_its_card_and_its_curve(tmp_path, capsys):
    output, data = str(tmp_path / "my.h5"), save_npz(tmp_path / "mnist.npz", mnist_like())
    command = ["--network", "article-summary", "--data", data, "--output", output, "--epochs", "1"]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "130,250" in said
    assert "test accuracy" in said
    card = read_card(output)
    assert card["training"]["seed"] == 1
    assert {"history.csv", "curve.png"} <= set(os.listdir(tmp_path / "my.training"))
    probabilities = keras.saving.load_model(output).predict(np.zeros((1, 28, 28, 1)), verbose=0)
    assert probabilities.shape == (1, 10)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        pytest.param(
            ["--output", "my.keras", "--init", "nowhere.keras"], 7, "nowhere", id="no model"
        ),
        pytest.param(["--output", "my.keras", "--data", "nowhere"], 3, "nowhere", id="no data"),
    ],
)
def test_an_error_is_one_line_and_its_code(arguments, code, words, capsys):
    assert main(arguments) == code
    said = capsys.readouterr().err
    assert words in said
    assert said.count("\n") == 1


@pytest.mark.slow
def test_tensorflow_says_nothing_as_it_starts():
    command = [sys.executable, "-m", "train", "evaluate", "nowhere.keras", "--data", "nowhere"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 7
    assert ran.stderr.startswith("python -m train: can't read the model nowhere.keras: ")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("said", ["--seed=-1", "--seed=4294967296", "--epochs=0", "--epochs=1e3"])
def test_a_number_out_of_range(said, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["--output", "my.keras", "--data", "nowhere", said])
    assert f"argument {said.partition('=')[0]}: " in capsys.readouterr().err


@pytest.mark.parametrize(
    "said",
    ["--seed=-1", "--seconds=nan", "--steps=0", "--batch=-1", "--workers=1025", "--memory=0"],
)
def test_a_number_out_of_range_for_the_ink(said, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["ink", "--output", "ink.keras", "--data", "nowhere", said])
    assert f"argument {said.partition('=')[0]}: " in capsys.readouterr().err
