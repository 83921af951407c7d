"""Tuning on what a person decided, and when the outcome takes the place of the model before."""

import os
from hashlib import sha256

import numpy as np
import pytest
from PIL import Image
from test_tune import save_constant

from batch_predict.errors import OutputError
from train import tune
from train.card import read_card
from train.cli import main
from train.forgetting import Forgotten
from train.trial import Won
from train.tune_labels import OTHERS, _check_better


def won(wins, losses):
    before = np.array([False] * wins + [True] * losses + [True] * 20)
    after = np.array([True] * wins + [False] * losses + [True] * 20)
    return Won(before, after)


NOTHING_LOST = {"mnist": Forgotten(5000, 4990, 4985), OTHERS: Forgotten(300, 300, 295)}


@pytest.mark.parametrize(
    ("outcome", "forgotten", "why"),
    [
        pytest.param(won(2, 2), {}, "no more of the held-out", id="as good"),
        pytest.param(won(5, 0), {}, r"p = 0\.062", id="by chance"),
        pytest.param(won(9, 0), {"mnist": Forgotten(1000, 990, 986)}, "mnist", id="forgets MNIST"),
        pytest.param(won(9, 0), {OTHERS: Forgotten(100, 100, 97)}, "ok rows", id="changes ok rows"),
    ],
)
def test_what_is_not_better_is_not_written(outcome, forgotten, why):
    with pytest.raises(OutputError, match=f"{why}.*--force"):
        _check_better(outcome, {**NOTHING_LOST, **forgotten})


@pytest.mark.parametrize("outcome", [won(6, 0), won(9, 1)])
def test_what_wins_by_more_than_chance_is_written(outcome):
    _check_better(outcome, NOTHING_LOST)


@pytest.fixture(scope="module")
def decided(tmp_path_factory):
    """Bars of 60 greys, upright ones and lying twos, and the decisions on them."""
    folder = tmp_path_factory.mktemp("decided")
    (folder / "in").mkdir()
    lines = ["path,content,decision,decided_at,by,note"]
    for n in range(60):
        picture = np.zeros((28, 28), np.uint8)
        picture[(slice(4, 24), slice(12, 16)) if n % 2 else (slice(12, 16), slice(4, 24))] = 250 - n
        path = folder / "in" / f"{n:02d}.png"
        Image.fromarray(picture).save(path)
        content = sha256(path.read_bytes()).hexdigest()
        lines.append(f"{path.name},{content},{2 - n % 2},2026-11-27T08:30:00Z,me,")
    (folder / "out.decisions.csv").write_text("\n".join([*lines, ""]))
    save_constant(str(folder / "start.keras"), 5)
    return folder


@pytest.fixture
def given(decided, tmp_path, monkeypatch):
    """The command line of a tuning that learns the bars."""
    monkeypatch.setattr(tune, "COPIES", 4)
    monkeypatch.setattr(tune, "RATE", 1e-2)
    monkeypatch.setattr(tune, "kept_mnist", lambda: None)  # a machine may have it, or not
    labels, start = decided / "out.decisions.csv", decided / "start.keras"
    output = tmp_path / "mine.keras"
    command = f"tune --labels {labels} {decided / 'in'} --init {start} --output {output}"
    return [*command.split(), "--few"]


@pytest.mark.slow
def test_a_tuned_model_says_what_it_won(given, capsys):
    assert main(given) == 0
    said = capsys.readouterr().out
    assert "labelled: 60 pictures of 2 digits" in said
    assert "held out one by one: won 20, lost 0" in said
    card = read_card(given[-2])
    assert card["accuracy_before"]["right"] == 0
    assert (card["accuracy"]["right"], card["accuracy"]["n"]) == (20, 20)
    assert card["mcnemar"]["wins"] == 20
    assert card["data"]["split"] == {"train": 32, "validation": 8, "test": 20}


@pytest.mark.slow
def test_without_gain_there_is_no_model_but_by_force(given, monkeypatch, capsys):
    monkeypatch.setattr(tune, "RATE", 1e-9)
    monkeypatch.setattr(tune, "EPOCHS", 1)
    assert main(given) == 8
    assert "no more of the held-out pictures right; --force writes it" in capsys.readouterr().err
    assert not os.path.exists(given[-2])
    assert main([*given, "--force"]) == 0
    assert read_card(given[-2])["mcnemar"] == {"wins": 0, "losses": 0, "p": 1.0}


@pytest.mark.slow
def test_too_few_pictures_are_refused(given, capsys):
    assert main(given[:-1]) == 3
    said = capsys.readouterr().err
    assert "50 pictures of 5 digits, received 60 pictures of 2 digits; --few" in said


def test_labels_are_never_replaced(given, decided, capsys):
    labels = decided / "labels.keras"
    labels.write_text("path,label\n")
    command = ["tune", "--labels", str(labels), str(decided), "--output", str(labels)]
    assert main([*command, "--overwrite"]) == 2
    assert "the labels" in capsys.readouterr().err
