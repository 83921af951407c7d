"""`python -m tests.bench`: the job and its rivals on the same pictures, as a Markdown table.

    DIGITS_DATA=... python -m tests.bench --pictures 70000 --rounds 5
    DIGITS_DATA=... python -m tests.bench --sizes 1000 10000 100000 1000000 --rounds 1

The contestants take turns, so that a machine that slows down does so for all. The pictures lie in
one folder without ground truth. Memory is looked at in a first round that is not timed.
"""

import argparse
import csv
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
from PIL import Image

from batch_predict.runtimes import RUNTIMES
from batch_predict.runtimes.model_file import find_model
from tests.bench.measure import Run, run
from tests.bench.rivals import installed
from tests.conftest import SAMPLES
from train.export_onnx import export

SMALL: Final = 100  # pictures: what a run costs before it has much to do
BASE: Final = "keras utility"  # what the ratios are against
NAMES: Final = {
    "keras": BASE,
    "pillow": "Pillow loop, one predict",
    "pytorch": "PyTorch DataLoader",
    "ray": "Ray Data",
}
LIBRARIES: Final = (
    "tensorflow",
    "tensorflow_cpu",
    "keras",
    "onnxruntime",
    "openvino",
    "numpy",
    "pillow",
)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the benchmark that `argv` asks for and print its table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--pictures", type=int, default=70_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--model", default="article-code")
    parser.add_argument("--runtimes", nargs="*", default=list(RUNTIMES), choices=RUNTIMES)
    parser.add_argument("--rivals", nargs="*", default=installed(), choices=installed())
    parser.add_argument("--sizes", nargs="*", type=int, help="cost against size, ours only")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        model = shutil.copy(find_model(options.model).path, scratch)
        export(model)
        bench = Bench(Path(scratch), model, options)
        print(about(options))
        bench.sizes() if options.sizes else bench.rivals()


def about(options: argparse.Namespace) -> str:
    """The machine and the libraries, to be printed above a table."""
    there = {dist.name for dist in metadata.distributions()}
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in LIBRARIES if name in there)
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        processor = next(line.split(": ")[1].strip() for line in file if "model name" in line)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {len(os.sched_getaffinity(0))} cores of {processor}, "
        f"Python {platform.python_version()}, {versions}; model {options.model}; "
        f"median of {options.rounds}.\n"
    )


class Bench:
    """Folders of pictures, and commands to run over them."""

    def __init__(self, scratch: Path, model: str, options: argparse.Namespace) -> None:
        self._scratch = scratch
        self.model = model
        self._options = options
        self._sources = _sources(scratch / "sources", max(options.sizes or [options.pictures]))

    def rivals(self) -> None:
        """Ours and theirs, over many pictures and over a few."""
        for count in (self._options.pictures, SMALL):
            folder = self.folder(count)
            commands = {
                **{f"batch_predict, {r}": self.ours(folder, r) for r in self._options.runtimes},
                **{
                    NAMES[r]: ["tests.bench.rivals", r, str(folder), self.model, self.out(r)]
                    for r in self._options.rivals
                },
            }
            peaks = {name: run(command, look_at_memory=True) for name, command in commands.items()}
            self._check_labels(count)
            runs: dict[str, list[Run]] = {name: [] for name in commands}
            for _ in range(self._options.rounds):
                for name, command in commands.items():
                    runs[name].append(run(command))
            print(_table(count, runs, peaks))

    def sizes(self) -> None:
        """What one more picture costs, from few to many."""
        print("| runtime | pictures | wall s | us a picture more | peak MiB |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for runtime in self._options.runtimes:
            least = None
            for count in (SMALL, *self._options.sizes):
                command = self.ours(self.folder(count), runtime)
                peak = run(command, look_at_memory=True).peak
                wall = median(run(command).wall for _ in range(self._options.rounds))
                least = least or wall
                more = (wall - least) / max(1, count - SMALL) * 1e6
                print(f"| {runtime} | {count} | {wall:.2f} | {more:.1f} | {peak >> 20} |")

    def ours(self, folder: Path | str, runtime: str) -> list[str]:
        """The job over `folder`, which may be a bucket."""
        out = self.out(f"batch_predict-{runtime}")
        return ["batch_predict", str(folder), out, "--model", self.model, "--runtime", runtime]

    def out(self, name: str) -> str:
        """Where the contestant `name` writes its CSV."""
        return str(self._scratch / f"{name}.csv")

    def folder(self, count: int) -> Path:
        """A folder of `count` pictures: hard links to the sources, over and over."""
        folder = self._scratch / str(count)
        if not folder.exists():
            folder.mkdir()
            for number in range(count):
                source = self._sources[number % len(self._sources)]
                os.link(source, folder / f"{number:07d}.png")
        return folder

    def _check_labels(self, count: int) -> None:
        """Raises AssertionError unless all that ran wrote the same label for every picture."""
        tables = {path.stem: _labels(path) for path in self._scratch.glob("*.csv")}
        first = next(iter(tables.values()))
        assert len(first) == count
        for name, table in tables.items():
            differ = [path for path in first if table.get(path) != first[path]]
            assert not differ, f"{name} has other labels for {differ}"


def _table(count: int, runs: dict[str, list[Run]], peaks: dict[str, Run]) -> str:
    lines = [
        f"{count} pictures:\n",
        "| | wall s | ratio | CPU s | peak MiB | ratio |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, mine in runs.items():
        base = runs.get(BASE, mine)
        ratio = median(a.wall / b.wall for a, b in zip(mine, base, strict=True))
        memory = peaks[name].peak / peaks.get(BASE, peaks[name]).peak
        lines.append(
            f"| {name} | {median(r.wall for r in mine):.2f} | {ratio:.2f} "
            f"| {median(r.cpu for r in mine):.2f} | {peaks[name].peak >> 20} | {memory:.2f} |"
        )
    return "\n".join(lines) + "\n"


def _labels(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["path"]: row["label"] for row in csv.DictReader(file)}


def _sources(folder: Path, most: int) -> list[Path]:
    """Pictures of MNIST as PNG files, or the sample pictures where there is no data.

    They are written to `folder`: no file system links to another's files.
    """
    if "DIGITS_DATA" not in os.environ:
        shutil.copytree(SAMPLES, folder)
        return sorted(folder.rglob("*.png"))
    folder.mkdir()
    with np.load(Path(os.environ["DIGITS_DATA"]) / "mnist.npz") as mnist:
        pixels = np.concatenate([mnist["x_test"], mnist["x_train"]])[:most]
    paths = [folder / f"{number:05d}.png" for number in range(len(pixels))]
    for path, picture in zip(paths, pixels, strict=True):
        Image.fromarray(picture).save(path)
    return paths


if __name__ == "__main__":
    sys.exit(main())
