"""The order of the recipe's steps, with trainings that only leave their files."""

import json
import os

import pytest

from batch_predict.storage.file_hash import file_sha256
from train import recipe
from train.card import read_card
from train.recipe import SHIPPED, STEPS, Plan, follow


@pytest.fixture
def done(monkeypatch):
    """What the trainings, the export and the evaluation were asked for, in order."""
    asked = []

    def train(made, source, output):
        asked.append(made)
        with open(output, "wb") as file:
            file.write(b"PK\x03\x04 as a .keras file begins")
        with open(output.replace(".keras", ".json"), "w") as file:
            json.dump({"sha256": file_sha256(output), "training": {}}, file)

    def judge(path, source):
        asked.append("evaluate")
        card = read_card(path) | {"accuracy": {}}
        with open(path.replace(".keras", ".json"), "w") as file:
            json.dump(card, file)

    def fit(made, source):
        asked.append(made)
        card = read_card(made.screen)
        judges = {os.path.basename(path): file_sha256(path) for path in made.judges}
        with open(made.screen.replace(".keras", ".json"), "w") as file:
            json.dump(card | {"looks": {"judges": judges}}, file)

    monkeypatch.setattr(recipe, "write_looks", fit)
    monkeypatch.setattr(recipe, "train_ink", train)
    monkeypatch.setattr(recipe, "train_classifier", train)
    monkeypatch.setattr(recipe, "export", lambda path: asked.append("export"))
    monkeypatch.setattr(recipe, "evaluate", judge)
    monkeypatch.setattr(recipe, "write_training_digits", lambda *of: asked.append("digits"))
    monkeypatch.setattr(recipe, "accelerated", lambda: False)
    return asked


def plan(tmp_path, share=1.0):
    return Plan("mnist.npz", str(tmp_path / "made"), 1, share, 2, 4.0)


def test_every_network_in_order_then_the_verdicts(done, tmp_path):
    follow(plan(tmp_path), say=lambda line: None)
    assert done[len(STEPS) + 1 :] == [*["export", "evaluate"] * len(SHIPPED), "digits"]
    for step, each in zip(STEPS, done, strict=False):
        assert each.seconds == step.seconds
    assert [each.network for each in done[1 : len(STEPS)]] == [step.network for step in STEPS[1:]]


def test_a_network_learns_from_those_before_it(done, tmp_path):
    follow(plan(tmp_path), say=lambda line: None)
    for place, (step, each) in enumerate(zip(STEPS[1:], done[1:], strict=False), start=1):
        assert set(step.teachers) <= {before.model for before in STEPS[:place]}
        folder = tmp_path / "made"
        assert each.teachers == tuple(str(folder / f"{name}.keras") for name in step.teachers)
        assert each.pool == str(folder)


def test_the_screen_gets_the_judges_once_both_are_there(done, tmp_path):
    follow(plan(tmp_path, share=0.5), say=lambda line: None)
    looks, folder = done[len(STEPS)], tmp_path / "made"
    assert (looks.screen, looks.judges) == (
        str(folder / "digits.keras"),
        (str(folder / "judge.keras"),),
    )
    assert (looks.rendered, looks.readings) == (str(folder / "validation"), 0.5)


def test_what_is_there_is_not_trained_again(done, tmp_path):
    follow(plan(tmp_path), say=lambda line: None)
    (tmp_path / "made" / "wide.keras").unlink()
    del done[:]
    follow(plan(tmp_path), say=lambda line: None)
    steps = [getattr(each, "network", each) for each in done]
    assert steps == ["teacher", "export", "export", "digits"]


def test_a_share_shortens_it(done, tmp_path):
    follow(plan(tmp_path, share=0.01), say=lambda line: None)
    assert done[0].seconds == STEPS[0].seconds / 100
    assert done[1].readings == 0.01


def test_a_night_on_two_cores_and_eight_minutes_on_a_gpu():
    assert sum(step.seconds for step in STEPS) <= 10 * 3600
    assert max(step.accelerated_seconds for step in STEPS) <= 8 * 60
