"""The local engine, and what it leaves alone in the process that runs it."""

import gc
import os
import signal
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from batch_predict.engines import local_engine
from batch_predict.engines.local_engine import run
from batch_predict.engines.worker_pool import WorkerPool
from batch_predict.errors import InputError, causes
from batch_predict.options import Options, OwnProcessOptions
from batch_predict.prepare import Postponed, PrepareStep
from batch_predict.records import Code, Failure, ImageRef, Prepared, Reason, Status
from batch_predict.rows import Rows
from batch_predict.scoring import Scorer
from batch_predict.storage import open_storage
from tests.conftest import noise
from tests.support import fakes
from tests.support.steps import Step

BATCH = 8
COUNT = 700  # more than one task's pictures


def refs(count: int = COUNT) -> list[ImageRef]:
    return [ImageRef(f"{n:05d}.png", n) for n in range(count)]


def make_scorer() -> Scorer:
    return fakes.scorer(BATCH)


def score(prepare: Callable[[ImageRef], Prepared]) -> Iterator[Rows]:
    return run_step(Step(prepare))


def run_step(step: Step, count: int = COUNT) -> Iterator[Rows]:
    options = Options("in", "out.csv", batch_size=BATCH, workers=2)
    return run(refs(count), step, make_scorer, options)


def good(ref: ImageRef) -> Prepared:
    return Prepared(ref, noise(ref.size))


def test_every_picture_has_its_row_and_its_label() -> None:
    rows = sorted(row for rows in score(good) for row in rows)
    assert [row.ref for row in rows] == refs()
    assert [row.label for row in rows] == [fakes.expected(noise(n))[0] for n in range(COUNT)]


def test_killed_workers_change_nothing(tmp_path: Path) -> None:
    def prepare(ref: ImageRef) -> Prepared:
        """Kill this process at ten pictures, the first time that it prepares them."""
        if ref.size % 70 == 0 and not (mark := tmp_path / ref.path).exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return good(ref)

    undisturbed = sorted(row for rows in score(good) for row in rows)
    assert sorted(row for rows in score(prepare) for row in rows) == undisturbed
    assert len(list(tmp_path.iterdir())) == 10


def test_a_large_picture_is_prepared_once_its_worker_has_no_cap() -> None:
    def prepare(ref: ImageRef) -> Prepared | Failure:
        return Failure(ref, Reason(Code.CORRUPT, "damaged")) if is_large(ref) else good(ref)

    def prepare_capped(ref: ImageRef) -> Prepared | Postponed:
        return Postponed(ref) if is_large(ref) else good(ref)

    def is_large(ref: ImageRef) -> bool:
        return ref.size % 100 == 7

    rows = [row for rows in run_step(Step(prepare, prepare_capped)) for row in rows]
    assert sorted(row.ref for row in rows) == refs()
    failed = {row.ref for row in rows if row.status is Status.FAILED}
    assert failed == set(filter(is_large, refs()))


def test_a_bug_in_a_worker_is_raised_here() -> None:
    def prepare(ref: ImageRef) -> Prepared:
        raise KeyError(ref.path)

    with pytest.raises(KeyError, match="png") as caught:
        list(score(prepare))
    assert "in prepare" in caught.value.__notes__[0]


def test_a_bug_whose_exception_can_be_sent_nowhere_is_raised_here_by_its_name() -> None:
    def prepare(ref: ImageRef) -> Prepared:
        class LocalError(Exception):
            """Pickle finds no class in a function."""

        raise LocalError("no way out")

    with pytest.raises(RuntimeError, match="LocalError: no way out") as caught:
        list(score(prepare))
    assert "in prepare" in caught.value.__notes__[0]


def test_the_causes_of_an_error_for_the_user_come_out_of_a_worker() -> None:
    def prepare(ref: ImageRef) -> Prepared:
        raise InputError("the store went away") from OSError("no route")

    with pytest.raises(InputError, match="the store went away") as caught:
        list(score(prepare))
    assert causes(caught.value) == ("OSError: no route",)


