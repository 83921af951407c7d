"""`python -m tests.bench.same_csv BEFORE`: whether another checkout's program writes the same CSV.

    git worktree add ../before COMMIT
    DIGITS_DATA=... python -m tests.bench.same_csv ../before --sets . --count 50 --cache DIR

BEFORE is a checkout of a former commit. Both programs run over the sample pictures, phone photos
and scans, the folders that are given, and, where $DIGITS_DATA is set, MNIST as PNGs, the
development sets, and the sets of the accuracy benchmark whose name matches `--sets`. Both have the
model of BEFORE, so that what differs is of the program. Of each folder it prints how many rows
there are, how many differ in any byte, and in their label and status; then these rows. It ends with
1 if there is one.
"""

import argparse
import csv
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from batch_predict.errors import ExitCode
from batch_predict.runtimes import RUNTIMES
from tests.bench.folders import Folders
from tests.bench.pages import phone_photos, scans
from tests.conftest import ROOT, SAMPLES

FINISHED: Final = (ExitCode.OK, ExitCode.FAILURES)
TOLD: Final = ("label", "confidence", "status", "reason")  # of a row that differs
NONE: Final = "no row"
COUNTED: Final = ("label", "status")
MODEL: Final = Path("models", "digits.keras")  # of a checkout

_Row: TypeAlias = dict[str, str]


class Change(NamedTuple):
    """A row that is not what it was."""

    path: str
    before: str
    after: str
    columns: tuple[str, ...]  # that differ; of a row that one of both lacks, all


def changes(before: Path, after: Path) -> list[Change]:
    """The rows of two CSVs that differ in any column, in the order of `after`."""
    old, new = _rows(before), _rows(after)
    paths = dict.fromkeys([*new, *old])
    pairs = ((path, old.get(path), new.get(path)) for path in paths)
    return [
        Change(path, _told(one), _told(other), _differing(one, other))
        for path, one, other in pairs
        if one != other
    ]


def _differing(one: _Row | None, other: _Row | None) -> tuple[str, ...]:
    one, other = one or {}, other or {}
    return tuple(name for name in (one | other) if one.get(name) != other.get(name))


def _rows(table: Path) -> dict[str, _Row]:
    with table.open(encoding="utf-8", newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def _told(row: _Row | None) -> str:
    return NONE if row is None else " ".join(row[name] for name in TOLD if row[name])


def score(checkout: Path, folder: Path, model: Path, runtime: str, out: Path) -> None:
    """Run the program of `checkout` over all files of `folder`; raises CalledProcessError."""
    command = ["batch_predict", str(folder.resolve()), str(out), "--runtime", runtime]
    command += ["--model", str(model.resolve())]
    options = ["--probabilities", "--all-files", "--no-labels", "--quiet"]
    done = subprocess.run([sys.executable, "-m", *command, *options], cwd=checkout, check=False)
    if done.returncode not in FINISHED:
        done.check_returncode()


def folders(scratch: Path, options: argparse.Namespace) -> Iterator[tuple[str, Path]]:
    """What is scored, by name."""
    made = Folders(scratch)
    yield "sample pictures", SAMPLES
    yield "phone photos", made.of_files("photos", list(phone_photos(options.large)), 1)
    yield "scans", made.of_files("scans", list(scans(options.large)), 1)
    if data := os.environ.get("DIGITS_DATA"):
        yield "MNIST", made.digits(options.pictures)
        yield "development sets", Path(data, "dev")
    if options.sets:
        yield "sets", _sets(scratch / "sets", options)
    yield from ((str(folder), folder) for folder in options.folders)


def _sets(folder: Path, options: argparse.Namespace) -> Path:
    """A folder with one for each set of the accuracy benchmark that is asked for."""
    from tests.bench.sets import NotHadError, makers

    for name, make in makers(cache=options.cache).items():
        if not re.search(options.sets, name):
            continue
        with suppress(NotHadError):
            samples = make(options.count)
            each = folder / name
            each.mkdir(parents=True)
            for number, sample in enumerate(samples):
                (each / f"{number:05d}").write_bytes(sample.data)
    return folder


def main(argv: Sequence[str] | None = None) -> int:
    """Print the tables; 0: all is as it was."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.same_csv",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("before", type=Path, help="the other checkout")
    parser.add_argument("folders", nargs="*", type=Path, help="more of them")
    parser.add_argument("--runtime", default="onnx", choices=RUNTIMES)
    parser.add_argument("--pictures", type=int, default=70_000)
    parser.add_argument("--large", type=int, default=2, help="photos and scans of each size")
    parser.add_argument("--sets", default="", help="a pattern; needs $DIGITS_DATA")
    parser.add_argument("--count", type=int, default=20, help="pictures of each of these")
    parser.add_argument("--cache", type=Path, help="see `tests.bench.accuracy`")
    options = parser.parse_args(argv)
    found: dict[str, list[Change]] = {}
    print(f"| folder | rows | differ | {' | '.join(COUNTED)} |\n| --- |{' ---: |' * 4}")
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        tables = Path(scratch, "before.csv"), Path(scratch, "after.csv")
        for name, folder in folders(Path(scratch), options):
            for checkout, table in zip((options.before, ROOT), tables, strict=True):
                score(checkout, folder, options.before / MODEL, options.runtime, table)
            same = tables[0].read_bytes() == tables[1].read_bytes()
            found[name] = [] if same else changes(*tables)
            assert same or found[name], f"{name}: the rows are the same, the bytes are not"
            counts = [sum(column in one.columns for one in found[name]) for column in COUNTED]
            cells = [len(_rows(tables[1])), len(found[name]), *counts]
            print(f"| {name} | {' | '.join(map(str, cells))} |", flush=True)
    if any(found.values()):
        print("\n| folder | path | before | after |\n| --- | --- | --- | --- |")
    for name, changed in found.items():
        for change in changed:
            print(f"| {name} | {' | '.join(change[:3])} |")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
