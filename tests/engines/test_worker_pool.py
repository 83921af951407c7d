"""Every way in which a worker process can end, and what becomes of its pictures."""

import errno
import os
import posix
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path

import numpy as np
import pytest

from batch_predict.decode.memory import SHORTAGE
from batch_predict.engines.worker_pool import Answer, WorkerPool
from batch_predict.normalize.letterbox import LARGE
from batch_predict.prepare import Plain, PreparedItem, PrepareStep, Together
from batch_predict.records import (
    SIDE,
    Batch,
    Code,
    Failure,
    ImageRef,
    Prepared,
    Reason,
    Reduced,
    join_reasons,
)
from tests.conftest import noise
from tests.support.steps import Step

COUNT = 700  # more than one task's pictures; the answer of a large task is larger than a pipe
HEADER = 4  # bytes before an answer that say its size
TIMEOUT = "timeout: its decoding took too long"
CRASHED = "decoder_crashed: its decoding ended the process"


def good(ref: ImageRef) -> Prepared:
    return Prepared(ref, noise(ref.size))


def content_of(number: int) -> bytes:
    return number.to_bytes(32)


def refs(count: int = COUNT) -> list[ImageRef]:
    return [ImageRef(f"{n:05d}.png", n) for n in range(count)]


def drain(pool: WorkerPool) -> list[Answer]:
    """Everything that the workers answer until all pictures have an answer."""
    answers: list[Answer] = []
    pool.dispatch(COUNT)
    while pool.unanswered:
        answers += pool.receive(wait(pool.connections))
        pool.dispatch(COUNT)
    return answers


def prepare_all(
    step: PrepareStep, count: int = COUNT, size: int = 2, image_timeout: float = 30.0
) -> tuple[list[ImageRef], dict[ImageRef, str]]:
    """The refs of the pictures that were prepared, and the reasons of those that were not."""
    with WorkerPool(step, size, image_timeout, "fork") as pool:
        pool.submit(refs(count))
        answers = drain(pool)
    failed = {row.ref: join_reasons(row.reasons) for answer in answers for row in answer.unscored}
    return sorted(ref for answer in answers for ref in answer.batch.refs), failed


def test_too_little_memory_is_tried_again_alone(tmp_path: Path) -> None:
    """Then nothing else is prepared; what fails so, too, has its row."""
    odd = {0, 5, 600}

    def prepare(ref: ImageRef) -> Prepared | Failure:
        assert ref.size is not None
        first = tmp_path / ref.path
        if ref.size not in odd:
            return good(ref)
        if ref.size == 600 or not first.exists():
            first.touch()
            return Failure(ref, SHORTAGE)
        return good(ref)

    prepared, failed = prepare_all(Step(prepare))
    assert failed == {refs()[600]: "out_of_memory: too little memory to read it"}
    assert prepared == [ref for ref in refs() if ref.size != 600]


@dataclass(frozen=True)
class TogetherStep(Step):
    """A step that finishes pictures together: those of an even number, as many as `at_once`.

    Those whose number can be divided by 10 turn out to be no plain ones.
    """

    at_once: int = COUNT

    def begin(self, refs: Sequence[ImageRef]) -> Iterator[PreparedItem | Plain]:
        """See `PrepareStep`."""
        for item in self.each(refs):
            number = item.ref.size
            yield item if number % 2 else Plain(content_of(number), item.pixels.tobytes())

    def finish(self, refs: Sequence[ImageRef], files: Mapping[int, Plain]) -> Together:
        """See `PrepareStep`."""
        if len(files) > self.at_once:
            raise MemoryError
        plain = {place: file for place, file in files.items() if refs[place].size % 10}
        lines = b"".join(file.scanlines for file in plain.values())
        pixels = np.frombuffer(lines, np.uint8).reshape(-1, SIDE, SIDE)
        others = {place: Reduced(refs[place], noise(0)) for place in files if place not in plain}
        contents = [file.content_sha256 for file in plain.values()]
        return Together(list(plain), pixels, contents, others)


def test_pictures_that_are_finished_together_keep_their_places() -> None:
    with WorkerPool(TogetherStep(good), 2, 30.0, "fork") as pool:
        pool.submit(refs())
        answers = drain(pool)
    batch = Batch.concatenate([answer.batch for answer in answers])
    reduced = [each.ref for answer in answers for each in answer.reduced]
    assert sorted(reduced) == refs()[::10]
    assert sorted([*(ref._replace(content_sha256=None) for ref in batch.refs), *reduced]) == refs()
    contents = {ref.content_sha256: ref.size for ref in batch.refs if ref.size % 2 == 0}
    assert contents == {content_of(n): n for n in range(COUNT) if n % 2 == 0 and n % 10}
    for ref, pixels in zip(batch.refs, batch.pixels, strict=True):
        np.testing.assert_array_equal(pixels, noise(ref.size))


