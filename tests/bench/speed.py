"""The tables of `python -m tests.bench`: what runs cost, ours and those of others."""

import csv
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from tests.bench import pages
from tests.bench.beside import main_process_cpu
from tests.bench.folders import Folders
from tests.bench.measure import Run, in_turn, ratio, run

SMALL: Final = 100  # pictures: what a run costs before it has much to do
KERAS_UTILITY: Final = "keras"  # the rival that the ratios are against
NAMES: Final = {
    KERAS_UTILITY: "Keras utility",
    "pillow": "Pillow loop, one predict",
    "pytorch": "PyTorch DataLoader",
    "ray": "Ray Data",
}
PILLOW: Final = "Pillow, decoded whole, to 28x28"
RUNTIME: Final = "onnx"  # where a figure hardly depends on it
# kind -> how its files are made, and how often each is read in a run over many: some 90 more of
# each kind than in a run over few, with two of each size
LARGE: Final = {"phone photo": (pages.phone_photos, 12), "scan": (pages.scans, 4)}
ALIKE: Final = 0.9  # of the labels, at least, whatever the network: a misplaced row would show


class Bench:
    """Folders of pictures, and commands to run over them."""

    def __init__(self, scratch: Path, model: str, their_model: str) -> None:
        """`model` is a name or a path, `their_model` the path of a Keras file."""
        self.scratch = scratch
        self.folders = Folders(scratch)
        self._model = model
        self.their_model = their_model

    def ours(self, folder: Path | str, runtime: str, *options: str) -> list[str]:
        """The job over `folder`, which may be a bucket."""
        out = self.out(f"batch_predict-{runtime}")
        return [
            *("batch_predict", str(folder), out, "--model", self._model),
            *("--runtime", runtime, *options),
        ]

    def theirs(self, rival: str, folder: Path) -> list[str]:
        """The `rival` over `folder`."""
        return ["tests.bench.rivals", rival, str(folder), self.their_model, self.out(rival)]

    def out(self, name: str) -> str:
        """Where the contestant `name` writes its CSV."""
        return str(self.scratch / f"{name}.csv")

    def check(self, count: int) -> None:
        """Raises AssertionError unless all that ran told `count` pictures much alike."""
        tables = {path.stem: _labels(path) for path in self.scratch.glob("*.csv")}
        first = next(iter(tables.values()))
        assert len(first) == count
        for name, table in tables.items():
            assert table.keys() == first.keys(), f"{name} has other pictures"
            alike = sum(table[path] == label for path, label in first.items())
            assert alike >= ALIKE * count, f"{name} has other labels for {count - alike}"


class Both(NamedTuple):
    """Runs over few pictures and over many, as many of the one as of the other."""

    few: list[Run]
    many: list[Run]
    more: int  # pictures, of the latter

    @property
    def cpu_more(self) -> list[float]:
        """CPU seconds of a picture more."""
        pairs = zip(self.few, self.many, strict=True)
        return [(many.cpu - few.cpu) / self.more for few, many in pairs]


def pngs(bench: Bench, options: Namespace) -> Iterator[str]:
    """Small PNGs without truth: ours on each runtime, beside other ways to do it."""
    count = options.pictures
    commands, peaks = {}, {}
    for which, pictures in (("few", SMALL), ("many", count)):
        folder = bench.folders.digits(pictures)
        together = {f"batch_predict, {r}": bench.ours(folder, r) for r in options.runtimes}
        together |= {NAMES[r]: bench.theirs(r, folder) for r in options.rivals}
        for name, command in together.items():
            peaks[name] = run(command, look_at_memory=True).peak  # a first round, not timed
            commands[name, which] = command
        bench.check(pictures)
    runs = in_turn(commands, options.rounds)
    found = {name: Both(runs[name, "few"], runs[name, "many"], count - SMALL) for name in peaks}
    base = NAMES[KERAS_UTILITY]
    base = base if base in found else next(iter(found))
    yield (
        f"| {count} PNGs without truth | wall s | ratio | CPU s | CPU us a picture more | ratio "
        f"| peak MiB | ratio | {SMALL} PNGs: wall s | ratio |"
    )
    yield f"| --- |{' ---: |' * 9}"
    for name, mine in found.items():
        cells = [
            *compared([r.wall for r in mine.many], [r.wall for r in found[base].many]),
            f"{median(r.cpu for r in mine.many):.2f}",
            *compared(mine.cpu_more, found[base].cpu_more, 1e6, 0),
            f"{peaks[name] >> 20}",
            f"{peaks[name] / peaks[base]:.2f}",
            *compared([r.wall for r in mine.few], [r.wall for r in found[base].few]),
        ]
        yield f"| {name} | {' | '.join(cells)} |"


