"""One target for each parser: bytes go in, and a result or a documented error comes out.

A target returns for whatever it is given; what it raises is a finding. `test_seeds.py` gives each
its seeds, `__main__.py` what coverage leads to.
"""

import atexit
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.checkpoint.resume import open_checkpoint
from batch_predict.decode import decode
from batch_predict.drift import drift
from batch_predict.drift.profile import profile_of
from batch_predict.errors import InputError, ModelError, OutputError, UsageError
from batch_predict.evaluate import evaluate
from batch_predict.manifest import summary
from batch_predict.manifest.baseline import find_baseline
from batch_predict.manifest.manifest import Manifest
from batch_predict.manifest.model_used import ModelUsed, Preparation
from batch_predict.manifest.read_write import read_manifest
from batch_predict.merge.part_rows import columns_of_all, rows_of
from batch_predict.merge.parts import Part, read_part
from batch_predict.merge.whole import check_whole
from batch_predict.normalize.letterbox import LARGE
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.options import Options
from batch_predict.records import (
    Batch,
    Blank,
    Failure,
    ImageRef,
    Picture,
    Prepared,
    Reduced,
    Row,
    Status,
)
from batch_predict.report.align import align
from batch_predict.report.compare import compare
from batch_predict.report.load import load, texts
from batch_predict.report.look_at import look_at
from batch_predict.report.verdict import headline
from batch_predict.rows import Rows, in_columns
from batch_predict.runtimes.ink import find_ink
from batch_predict.runtimes.looks_plan import LooksPlan
from batch_predict.runtimes.model_file import find_model
from batch_predict.runtimes.padded import are_probabilities
from batch_predict.runtimes.rule import Opinion, Said
from batch_predict.storage.output_paths import checkpoint_file, manifest_file
from batch_predict.tables import csv_table
from batch_predict.tables.registry import input_errors
from batch_predict.truth import find_truth
from tests.support import fakes
from tests.support.damage import SEEDS, damaged
from tests.support.table_rows import ROWS

MAX_PIXELS: Final = 4_000_000
UNSAID: Final = Preparation(None, None)  # a baseline that does not say it is compared
MOST_NORMALIZED: Final = 40_000  # pixels: larger ones would only slow the search down
MODEL: Final = b"PK\x03\x04 looks like a model from afar"
SHA256: Final = b"<sha256>"  # in a seed: the hash that the file has to hold, whatever it is
#: the written form of the pictures that a labels file may name
PATHS: Final = ("7/a.png", "./=1.png", "é☃\\x5c\\xff.png", "b.png", "c/b.png", "d/")
SEED_FOLDER: Final = Path(__file__).parent / "seeds"  # one folder a target


@dataclass(frozen=True)
class Target:
    """A parser behind one function."""

    run: Callable[[bytes], None]
    made: Callable[[], Iterable[bytes]] = tuple  # what a search begins with besides its seeds
    is_json: bool = False  # so that a search may change fields, too


@cache
def folder() -> Path:
    """Where files under test lie, in memory."""
    memory = "/dev/shm"
    place = memory if os.access(memory, os.W_OK) else None
    made = tempfile.mkdtemp(prefix="fuzz-", dir=place)
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return Path(made)


def a_file(name: str, data: bytes) -> str:
    path = folder() / name
    path.write_bytes(data)
    return str(path)


def picture(data: bytes) -> None:
    """A file of a picture, to what the model would see."""
    seen = decode(ImageRef("7/a.png", truth=7), data, MAX_PIXELS)
    if isinstance(seen, Failure):
        return
    assert isinstance(seen, Picture)
    assert seen.pixels.dtype == np.uint8
    assert seen.pixels.ndim == 2 or seen.pixels.shape[2:] == (3,)
    size = seen.pixels.shape[0] * seen.pixels.shape[1]
    assert 0 < size <= MAX_PIXELS
    if size <= MOST_NORMALIZED:
        prepared = normalize(seen, Preprocess.AUTO, Polarity.AUTO)
        if isinstance(prepared, Reduced):
            assert max(prepared.pixels.shape) <= LARGE
            prepared = fakes.marker().read([prepared])[0]
        assert isinstance(prepared, Prepared | Blank)
        if isinstance(prepared, Prepared):
            assert (prepared.pixels.dtype, prepared.pixels.shape) == (np.uint8, (28, 28))


def labels(data: bytes) -> None:
    """A labels file."""
    try:
        truth = find_truth(str(folder() / "pictures"), a_file("labels.csv", data), None)
    except UsageError:
        return
    truth.match(lambda: PATHS)
    for path in PATHS:
        assert truth.of(path) in (None, *range(10))
        if truth.labels_file:
            cells = truth.labels_file.extras(path)
            assert len(cells) == len(truth.labels_file.extra_columns)
            " ".join((*cells, *truth.labels_file.extra_columns)).encode()  # text, not bytes
    found = [(each.what, each.count, each.examples) for each in truth.findings()]
    json.dumps(found, ensure_ascii=False).encode()
    assert all(isinstance(each, str) for each in truth.warnings())


def card(data: bytes) -> None:
    """A model's card, to all that is had from it."""
    path = a_file("model.keras", MODEL)
    a_file("model.json", data.replace(SHA256, hashlib.sha256(MODEL).hexdigest().encode()))
    try:
        model = find_model(path)
    except ModelError:
        return
    json.dumps(ModelUsed.of(model, find_ink()).to_json(), allow_nan=False)
    if model.looks is not None:
        _looked_at(model.looks)
    _scored(model.review_below)
    with suppress(UsageError):
        baseline = find_baseline(None, model, UNSAID, needed=True)
        assert baseline is not None
        drift(_profile(), baseline)


