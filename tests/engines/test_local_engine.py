"""The local engine's workers: slow, dying, killed from outside, and gone when the run is."""

import gc
import importlib
import os
import posix
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from batch_predict.engines.local_engine import run
from batch_predict.options import Options
from batch_predict.prepare import PrepareStep
from batch_predict.records import (
    Code,
    Failure,
    ImageRef,
    Prepared,
    Reason,
    Row,
    Status,
    join_reasons,
)
from batch_predict.scoring import Scorer
from tests.conftest import noise
from tests.support import fakes

BATCH = 8
COUNT = 700  # more than one task's pictures


def refs(count: int = COUNT) -> list[ImageRef]:
    return [ImageRef(f"{n:05d}.png", n) for n in range(count)]


def make_scorer() -> Scorer:
    return Scorer(fakes.load("", BATCH, 0), BATCH, None)


def score(
    prepare: PrepareStep, count: int = COUNT, image_timeout: float = 30.0
) -> Iterator[list[Row]]:
    options = Options("in", "out.csv", batch_size=BATCH, workers=2, image_timeout=image_timeout)
    return run(refs(count), prepare, make_scorer, options)


def good(ref: ImageRef) -> Prepared:
    return Prepared(ref, noise(ref.size))


TIMEOUT = "timeout: its decoding took too long"
CRASHED = "decoder_crashed: its decoding ended the process"


def hang() -> None:
    """As if all the time had passed that is left, so that other pictures have theirs."""
    left, _ = signal.getitimer(signal.ITIMER_REAL)
    assert 0 < left <= 33
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    time.sleep(60)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        pytest.param(hang, TIMEOUT, id="hangs"),
        pytest.param(lambda: os.kill(os.getpid(), signal.SIGSEGV), CRASHED, id="crashes"),
        # coverage has a hand in os._exit
        pytest.param(lambda: posix._exit(0), CRASHED, id="exits"),
    ],
)
@pytest.mark.parametrize("culprits", [{0}, {699}, {100, 101, 300}])
def test_a_fault_costs_one_row(fault: Callable[[], None], reason: str, culprits: set[int]) -> None:
    def prepare(ref: ImageRef) -> Prepared:
        if ref.size in culprits:
            fault()
        return good(ref)

    rows = sorted(row for rows in score(prepare) for row in rows)
    assert [row.ref for row in rows] == refs()
    assert {row.ref.size for row in rows if row.status is Status.FAILED} == culprits
    assert {join_reasons(row.reasons) for row in rows if row.ref.size in culprits} == {reason}


def test_a_picture_has_its_time() -> None:
    def prepare(ref: ImageRef) -> Prepared:
        time.sleep(60)
        return good(ref)

    begun = time.monotonic()
    (rows,) = score(prepare, count=1, image_timeout=0.3)
    assert [join_reasons(row.reasons) for row in rows] == [TIMEOUT]
    assert time.monotonic() - begun >= 0.3


def test_killed_workers_change_nothing(tmp_path: Path) -> None:
    def prepare(ref: ImageRef) -> Prepared:
        """Kill this process at ten pictures, the first time that they are in hand."""
        if ref.size % 70 == 0 and not (mark := tmp_path / ref.path).exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return good(ref)

    undisturbed = sorted(row for rows in score(good) for row in rows)
    assert sorted(row for rows in score(prepare) for row in rows) == undisturbed
    assert len(list(tmp_path.iterdir())) == 10


def test_a_picture_too_big_to_share_is_prepared_alone() -> None:
    def prepare(ref: ImageRef) -> Prepared | Failure:
        if ref.size % 100 == 7:
            return Failure(ref, Reason(Code.TOO_LARGE, "9 pixels"))
        return good(ref)

    rows = [row for rows in score(prepare) for row in rows]
    assert sorted(row.ref for row in rows) == refs()
    assert {row.ref.size for row in rows if join_reasons(row.reasons) == "too_large: 9 pixels"} == {
        n for n in range(COUNT) if n % 100 == 7
    }


def test_a_bug_in_a_worker_is_raised_here() -> None:
    def prepare(ref: ImageRef) -> Prepared:
        raise KeyError(ref.path)

    with pytest.raises(KeyError, match="png") as caught:
        list(score(prepare))
    assert "in prepare" in caught.value.__notes__[0]


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
    def prepare(ref: ImageRef) -> Prepared:
        assert gc.get_freeze_count()
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


def test_a_bucket_that_is_known_but_not_in_use_asks_for_no_new_interpreters() -> None:
    importlib.import_module("batch_predict.storage.bucket")
    assert sum(map(len, score(lambda ref: good(ref)))) == COUNT  # noqa: PLW0108 - can't be pickled
