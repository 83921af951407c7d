"""The plain command on MNIST itself, written as PNG files into digit folders."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from batch_predict.runtimes.model_file import find_model
from tests.conftest import ROOT
from tests.support.peak import COMMAND

pytestmark = [pytest.mark.data, pytest.mark.slow, pytest.mark.timeout(600)]

ROUNDING = 3  # pictures that another processor may round to another label
Arrays = dict[str, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]


@pytest.fixture(scope="module")
def mnist() -> Arrays:
    with np.load(Path(os.environ["DIGITS_DATA"]) / "mnist.npz") as arrays:
        return {name: arrays[name] for name in arrays.files}


@pytest.fixture(scope="module")
def folder(mnist: Arrays, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 10,000 test pictures."""
    root = tmp_path_factory.mktemp("mnist")
    for digit in range(10):
        (root / str(digit)).mkdir()
    for number, (pixels, digit) in enumerate(zip(mnist["x_test"], mnist["y_test"], strict=True)):
        Image.fromarray(pixels).save(root / str(digit) / f"{number:05d}.png", compress_level=1)
    return root


def score(folder: Path, output: Path, *arguments: str) -> int:
    """Run the command line over `folder`; returns the peak memory of the process in MiB."""
    command = [sys.executable, "-c", COMMAND, str(folder), str(output), "--quiet", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return int(done.stdout)


def right_of(folder: Path, output: Path, model: str) -> int:
    """How many of the pictures the plain command reads right with `model`."""
    score(folder, output, "--model", model)
    with output.open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 10_000
    return sum(row["label"] == row["truth"] for row in rows)


def test_accuracy_is_that_of_the_array(mnist: Arrays, folder: Path, tmp_path: Path) -> None:
    model = keras.saving.load_model(find_model("article-code").path)
    pixels = (mnist["x_test"] / np.float32(255))[..., None]
    model.compile(metrics=["accuracy"], loss="sparse_categorical_crossentropy")
    _, accuracy = model.evaluate(pixels, mnist["y_test"], batch_size=1000, verbose=0)
    right = right_of(folder, tmp_path / "out.csv", "article-code")
    assert right == round(accuracy * 10_000)


def test_accuracy_with_looks_is_that_of_the_card(folder: Path, tmp_path: Path) -> None:
    card = find_model("digits").card
    assert card is not None
    right = right_of(folder, tmp_path / "out.csv", "digits")
    assert abs(right - card["accuracy"]["right"]) <= ROUNDING


def test_memory_does_not_grow_with_the_folder(folder: Path, tmp_path: Path) -> None:
    many = tmp_path / "70000"
    many.mkdir()
    for picture in folder.glob("*/*.png"):
        for copy in range(7):
            os.link(picture, many / f"{copy}-{picture.name}")
    flat = tmp_path / "10000"
    flat.mkdir()
    for picture in folder.glob("*/*.png"):
        os.link(picture, flat / picture.name)
    small, large = (score(path, tmp_path / f"{path.name}.csv") for path in (flat, many))
    print(f"10,000 pictures: {small} MiB; 70,000: {large} MiB")
    # A larger folder fills the queue, which stays as it is from then on: some 50 MiB, and as many
    # with 140,000 pictures.
    assert large < 1.1 * small