def _looked_at(plan: LooksPlan) -> None:
    assert LooksPlan.read(json.loads(json.dumps(plan.to_json(), allow_nan=False))) == plan
    said = Said.nothing(4)
    answers = np.concatenate([np.eye(10)[[3, 3]], np.full((2, 10), 0.1)]).astype(np.float32)
    said.hear(np.arange(4), np.zeros(4, int), answers)
    for look in filter(None, plan[1:]):
        opinion = look.opinion(said, np.array([True, False, True, False]))
        np.testing.assert_allclose(opinion.probabilities.sum(axis=1), 1, rtol=1e-5)
        assert are_probabilities(opinion.no_digit)
        look.is_sure(opinion, np.ones(4, bool))


def _scored(review_below: float | None) -> None:
    ten = np.full((1, 10), 0.1, np.float32)
    batch = Batch.of([Prepared(ImageRef("a"), np.zeros((28, 28), np.uint8))])
    opinion = Opinion.of_one_look(ten, np.ones(1, np.float32))
    fakes.scorer(1, review_below).rows(batch, opinion)


@cache
def _profile():
    return profile_of([3, 7], [0.9, 0.5], [0.1, 0.2])


def manifest(data: bytes) -> None:
    """A manifest: read, written, summed up, taken for a shard's, and as a baseline."""
    csv = a_file("out.csv", b"path,label,confidence,status,reason\n")
    digest = hashlib.sha256(Path(csv).read_bytes()).hexdigest().encode()
    path = a_file(Path(manifest_file(csv)).name, data.replace(SHA256, digest))
    with suppress(InputError):
        _, read = read_manifest(csv)
        if read:
            form = json.loads(json.dumps(read.to_json(), allow_nan=False))
            assert Manifest.from_json(form) == read
            summary.line(read)
    with suppress(UsageError), ExitStack() as until:
        check_whole([read_part(csv, until)])
    with suppress(UsageError):
        baseline = find_baseline(path, find_model("digits"), UNSAID, needed=True)
        assert baseline is not None
        drift(_profile(), baseline)


def table(data: bytes) -> None:
    """A table that a report is made of, or compared with: CSV, JSON Lines, Parquet."""
    path = a_file("table", data)
    ours = a_file("ours.csv", b"path,label,confidence,status,reason,truth\n7/a.png,7,0.5,ok,,7\n")
    with suppress(InputError), input_errors(path):
        scored = load(path)
        evaluation = evaluate(scored)
        if evaluation.counts.n:
            headline(evaluation)
            look_at(evaluation, None)
        texts(path, {0, 1, len(scored.label) - 1})
    with suppress(InputError), input_errors(path):
        compare(load(ours), align(ours, path))


def part(data: bytes) -> None:
    """The rows of a part of a run, read and written as a merge does it."""
    path = a_file("part.csv", data)
    record, shard = _shard()
    with suppress(UsageError):
        one = Part(path, path, shard, record)
        csv_table.write(os.devnull, in_columns(rows_of(one)), columns_of_all([one]))


@cache
def _shard():
    golden = Path(__file__).parent.parent / "golden" / "manifests_1_0_0" / "shard.run.json"
    record = Manifest.from_json(json.loads(golden.read_text())).record
    return record, record.options.shard


def checkpoint(data: bytes) -> None:
    """A checkpoint after edits, four bytes and a word each: the schema is always today's."""
    options = Options(str(folder()), str(folder() / "scored.csv"), incremental=True)
    target = Path(checkpoint_file(options.output))
    target.write_bytes(damaged(_checkpoint(), list(_edits(data)), mend=False))
    try:
        with open_checkpoint(options, {"model": "m"}) as work:
            list(work.rows())
            assert work.row_count >= 0
            work.store_walk(ImageRef(path, 1, "2") for path in PATHS)
            work.set_refs(work.stored_walk())
            for ref in list(work.pending()):
                work.add(Rows.of([Row(ref, None, None, Status.BLANK)]))
            list(work.rows())
    except OutputError:
        pass
    for left in folder().glob(".scored.csv*"):
        left.unlink()


@cache
def _checkpoint() -> bytes:
    path = folder() / "whole"
    with Checkpoint(str(path), {"model": "m"}) as work:
        work.set_refs(row.ref for row in ROWS)
        work.add(Rows.of(ROWS))
    return path.read_bytes()


_KINDS: Final = ("write", "write", "write", "insert", "delete", "cut")


def _edits(data: bytes) -> Iterator[tuple[str, int, object]]:
    """What `damaged` takes: of eight bytes, a kind, a place of three, and four to write."""
    for at in range(0, len(data) - 7, 8):
        kind = _KINDS[data[at] % len(_KINDS)]
        word = data[at + 4 : at + 8]
        what = {"delete": 1 + word[0], "cut": None}.get(kind, word)
        yield kind, int.from_bytes(data[at + 1 : at + 4]), what


TARGETS: Final = {
    "picture": Target(picture, lambda: SEEDS),
    "labels": Target(labels),
    "card": Target(card, is_json=True),
    "manifest": Target(manifest, is_json=True),
    "table": Target(table),
    "part": Target(part),
    "checkpoint": Target(checkpoint),
}