def test_reasons_of_prepared_pictures_keep_their_places() -> None:
    odd = (Reason(Code.SEVERAL_FRAMES, "first of 2 frames"),)

    def prepare(ref: ImageRef) -> Prepared:
        return good(ref)._replace(reasons=odd if ref.size % 100 == 7 else ())

    with WorkerPool(TogetherStep(prepare), 2, 30.0, "fork") as pool:
        pool.submit(refs())
        batch = Batch.concatenate([answer.batch for answer in drain(pool)])
    has_reasons = [
        ref.path for ref, reasons in zip(batch.refs, batch.reasons, strict=True) if reasons
    ]
    assert sorted(has_reasons) == [ref.path for ref in refs()[7::100]]


def test_too_little_memory_to_put_pictures_together() -> None:
    """The pictures of that task come one by one."""
    step = TogetherStep(good, at_once=1)
    assert prepare_all(step, 40) == (refs(40), {})


def test_an_answer_holds_few_reduced_pictures_however_small_their_files() -> None:
    """Else many workers' answers would take the memory that the ink map is spared."""
    pixels = np.zeros((LARGE, LARGE, 3), np.uint8)
    with WorkerPool(Step(lambda ref: Reduced(ref, pixels)), 2, 30.0, "fork") as pool:
        pool.submit(refs(200))
        answers = drain(pool)
    assert sorted(each.ref for answer in answers for each in answer.reduced) == refs(200)
    most = max(len(answer.reduced) for answer in answers)
    assert most * pixels.nbytes <= 5 << 20


def kill(signum: int) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), signum)


def hang() -> None:
    """As if all the time had passed that is left, so that other pictures have theirs."""
    left, _ = signal.getitimer(signal.ITIMER_REAL)
    assert 0 < left <= 33
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    time.sleep(60)


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        pytest.param(lambda: sys.exit(0), CRASHED, id="exit"),
        pytest.param(lambda: sys.exit(3), CRASHED, id="exit with an error"),
        pytest.param(lambda: posix._exit(0), CRASHED, id="_exit"),  # coverage patches os._exit
        pytest.param(kill(signal.SIGKILL), CRASHED, id="SIGKILL"),
        pytest.param(kill(signal.SIGSEGV), CRASHED, id="SIGSEGV"),
        pytest.param(kill(signal.SIGABRT), CRASHED, id="SIGABRT"),
        pytest.param(hang, TIMEOUT, id="hang"),
    ],
)
@pytest.mark.parametrize(
    "culprits",
    [
        pytest.param({0}, id="the first picture"),
        pytest.param({COUNT - 1}, id="the last picture", marks=pytest.mark.slow),
        pytest.param({100, 101, 300}, id="several pictures", marks=pytest.mark.slow),
    ],
)
def test_a_picture_that_ends_workers_is_one_row(
    end: Callable[[], None], reason: str, culprits: set[int]
) -> None:
    def prepare(ref: ImageRef) -> Prepared:
        if ref.size in culprits:
            end()
        return good(ref)

    prepared, failed = prepare_all(Step(prepare))
    assert prepared == [ref for ref in refs() if ref.size not in culprits]
    assert failed == {ref: reason for ref in refs() if ref.size in culprits}


@pytest.mark.parametrize(
    ("end", "tries"),
    [
        pytest.param(kill(signal.SIGSEGV), 3, id="crash"),
        pytest.param(hang, 1, id="hang: it has had its time"),
    ],
)
def test_how_often_a_picture_is_tried(end: Callable[[], None], tries: int, tmp_path: Path) -> None:
    notes = tmp_path / "notes"

    def prepare(ref: ImageRef) -> Prepared:
        if ref.size == 5:
            with notes.open("a") as file:
                file.write("tried\n")
            end()
        return good(ref)

    prepare_all(Step(prepare), count=10)
    assert notes.read_text().count("tried") == tries


def test_a_picture_that_ends_two_workers_and_then_none_is_prepared(tmp_path: Path) -> None:
    def prepare(ref: ImageRef) -> Prepared:
        marks = (tmp_path / "first", tmp_path / "second")
        for mark in marks:
            if ref.size == 5 and not mark.exists():
                mark.touch()
                kill(signal.SIGKILL)()
        return good(ref)

    assert prepare_all(Step(prepare), count=10) == (refs(10), {})


