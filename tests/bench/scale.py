"""`python -m tests.bench.scale ray|s3|packed|shards|page`: what holds beyond one machine, measured.

    DIGITS_DATA=... python -m tests.bench.scale ray --count 70000 --rounds 1
    DIGITS_DATA=... python -m tests.bench.scale s3 --count 10000 --rounds 2
    DIGITS_DATA=... python -m tests.bench.scale packed --count 70000 --rounds 7 --model digits
    DIGITS_DATA=... python -m tests.bench.scale shards --count 20000
    DIGITS_DATA=... python -m tests.bench.scale page --count 10000 --rounds 3 --prices get=0.0004

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
from batch_predict.storage import open_storage
from batch_predict.storage.bucket import AT_ONCE
from batch_predict.storage.output_paths import cache_file
from batch_predict.storage.selection import Selection
from tests.bench.__main__ import about
from tests.bench.measure import Run, in_turn, run
from tests.bench.packed import packed
from tests.bench.scaling import (
    Figures,
    Layout,
    Prices,
    billion_table,
    bottlenecks_table,
    figures_table,
)
from tests.bench.shards import simulate
from tests.bench.speed import SMALL, Bench, compared
from tests.bench.store import Asked, asked_of, storing
from tests.s3.server import environment
from train.export_onnx import export

PLAIN: Final = 20_000  # pictures at most for the plain Ray script, which is slow
SHARDS: Final = 10_000
PARTS: Final = 16  # that are merged to see what a row takes
MERGES: Final = 3  # tries
PACKED: Final = "packed"  # the bucket of archives
PRICES: Final = f"US dollars, see tests.bench.scaling.Prices: {', '.join(Prices._fields)}"
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
    parser.add_argument("--prices", nargs="*", default=[], metavar="NAME=DOLLARS", help=PRICES)
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


def _packed(bench: Bench, options: argparse.Namespace) -> None:
    """The job over a folder, and over files that hold the same pictures."""
    shipped = Bench(bench.scratch, options.model, bench.their_model)  # with its card
    many = bench.folders.digits(options.pictures)
    places = {"a folder": many, **packed(many, bench.scratch / PACKED)}
    commands = {name: shipped.ours(place, options.runtime) for name, place in places.items()}
    runs = in_turn(commands, options.rounds)
    base, *_ = runs.values()
    print("| | wall s | ratio | CPU s | ratio |\n| --- | ---: | ---: | ---: | ---: |")
    for name, mine in runs.items():
        cells = [
            *compared([each.wall for each in mine], [each.wall for each in base]),
            *compared([each.cpu for each in mine], [each.cpu for each in base]),
        ]
        print(f"| {name} | {' | '.join(cells)} |")


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


def _for_page(bench: Bench, options: argparse.Namespace) -> None:
    """The figures and tables of docs/explanation/scaling.md."""
    count = options.pictures
    given = dict(each.split("=") for each in options.prices)
    prices = Prices(**{name: float(dollars) for name, dollars in given.items()})
    few, many = bench.folders.digits(SMALL), bench.folders.digits(count)
    few_packed, many_packed = (packed(each, bench.scratch / PACKED) for each in (few, many))
    layouts = [("objects", few, many)]  # all before the store looks, which it does once
    layouts += [(name, few_packed[name], file) for name, file in many_packed.items()]
    with storing(few.parent, LATENCY_S) as port:
        os.environ |= environment(port)
        figures = Figures(
            tuple(_layout(bench, options, port, *layout) for layout in layouts),
            keys_s=_keys_a_second(f"s3://{many.name}"),
            merge_us=_merge_us(bench, few, many),
            work_bytes=_work_bytes(bench, options, many) // count,
        )
    print(figures_table(figures))
    print(billion_table(figures, prices))
    print(bottlenecks_table(figures))


def _layout(
    bench: Bench, options: argparse.Namespace, port: int, name: str, few: Path, many: Path
) -> Layout:
    """What a job over pictures that lie so takes for each; fewer are taken off."""
    more = options.pictures - SMALL
    asked: list[tuple[Asked, Asked]] = []
    runs: list[tuple[Run, Run]] = []
    for _ in range(options.rounds):
        pair = []
        for place in few, many:
            command = bench.ours(f"s3://{place.relative_to(bench.scratch)}", options.runtime)
            asked_of(port)
            pair.append((run(command), asked_of(port)))
        (small, of_small), (whole, of_whole) = pair
        runs.append((small, whole))
        asked.append((of_small, of_whole))
    small_asked, whole_asked = asked[0]
    files = many.iterdir() if many.is_dir() else [many]
    return Layout(
        name,
        stored=round(sum(file.stat().st_size for file in files) / options.pictures),
        read=round((whole_asked.sent - small_asked.sent) / more),
        gets=round((whole_asked.others - small_asked.others) / more * 1000, 2),
        lists=round((whole_asked.lists - small_asked.lists) / more * 1000, 2),
        cpu_us=round(median(whole.cpu - small.cpu for small, whole in runs) / more * 1e6),
    )


def _keys_a_second(address: str) -> int:
    listing = open_storage(address).walk(Selection())
    start = time.perf_counter()
    count = sum(1 for _ in listing)
    return round(count / (time.perf_counter() - start))


def _merge_us(bench: Bench, few: Path, many: Path) -> int:
    """CPU time: the least of some tries, for a start takes longer than ten thousand rows."""
    cpu = {}
    for folder in few, many:
        tries = []
        for number in range(MERGES):
            scratch = bench.scratch / f"parts-of-{folder.name}-{number}"
            scratch.mkdir()
            tries.append(simulate(folder, scratch, bench.their_model, PARTS, 0).merge.cpu)
        cpu[folder] = min(tries)
    rows = len(os.listdir(many)) - len(os.listdir(few))
    return round((cpu[many] - cpu[few]) / rows * 1e6)


def _work_bytes(bench: Bench, options: argparse.Namespace, folder: Path) -> int:
    run(bench.ours(folder, options.runtime, "--incremental"))
    return os.path.getsize(cache_file(bench.out(f"batch_predict-{options.runtime}")))


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


MEASURES: Final = {
    "ray": _on_ray,
    "s3": _from_s3,
    "packed": _packed,
    "shards": _in_shards,
    "page": _for_page,
}


if __name__ == "__main__":
    main()
