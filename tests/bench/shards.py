"""A run in ten thousand shards, some of which are killed and start again, joined by `merge`.

The whole is scored once. Most parts are cut from its table by the program's own `shard`, writer and
manifest, which takes a millisecond for each; those that fail are run, each in a process of its own
that kills itself in the middle, and run again.
"""

import os
import random
import signal
from collections.abc import Sequence
from dataclasses import replace
from filecmp import cmp
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict import job
from batch_predict.errors import ExitCode
from batch_predict.manifest.manifest import Manifest
from batch_predict.manifest.read_write import read_manifest, write_manifest
from batch_predict.manifest.run_counts import RowCounter
from batch_predict.options import Options
from batch_predict.records import Row
from batch_predict.rows import in_columns
from batch_predict.runtimes import RUNTIMES, Classifier, Runtime
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.shard import Shard, index_of
from batch_predict.storage.file_hash import file_sha256
from batch_predict.storage.output_paths import checkpoint_file, manifest_file
from batch_predict.tables.columns import columns_of
from batch_predict.tables.csv_table import read_rows, write
from tests.bench.measure import Run, run
from tests.support import fakes

_RUNTIME: Final = "fake"  # its answers depend on the pixels: a row in another's place shows


class Simulated(NamedTuple):
    """What came of it."""

    empty: int  # shards without a picture
    killed: int  # shards that were run twice
    is_same: bool  # whether the merged CSV is that of the whole, byte for byte
    merge: Run


def simulate(in_dir: Path, scratch: Path, model: str, shards: int, share: float) -> Simulated:
    """Score the pictures in `in_dir` in so many `shards`, of which a `share` fail."""
    RUNTIMES[_RUNTIME] = "tests.support.fakes:RUNTIME"
    whole = Options(str(in_dir), str(scratch / "whole.csv"), model=model, runtime=_RUNTIME)
    whole = replace(whole, batch_size=1, workers=1, quiet=True)
    assert job.run(whole) == ExitCode.OK
    parts = [
        replace(whole, output=str(scratch / f"part-{index:05}.csv"), shard=Shard(index, shards))
        for index in range(shards)
    ]
    held = _cut(whole, parts)
    having = [index for index, rows in enumerate(held) if rows]
    killed = random.Random(0).sample(having, round(share * shards))
    for index in killed:
        _run_twice(parts[index], batches=len(held[index]))
    merged = str(scratch / "merged.csv")
    took = run(
        ["batch_predict.merge", merged, *(part.output for part in parts)], look_at_memory=True
    )
    is_same = cmp(whole.output, merged, shallow=False)
    return Simulated(shards - len(having), len(killed), is_same, took)


def _cut(whole: Options, parts: Sequence[Options]) -> list[list[Row]]:
    """Write `parts` of the table of the `whole` run; returns their rows."""
    _, manifest = read_manifest(whole.output)
    assert manifest is not None
    held: list[list[Row]] = [[] for _ in parts]
    for row in read_rows(whole.output):
        held[index_of(row.ref.path, len(parts))].append(row)
    columns = columns_of(truth=False, probabilities=False)
    for part, rows in zip(parts, held, strict=True):
        counter = RowCounter()
        write(part.output, counter.pass_through(in_columns(iter(rows))), columns)
        record = replace(
            manifest.record,
            invocation=replace(manifest.record.invocation, options=part),
            walk=replace(manifest.record.walk, kept=len(rows)),
            counts=counter.counts(),
            csv_sha256=file_sha256(part.output),
        )
        write_manifest(Manifest(record, None, ExitCode.OK), manifest_file(part.output))
    return held


def _run_twice(part: Options, batches: int) -> None:
    """Run a `part` in a process that dies at half of its `batches`, then in one that does not.

    Raises:
        AssertionError: its table is not the one that is there.
    """
    expected = Path(part.output).read_bytes()
    os.unlink(part.output)
    os.unlink(manifest_file(part.output))
    assert _run(part, dies_at=batches // 2) == -signal.SIGKILL
    assert os.path.exists(checkpoint_file(part.output))
    assert _run(part, dies_at=None) == ExitCode.OK
    assert Path(part.output).read_bytes() == expected


def _run(part: Options, dies_at: int | None) -> int:
    """Run a `part` in a fork of this process; returns its exit code, negative for a signal."""
    child = os.fork()
    if not child:
        _Dying.at = dies_at
        RUNTIMES[_RUNTIME] = f"{__name__}:DYING"
        os._exit(job.run(part))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class _Dying:
    """A classifier that kills its process at its batch number `at`."""

    at: int | None = None

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self._batches = 0

    def __call__(self, pixels: NDArray[np.float32]) -> tuple[NDArray[np.float32], ...]:
        if self._batches == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        self._batches += 1
        return self._classifier.network(pixels)


def _load_dying(model: ModelFile, batch_size: int) -> Classifier:
    return Classifier(_Dying(fakes.load_classifier(model, batch_size)))


DYING: Final = Runtime(_load_dying, fakes.load_any_size)
