"""`python -m tests.bench`: what a run costs, beside other ways to do it, as Markdown tables.

    DIGITS_DATA=... python -m tests.bench --report-rows 1000000
    DIGITS_DATA=... python -m tests.bench --tables large --runtimes onnx

`pngs`: small PNGs without truth, of MNIST, or of the sample pictures where there is no data: the
program with its default model and its looks, beside others with the article's network; a picture
more is one of many, less the run over few, as are all that follow. `large`: phone photos of 1 to
12 megapixels and scans of A6 to A4 at 300 dpi. `reports`: what truth that is there adds to a run.
`others`: the main process where its scorer answers at once, `--help`, and a run with nothing new.

The contestants take turns, so that a machine that slows down does so for all; a ratio is the
median of those of the rounds. Memory is the sum of all processes' proportional set sizes, looked
at in a first round that is not timed.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Final

from batch_predict.runtimes import RUNTIMES
from batch_predict.runtimes.model_file import find_model
from tests.bench.rivals import installed
from tests.bench.speed import KERAS_UTILITY, TABLES, Bench

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
    """Run the benchmark that `argv` asks for and print its tables."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--tables", nargs="+", default=list(TABLES), choices=TABLES)
    parser.add_argument("--pictures", type=int, default=70_000)
    parser.add_argument("--large", type=int, default=2, help="photos and scans of each size")
    parser.add_argument("--report-rows", type=int, default=0, help="a report of many rows, too")
    parser.add_argument("--rounds", type=int, default=5, help="of all but what has many rows")
    parser.add_argument("--model", default="digits", help="ours")
    parser.add_argument("--their-model", default="article-code")
    parser.add_argument("--runtimes", nargs="+", default=list(RUNTIMES), choices=RUNTIMES)
    parser.add_argument("--rivals", nargs="*", default=[KERAS_UTILITY], choices=installed())
    options = parser.parse_args(argv)
    print(about(options))
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        bench = Bench(Path(scratch), options.model, find_model(options.their_model).path)
        for name in options.tables:
            print(flush=True)
            for line in TABLES[name](bench, options):
                print(line, flush=True)


def about(options: argparse.Namespace) -> str:
    """The machine and the libraries, to be printed above a table."""
    there = {dist.name for dist in metadata.distributions()}
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in LIBRARIES if name in there)
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        lines = file.read().splitlines()
    processor, flags = (
        next(line.split(": ")[1].strip() for line in lines if line.startswith(name))
        for name in ("model name", "flags")
    )
    vectors = "AVX-512" if "avx512f" in flags.split() else "AVX2"
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {len(os.sched_getaffinity(0))} cores of {processor} "
        f"({vectors}), Python {platform.python_version()}, {versions}; model {options.model}; "
        f"median of {options.rounds}."
    )


if __name__ == "__main__":
    sys.exit(main())
