"""`python -m tests.bench.scale ray|s3|shards`: what holds beyond one machine, measured.

    DIGITS_DATA=... python -m tests.bench.scale ray --count 70000 --rounds 1
    DIGITS_DATA=... python -m tests.bench.scale s3 --count 10000 --rounds 2
    DIGITS_DATA=... python -m tests.bench.scale shards --count 20000

A rate is after start-up: a run over few pictures is taken off one over many. The contestants take
turns, and the rates are medians of the rounds.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Final

from obstore.store import S3Store

from batch_predict.runtimes.model_file import find_model
from batch_predict.storage.bucket import AT_ONCE
from tests.bench.__main__ import about
from tests.bench.measure import Run, run
from tests.bench.shards import simulate
from tests.bench.speed import SMALL, Bench
from tests.bench.store import storing
from tests.s3.server import environment
from train.export_onnx import export

PLAIN: Final = 20_000  # pictures at most for the plain Ray script, which is slow
SHARDS: Final = 10_000
FAILING: Final = 0.01  # share of the shards
LATENCY_S: Final = 0.02  # added to every request
READERS: Final = AT_ONCE  # threads that only read, to see what store and latency can do


def main(argv: Sequence[str] | None = None) -> None:
    """Measure what `argv` asks for and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.scale", description=__doc__)
    parser.add_argument("what", choices=MEASURES)
    parser.add_argument("--count", dest="pictures", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--model", default="article-code")
    parser.add_argument("--runtime", default="onnx")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        model = shutil.copy(find_model(options.model).path, scratch)
        export(model)
        print(about(options))
        MEASURES[options.what](Bench(Path(scratch), model, model), options)


def _on_ray(bench: Bench, options: argparse.Namespace) -> None:
    """Both engines over all pictures, the plain script over some; few for each before."""

    def ours(engine: str, count: int) -> list[str]:
        return [*bench.ours(bench.folders.digits(count), options.runtime), "--engine", engine]

    def plain(count: int) -> list[str]:
        out = bench.out("ray_script")
        return ["tests.bench.ray_script", str(bench.folders.digits(count)), bench.their_model, out]

    some = min(PLAIN, options.pictures)
    commands = {
        "local engine": (ours("local", SMALL), ours("local", options.pictures), options.pictures),
        "Ray engine": (ours("ray", SMALL), ours("ray", options.pictures), options.pictures),
        "read_images, map_batches": (plain(SMALL), plain(some), some),
    }
    _print_rates(commands, options.rounds)


def _from_s3(bench: Bench, options: argparse.Namespace) -> None:
    """The job over a folder, and over a bucket with latency; reads of the bucket alone."""
    few, many = bench.folders.digits(SMALL), bench.folders.digits(options.pictures)
    with storing(few.parent, LATENCY_S) as port:
        os.environ |= environment(port)
        commands = {
            "folder": tuple(bench.ours(folder, options.runtime) for folder in (few, many)),
            "bucket, 20 ms": tuple(
                bench.ours(f"s3://{folder.name}", options.runtime) for folder in (few, many)
            ),
        }
        counted = {name: (*pair, options.pictures) for name, pair in commands.items()}
        for name, runs in _print_rates(counted, options.rounds).items():
            cpu = median(many.cpu - few.cpu for few, many in runs) / (options.pictures - SMALL)
            print(f"\nCPU of the job, {name}: {cpu * 1e3:.2f} ms a picture.")
        for processes in (1, len(os.sched_getaffinity(0))):
            rates = [_reads_a_second(many.name, processes) for _ in range(options.rounds)]
            words = f"{processes} x {READERS} threads"
            print(f"\nReads alone, {words}: {median(rates):.0f} a second.")


def _in_shards(bench: Bench, options: argparse.Namespace) -> None:
    """Ten thousand shards, some of which are killed in the middle, joined."""
    folder = bench.folders.digits(options.pictures)
    found = simulate(folder, bench.scratch, bench.their_model, SHARDS, FAILING)
    print(f"{SHARDS} shards of {options.pictures} pictures, {found.empty} of them empty;")
    print(f"{found.killed} were killed in the middle and run again.")
    same = "is byte for byte that" if found.is_same else "is NOT that"
    print(f"The merged CSV {same} of a run that was not cut.")
    took = found.merge
    print(f"Merging took {took.wall:.1f} s, {took.cpu:.1f} s of CPU, {took.peak >> 20} MiB.")


def _reads_a_second(bucket: str, processes: int) -> float:
    """Nothing but reads, by so many processes with so many threads as a worker has."""
    keys = [found["path"] for page in _store(bucket).list() for found in page]
    shares = [keys[first::processes] for first in range(processes)]
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        list(pool.map(_read, repeat(bucket), [share[:READERS] for share in shares]))
        start = time.perf_counter()
        list(pool.map(_read, repeat(bucket), shares))
        return len(keys) / (time.perf_counter() - start)


def _read(bucket: str, keys: list[str]) -> None:
    store, todo = _store(bucket), iter(keys)
    with ThreadPoolExecutor(READERS) as readers:
        for _ in range(READERS):
            readers.submit(lambda: [store.get(key).bytes() for key in todo])


@cache
def _store(bucket: str) -> S3Store:
    return S3Store(bucket, client_options={"allow_http": True})


def _print_rates(
    commands: dict[str, tuple[list[str], list[str], int]], rounds: int
) -> dict[str, list[tuple[Run, Run]]]:
    """Time each: a command over few pictures, one over many, and how many these are."""
    runs: dict[str, list[tuple[Run, Run]]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, (few, many, _) in commands.items():
            runs[name].append((run(few), run(many)))
    print(f"| | pictures | {SMALL}: s | all: s | pictures/s after start-up | ratio |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    first = None
    for name, (_, _, count) in commands.items():
        rate = median((count - SMALL) / (many.wall - few.wall) for few, many in runs[name])
        first = first or rate
        start, whole = (median(r.wall for r in mine) for mine in zip(*runs[name], strict=True))
        print(f"| {name} | {count} | {start:.1f} | {whole:.1f} | {rate:.0f} | {rate / first:.2f} |")
    return runs


MEASURES: Final = {"ray": _on_ray, "s3": _from_s3, "shards": _in_shards}


if __name__ == "__main__":
    main()
