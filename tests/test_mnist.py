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


@pytest.mark.parametrize("name", ["digits", "article-code"])
def test_accuracy_is_that_of_the_array(
    mnist: Arrays, folder: Path, tmp_path: Path, name: str
) -> None:
    score(folder, tmp_path / "out.csv", "--model", name)
    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 10_000
    model = keras.saving.load_model(find_model(name).path)
    pixels = (mnist["x_test"] / np.float32(255))[..., None]
    model.compile(metrics=["accuracy"], loss="sparse_categorical_crossentropy")
    _, accuracy = model.evaluate(pixels, mnist["y_test"], batch_size=1000, verbose=0)
    right = sum(row["label"] == row["truth"] for row in rows)
    assert right == round(accuracy * 10_000)


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
