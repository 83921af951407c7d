import os

import keras
import numpy as np
import pytest
from keras import ops
from test_data import mnist_like, save_npz

from batch_predict.normalize.letterbox import LARGE, SMALL
from train import ink_run, ink_training
from train.batch_norm import BatchNorm
from train.card import read_card
from train.checkpoint import Progress, load_checkpoint, save_checkpoint
from train.cli import main
from train.data import load
from train.ink_lesson import MAP_NAMES, losses, total
from train.ink_pool import PLANES, SIDES, Batch, Pool
from train.ink_training import RATE, Recipe, fit_ink, new_lesson

RECIPE = Recipe(seed=1, seconds=0, steps=8, batch=2, workers=1, memory_gib=0.1)


def squares(count, side, seed=0):
    """Pictures with a dark square, which is the ink; it lies lower, the greater the label."""
    rng = np.random.default_rng(seed)
    planes = np.full((count, side, side, PLANES), 200, np.uint8)
    planes[..., 3:] = 0
    labels = rng.integers(10, size=count).astype(np.int32)
    for picture, label in zip(planes, labels, strict=True):
        top = 1 + int(label) * (side // 16)
        picture[top : top + side // 4, side // 4 : side // 2, :3] = 40
        picture[top : top + side // 4, side // 4 : side // 2, 3] = 255
    return Batch(planes, labels)


class FakeRenderer:
    """Pools that are filled at once."""

    error = None
    chunks = 3

    def __init__(self, *arguments):
        self.pools = {side: Pool(side, 100) for side in SIDES}
        for pool in self.pools.values():
            pool.add(squares(8, pool.side))

    def held_out(self, counts):
        return {side: squares(count, side, seed=1) for side, count in counts.items()}

    def start(self):
        pass

    def wait(self, counts):
        pass

    def close(self):
        pass


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(ink_training, "Renderer", FakeRenderer)
    monkeypatch.setattr(ink_training, "VALIDATING", {LARGE: 2, SMALL: 4})
    monkeypatch.setattr(ink_run, "DRAWN", {LARGE: 2, SMALL: 4})


def test_a_right_answer_costs_nearly_nothing_and_a_wrong_one_much():
    held = squares(4, SMALL)
    maps = held.planes[..., 3:] / np.float32(255)
    right = {"maps": 40 * maps - 20, "classes": 40 * np.eye(12, dtype=np.float32)[held.labels]}
    wrong = {name: -values for name, values in right.items()}
    assert ops.convert_to_numpy(total(losses(right, maps, held.labels))).max() < 1e-3
    assert ops.convert_to_numpy(total(losses(wrong, maps, held.labels))).min() > 10


def test_dice_of_what_is_not_there_counts_for_the_ink_alone():
    maps = np.zeros((1, SMALL, SMALL, 3), np.float32)
    logits = {"maps": np.zeros_like(maps), "classes": np.zeros((1, 12), np.float32)}
    found = losses(logits, maps, np.zeros(1, np.int32))
    assert [float(found[f"{name}_dice"][0]) > 0 for name in MAP_NAMES] == [True, False, False]


def test_statistics_move_until_they_are_settled():
    norm = BatchNorm()
    norm.build((None, 4, 4, 2))
    given = np.random.default_rng(0).normal(3, 2, (16, 4, 4, 2)).astype(np.float32)
    first = ops.convert_to_numpy(norm(given, training=True))
    np.testing.assert_allclose(first.mean(axis=(0, 1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(first.std(axis=(0, 1, 2)), 1, atol=1e-3)
    moved = norm.moving_mean.numpy()
    assert (moved > 0).all()
    norm.settled.assign(1.0)
    settled = ops.convert_to_numpy(norm(given, training=True))
    np.testing.assert_array_equal(norm.moving_mean.numpy(), moved)
    np.testing.assert_allclose(settled, ops.convert_to_numpy(norm(given)), atol=1e-6)


@pytest.mark.slow
def test_a_checkpoint_holds_all_that_training_changed(tmp_path):
    lesson = new_lesson(1)
    batch = squares(4, SMALL)
    lesson.train_on_batch({"planes": batch.planes, "labels": batch.labels})
    progress = Progress(12.5, 34, 56, 78, 9)
    save_checkpoint(str(tmp_path), lesson, progress)
    other = new_lesson(2)
    assert load_checkpoint(str(tmp_path), other) == progress
    for one, same in zip(lesson.weights, other.weights, strict=True):
        np.testing.assert_array_equal(one.numpy(), same.numpy())
    assert int(other.optimizer.iterations.numpy()) == 1
    kept = lesson.averages[0].numpy()
    assert np.abs(kept - lesson.network.trainable_weights[0].numpy()).max() <= 2 * RATE
    assert np.abs(kept).max() > 10 * RATE  # the first step's average is not of the zeros before


def test_without_a_checkpoint_a_training_begins_anew(tmp_path):
    assert load_checkpoint(str(tmp_path), new_lesson(1)) is None


@pytest.mark.slow
def test_a_training_goes_on_from_its_checkpoint(quick, tmp_path):
    folder = str(tmp_path)
    data = load(save_npz(tmp_path / "mnist.npz", mnist_like()))
    first = fit_ink(Recipe(1, 0, 4, 2, 1, 0.1), data, folder)
    assert first.progress.steps == 4
    further = fit_ink(RECIPE, data, folder)
    assert further.progress.steps == 8
    assert further.progress.seconds > first.progress.seconds
    lines = (tmp_path / "history.csv").read_text().splitlines()
    assert len(lines) == 3  # the names of the columns, and four steps twice


@pytest.mark.slow
def test_the_command_leaves_model_onnx_card_and_sheets(quick, tmp_path):
    data = save_npz(tmp_path / "mnist.npz", mnist_like())
    output = str(tmp_path / "ink.keras")
    command = ["ink", "--data", data, "--output", output]
    assert main([*command, "--steps", "4", "--batch", "2"]) == 0
    card = read_card(output)
    assert card["training"]["done"]["steps"] == 4
    assert card["validation"]["192"]["n"] == 2
    assert os.path.exists(tmp_path / "ink.onnx")
    assert {"sheet192.png", "sheet64.png"} <= set(os.listdir(tmp_path / "ink.training"))
    model = keras.saving.load_model(output, safe_mode=True, compile=False)
    assert model.count_params() == card["parameters"]


def test_a_network_of_maps_is_no_h5(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["ink", "--output", "ink.h5", "--steps", "1"])
    assert ended.value.code == 2
    assert "must end in .keras, received 'ink.h5'" in capsys.readouterr().err


def test_a_training_has_an_end(capsys):
    assert main(["ink", "--output", "ink.keras"]) == 2
    assert "--seconds or --steps" in capsys.readouterr().err


@pytest.mark.slow
def test_eight_pictures_are_learned():
    lesson = new_lesson(1)
    batch = squares(8, SMALL)
    inputs = {"planes": batch.planes, "labels": batch.labels}
    first = float(lesson.train_on_batch(inputs, return_dict=True)["loss"])
    for _ in range(40):
        lesson.reset_metrics()
        last = float(lesson.train_on_batch(inputs, return_dict=True)["loss"])
    assert last < first / 2