def large(bench: Bench, options: Namespace) -> Iterator[str]:
    """Phone photos and scans: CPU of one more, beside Pillow's alone."""
    found: dict[str, dict[str, Both]] = {}
    for kind, (make, often) in LARGE.items():
        files = list(make(options.large))
        commands = {}
        for which, times in (("few", 1), ("many", often)):
            folder = bench.folders.of_files(kind.replace(" ", "-"), files, times)
            commands[PILLOW, which] = ["tests.bench.reduced", str(folder)]
            for runtime in options.runtimes:
                commands[f"batch_predict, {runtime}", which] = bench.ours(folder, runtime)
        runs = in_turn(commands, options.rounds)
        more = len(files) * (often - 1)
        found[kind] = {
            name: Both(runs[name, "few"], runs[name, "many"], more)
            for name in dict.fromkeys(name for name, _ in commands)
        }
    yield f"| CPU ms of one more | {' | '.join(f'{kind} | ratio' for kind in found)} |"
    yield f"| --- |{' ---: |' * 2 * len(found)}"
    for name in next(iter(found.values())):  # the same of each kind
        pairs = [(one[name].cpu_more, one[PILLOW].cpu_more) for one in found.values()]
        cells = [cell for mine, base in pairs for cell in compared(mine, base, 1e3, 1)]
        yield f"| {name} | {' | '.join(cells)} |"


def reports(bench: Bench, options: Namespace) -> Iterator[str]:
    """What truth that is there adds to a run, for it is given a report then."""
    yield "| rows | runtime | wall s | a report adds, s | peak MiB | a report adds, MiB |"
    yield f"| ---: | --- |{' ---: |' * 4}"
    tried = [(SMALL, runtime) for runtime in options.runtimes]
    tried += [(options.report_rows, RUNTIME)] * (options.report_rows > 0)
    for count, runtime in tried:
        with_report = bench.ours(bench.folders.digits_with_truth(count), runtime)
        commands = {"without": [*with_report, "--no-labels"], "with": with_report}
        peaks = {name: run(each, look_at_memory=True).peak for name, each in commands.items()}
        runs = in_turn(commands, options.rounds if count == SMALL else 1)
        pairs = zip(runs["without"], runs["with"], strict=True)
        added = median(after.wall - before.wall for before, after in pairs)
        cells = [
            f"{median(r.wall for r in runs['without']):.2f}",
            f"{added:.2f}",
            f"{peaks['without'] >> 20}",
            f"{(peaks['with'] - peaks['without']) >> 20}",
        ]
        yield f"| {count} | {runtime} | {' | '.join(cells)} |"


def others(bench: Bench, options: Namespace) -> Iterator[str]:
    """What does not depend on networks."""
    count = options.pictures
    few, many = bench.folders.digits(SMALL), bench.folders.digits(count)
    each = range(options.rounds)
    beside = median(
        main_process_cpu(bench.ours(many, RUNTIME)[1:])
        - main_process_cpu(bench.ours(few, RUNTIME)[1:])
        for _ in each
    )
    again = bench.ours(many, RUNTIME, "--incremental")
    run(again)
    yield "| what | |\n| --- | ---: |"
    beside_us = beside / (count - SMALL) * 1e6
    yield f"| main process beside the networks, CPU us a picture more | {beside_us:.1f} |"
    helped = median(run(["batch_predict", "--help"]).wall for _ in each)
    yield f"| `--help`, wall s | {helped:.2f} |"
    nothing = median(run(again).wall for _ in each)
    yield f"| `--incremental` with nothing new, {count} PNGs, wall s | {nothing:.2f} |"


TABLES: Final = {"pngs": pngs, "large": large, "reports": reports, "others": others}


def compared(
    mine: Sequence[float], base: Sequence[float], unit: float = 1, decimals: int = 2
) -> tuple[str, str]:
    """The median of `mine`, and its ratio to `base`."""
    return f"{median(mine) * unit:.{decimals}f}", f"{ratio(mine, base):.2f}"


def _labels(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["path"]: row["label"] for row in csv.DictReader(file)}
