import hashlib
import json

import numpy as np
import pytest

from batch_predict.errors import UsageError
from batch_predict.pixel_hash import are_among, pixel_hashes
from batch_predict.runtimes.model_file import find_alone
from batch_predict.runtimes.training_digits import training_digits
from train.data import load
from train.training_digits import write_training_digits


@pytest.fixture
def source(tmp_path):
    rng = np.random.default_rng(1)
    parts = {"train": rng.integers(0, 256, (24, 28, 28)), "test": rng.integers(0, 256, (4, 28, 28))}
    arrays = {f"x_{name}": pixels.astype(np.uint8) for name, pixels in parts.items()}
    labels = {f"y_{name}": np.zeros(len(pixels), np.uint8) for name, pixels in parts.items()}
    np.savez(tmp_path / "mnist.npz", **arrays, **labels)
    return str(tmp_path / "mnist.npz")


def model(folder, data):
    """A model of whose card only this counts; it learned from `data`."""
    content = b"PK\x03\x04"
    (folder / "mine.keras").write_bytes(content)
    told = {"data": {"sha256": data.sha256(), "split": data.sizes()}, "training": {"seed": 1}}
    card = {"sha256": hashlib.sha256(content).hexdigest(), **told}
    (folder / "mine.json").write_text(json.dumps(card))
    return str(folder / "mine.keras")


@pytest.mark.parametrize("held_out", [6, 12])
def test_runs_know_what_the_model_learned_from(held_out, source, tmp_path):
    data = load(source, held_out=held_out)
    path = model(tmp_path, data)
    assert write_training_digits(path, source) == str(tmp_path / "mine.training.npz")
    known = training_digits(find_alone(path))
    for part, seen in ((data.train, True), (data.validation, True), (data.test, False)):
        assert (are_among(pixel_hashes(part.pixels), known) == seen).all()


def test_other_pictures_are_refused(source, tmp_path):
    data = load(source)
    path = model(tmp_path, data._replace(test=data.train))
    with pytest.raises(UsageError, match="its card names other pictures"):
        write_training_digits(path, source)


def test_a_model_without_a_card_is_refused(source, tmp_path):
    (tmp_path / "mine.keras").write_bytes(b"PK\x03\x04")
    with pytest.raises(UsageError, match="no card that says"):
        write_training_digits(str(tmp_path / "mine.keras"), source)