def test_a_picture_has_its_time() -> None:
    def prepare(ref: ImageRef) -> Prepared:
        time.sleep(60)
        return good(ref)

    begun = time.monotonic()
    prepared, failed = prepare_all(Step(prepare), count=1, image_timeout=0.3)
    assert (prepared, failed) == ([], dict.fromkeys(refs(1), TIMEOUT))
    assert time.monotonic() - begun >= 0.3


@pytest.mark.parametrize("seconds", [1e9, 1e10, 1e300, float("inf")])
def test_any_time_is_a_time(seconds: float) -> None:
    assert prepare_all(Step(good), count=2, size=1, image_timeout=seconds) == (refs(2), {})


def test_an_exception_in_prepare_is_raised_with_its_traceback() -> None:
    def prepare(ref: ImageRef) -> Prepared:
        raise KeyError(ref.path)

    with pytest.raises(KeyError, match="00000") as caught:
        prepare_all(Step(prepare), count=1)
    assert "in prepare" in caught.value.__notes__[0]


def test_a_worker_killed_in_the_middle_of_its_answer_costs_no_picture() -> None:
    with WorkerPool(Step(good), 1, 30, "fork") as pool:
        pool.submit(refs())
        pool.dispatch(COUNT)
        (worker,) = pool._workers
        with socket.socket(fileno=os.dup(worker.connection.fileno())) as pipe:
            while len(pipe.recv(HEADER + 1, socket.MSG_PEEK)) <= HEADER:
                pass
        worker.end()
        answers = drain(pool)
    assert sorted(ref for answer in answers for ref in answer.batch.refs) == refs()


def test_an_idle_worker_that_is_killed_is_replaced() -> None:
    with WorkerPool(Step(good), 1, 30, "fork") as pool:
        pool.submit(refs(10))
        drain(pool)
        (worker,) = pool._workers
        worker.end()
        pool.submit(refs(20))
        answers = drain(pool)
    assert sorted(ref for answer in answers for ref in answer.batch.refs) == refs(20)


@dataclass(frozen=True)
class EndsAtStart(Step):
    """Workers end before they prepare anything; with `notes`, the tenth and later ones live."""

    notes: Path | None = None

    def capped(self, pixels: int) -> "EndsAtStart":
        """Called by each worker when it starts."""
        if self.notes is None:
            posix._exit(1)
        with self.notes.open("a") as file:
            file.write("x")
        if self.notes.stat().st_size < 10:
            posix._exit(1)
        return self


def test_workers_that_die_at_start_are_replaced(tmp_path: Path) -> None:
    assert prepare_all(EndsAtStart(good, notes=tmp_path / "notes")) == (refs(), {})


@pytest.mark.slow  # a hundred forks of a large process
def test_workers_that_all_die_at_start_end_the_run() -> None:
    with pytest.raises(RuntimeError, match="workers die at once, the last by 1"):
        prepare_all(EndsAtStart(good))


def test_no_worker_is_left_when_the_pool_is_closed() -> None:
    with WorkerPool(Step(good), 2, 30, "fork") as pool:
        pool.submit(refs())
        pool.dispatch(COUNT)
        handles = [worker._child.handle for worker in pool._workers]
        descriptors = len(os.listdir("/proc/self/fd"))
    assert [handle.wait() for handle in handles] == [-signal.SIGKILL] * 2
    assert len(os.listdir("/proc/self/fd")) < descriptors


@pytest.mark.parametrize("code", [errno.EAGAIN, errno.EMFILE, errno.ENOMEM])
@pytest.mark.parametrize(("allowed", "words"), [(0, None), (1, "1 workers"), (2, "2 workers")])
def test_where_the_system_gives_no_more_processes_those_there_are_do_the_work(
    allowed: int,
    words: str | None,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    fork, left = os.fork, allowed

    def refuse() -> int:
        nonlocal left
        left -= 1
        if left < 0:
            raise OSError(code, os.strerror(code))
        return fork()

    monkeypatch.setattr(os, "fork", refuse)
    if words is None:
        with pytest.raises(OSError, match=re.escape(os.strerror(code))):
            prepare_all(Step(good), size=3)
        return
    prepared, failed = prepare_all(Step(good), size=3)
    assert (prepared, failed) == (refs(), {})
    assert [message.split(":")[0] for message in caplog.messages] == [f"goes on with {words}"]
