"""Folders of pictures to run over: hard links to a few files, as many as are asked for."""

import os
import shutil
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from tests.bench.pages import File
from tests.conftest import SAMPLES


class Digit(NamedTuple):
    """A picture file and the digit on it."""

    path: Path
    label: str


class Folders:
    """All lie in `scratch`, the files too: no file system links to another's."""

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch

    @cached_property
    def _digits(self) -> list[Digit]:
        """MNIST as PNG files, or the sample pictures where there is no data."""
        folder = self._scratch / "files"
        if "DIGITS_DATA" not in os.environ:
            shutil.copytree(SAMPLES, folder)
            return [Digit(path, path.parent.name) for path in sorted(folder.rglob("*.png"))]
        folder.mkdir()
        with np.load(Path(os.environ["DIGITS_DATA"]) / "mnist.npz") as mnist:
            pixels = np.concatenate([mnist["x_test"], mnist["x_train"]])
            labels = np.concatenate([mnist["y_test"], mnist["y_train"]])
        paths = [folder / f"{number:05d}.png" for number in range(len(pixels))]
        for path, picture in zip(paths, pixels, strict=True):
            Image.fromarray(picture).save(path)
        return list(map(Digit, paths, map(str, labels)))

    def digits(self, count: int) -> Path:
        """`count` digits in one folder, without truth."""
        return self._linked(f"{count}-digits", [digit.path for digit in self._digits], count)

    def digits_with_truth(self, count: int) -> Path:
        """`count` digits in ten folders, which are their truth."""
        folder = self._scratch / f"{count}-with-truth"
        if not folder.exists():
            for label in map(str, range(10)):
                (folder / label).mkdir(parents=True)
            for number in range(count):
                path, label = self._digits[number % len(self._digits)]
                os.link(path, folder / label / f"{number:07d}.png")
        return folder

    def of_files(self, name: str, files: Sequence[File], times: int) -> Path:
        """Each of `files` so many times."""
        sources = self._scratch / f"{name}-files"
        if not sources.exists():
            sources.mkdir()
            for number, file in enumerate(files):
                (sources / f"{number:03d}{file.suffix}").write_bytes(file.data)
        return self._linked(f"{name}-{times}", sorted(sources.iterdir()), len(files) * times)

    def _linked(self, name: str, files: Sequence[Path], count: int) -> Path:
        folder = self._scratch / name
        if not folder.exists():
            folder.mkdir()
            for number in range(count):
                source = files[number % len(files)]
                os.link(source, folder / f"{number:07d}{source.suffix}")
        return folder