@pytest.mark.parametrize(
    ("end", "cause"),
    [
        pytest.param(
            lambda: os._exit(3),
            "its process ended with exit code 3",
            id="exit",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            lambda: os.kill(os.getpid(), signal.SIGSEGV),
            "its process was ended by signal 11, Segmentation fault",
            id="crash",
        ),
    ],
)
def test_how_a_worker_ended_is_the_cause_of_its_pictures_failure(
    end: Callable[[], None], cause: str
) -> None:
    def prepare(ref: ImageRef) -> Prepared:
        if ref == refs()[3]:
            end()
        return good(ref)

    failed = [row for rows in score(prepare) for row in rows if row.status is Status.FAILED]
    assert [(row.ref, row.cause) for row in failed] == [(refs()[3], cause)]


def test_closing_ends_the_workers(tmp_path: Path) -> None:
    def prepare(ref: ImageRef) -> Prepared:
        (tmp_path / str(os.getpid())).touch()
        return good(ref)

    batches = score(prepare)
    next(batches)
    batches.close()  # type: ignore[attr-defined]
    for pid in map(int, os.listdir(tmp_path)):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_only_the_workers_take_what_is_there_for_no_garbage() -> None:
    frozen_in_worker = cache(gc.get_freeze_count)  # it counts object by object: once a worker

    def prepare(ref: ImageRef) -> Prepared:
        assert frozen_in_worker()
        return good(ref)

    frozen = gc.get_freeze_count()
    assert list(score(prepare))
    assert gc.get_freeze_count() == frozen


def test_a_worker_holds_nothing_that_the_run_has_open(tmp_path: Path) -> None:
    def prepare(ref: ImageRef) -> Prepared:
        names = {os.path.realpath(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")}
        assert str(tmp_path / "lock") not in names
        return good(ref)

    with open(tmp_path / "lock", "w"):
        assert sum(map(len, score(prepare))) == COUNT


def test_a_program_with_opencv_threads_of_its_own_can_run_the_job() -> None:
    before = cv2.getNumThreads()
    cv2.setNumThreads(4)
    cv2.GaussianBlur(np.zeros((1000, 1000, 3), np.float32), (31, 31), 5)  # the pool has threads now
    try:
        assert sum(map(len, score(good))) == COUNT
        assert cv2.getNumThreads() == 4
    finally:
        cv2.setNumThreads(before)


@pytest.mark.parametrize(
    ("survives_fork", "starts"),
    [pytest.param(True, "fork", id="folder"), pytest.param(False, "interpreter", id="bucket")],
)
def test_the_step_says_how_workers_start(
    survives_fork: bool, starts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    class Pool(WorkerPool):
        def __init__(self, prepare: PrepareStep, *arguments: Any) -> None:
            asked.append(arguments[-1])
            super().__init__(prepare, 1, 30.0, "fork")

    monkeypatch.setattr(local_engine, "WorkerPool", Pool)
    assert list(run_step(Step(good, survives_fork=survives_fork), count=1))
    assert asked == [starts]


def test_a_bucket_that_was_opened_does_not_matter_to_a_folder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    open_storage("s3://bucket/in")
    # A function in a function can't be sent to a new interpreter: only a fork has it.
    assert sum(map(len, score(lambda ref: good(ref)))) == COUNT  # noqa: PLW0108


@pytest.mark.parametrize(
    ("options_type", "collects_garbage"),
    [
        pytest.param(OwnProcessOptions, False, id="command line"),
        pytest.param(Options, True, id="a program's"),
    ],
)
def test_the_model_is_loaded_in_the_way_that_the_process_allows(
    options_type: type[Options], collects_garbage: bool
) -> None:
    found = []

    def make() -> Scorer:
        found.append(gc.isenabled())
        return make_scorer()

    options = options_type("in", "out.csv", batch_size=BATCH, workers=1)
    try:
        assert list(run(refs(1), Step(good), make, options))
    finally:
        gc.unfreeze()
    assert found == [collects_garbage]
