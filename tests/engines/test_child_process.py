"""How worker processes start and end, in programs of all kinds."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import cv2
import pytest

from batch_predict.engines.child_process import SharedInt, start
from batch_predict.engines.worker import serve
from batch_predict.engines.worker_pool import WorkerPool
from batch_predict.records import ImageRef, Prepared
from tests.conftest import ROOT, noise
from tests.support.steps import Step

WAIT_S = 120  # longer than any machine takes
METHODS = ["fork", "interpreter"]


def echo(connection: Connection, number: SharedInt, *sent: Any) -> None:
    """Say what was sent and the number, then change that; end as the next message says."""
    connection.send((sent, number.value))
    number.value = 7
    connection.send("changed")
    end = connection.recv()
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a traceback is for nobody
    if end == "raise":
        raise KeyError(end)
    if end != "return":
        os.kill(os.getpid(), end)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("end", "exit_code"),
    [
        pytest.param("return", 0, id="return"),
        pytest.param("raise", 1, id="raise"),
        pytest.param(signal.SIGTERM, -signal.SIGTERM, id="signal"),
    ],
)
def test_a_process_says_what_it_was_sent_and_how_it_ended(
    method: Any, end: object, exit_code: int
) -> None:
    before = os.listdir("/proc/self/fd")
    child = start(method, 5, echo, "one", [2])
    assert child.connection.recv() == (("one", [2]), 5)
    assert child.connection.recv() == "changed"
    assert child.shared.value == 7
    child.connection.send(end)
    with pytest.raises(EOFError):
        child.connection.recv()
    assert child.handle.wait() == exit_code
    assert child.close() == exit_code
    del child
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize("method", METHODS)
def test_a_process_that_is_closed_has_ended(method: Any) -> None:
    assert start(method, 0, echo).close() == -signal.SIGKILL


def test_a_fork_of_the_program_does_not_end_its_workers() -> None:
    child = start("fork", 0, echo)
    if not (pid := os.fork()):
        child.close()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    assert child.connection.recv() == ((), 0)
    child.close()


def good(ref: ImageRef) -> Prepared:
    return Prepared(ref, noise(ref.size or 0))


def slow(ref: ImageRef) -> Prepared:
    time.sleep(60)
    return good(ref)


def reasons(
    prepare: Callable[[ImageRef], Prepared], image_timeout: float = 30.0, method: Any = "fork"
) -> list[str]:
    """The codes of the pictures of a folder of one that failed."""
    with WorkerPool(Step(prepare), 1, image_timeout, method) as pool:
        pool.submit([ImageRef("a.png", 1)])
        rows = []
        pool.dispatch(1)
        while pool.unanswered:
            for answer in pool.receive(multiprocessing.connection.wait(pool.connections)):
                rows += answer.unscored
            pool.dispatch(1)
    return [reason.code for row in rows for reason in row.reasons]


@contextmanager
def signals_blocked() -> Iterator[None]:
    old = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    yield
    signal.pthread_sigmask(signal.SIG_SETMASK, old)


@contextmanager
def handler(signum: int, action: Any) -> Iterator[None]:
    old = signal.signal(signum, action)
    yield
    signal.signal(signum, old)


def test_a_picture_has_its_time_in_a_program_that_blocks_all_signals() -> None:
    with signals_blocked():
        assert reasons(slow, image_timeout=0.2) == ["timeout"]


def test_a_program_that_wants_no_news_of_its_children() -> None:
    with handler(signal.SIGCHLD, signal.SIG_IGN):
        assert reasons(lambda ref: os._exit(3)) == ["decoder_crashed"]
        assert reasons(good, method="interpreter") == []


def test_no_handler_of_the_program_runs_in_a_worker() -> None:
    def prepare(ref: ImageRef) -> Prepared:
        os.kill(os.getpid(), signal.SIGUSR1)
        return good(ref)

    with handler(signal.SIGUSR1, lambda *_: os._exit(3)):
        assert reasons(prepare) == []


@pytest.mark.parametrize("method", METHODS)
def test_a_daemonic_process_has_workers(method: Any) -> None:
    process = multiprocessing.get_context("fork").Process(
        target=lambda: sys.exit(reasons(good, method=method) != []), daemon=True
    )
    process.start()
    process.join()
    assert process.exitcode == 0


def test_opencv_has_its_threads_again_when_the_last_pool_ends() -> None:
    before = cv2.getNumThreads()
    cv2.setNumThreads(3)
    try:
        first, second = (WorkerPool(Step(good), 1, 30.0, "fork") for _ in range(2))
        with first:
            second.__enter__()
        assert cv2.getNumThreads() == 1
        second.__exit__()
        assert cv2.getNumThreads() == 3
    finally:
        cv2.setNumThreads(before)


def test_a_worker_ends_with_its_process_though_another_holds_its_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("batch_predict.engines.worker._ORPHANED_S", 0.05)
    ours, theirs = multiprocessing.Pipe()
    if not (pid := os.fork()):  # the program
        child = start("fork", 0, serve, os.getpid(), Step(good), 30.0)
        if not (other := os.fork()):  # what it has started besides
            theirs.close()
            time.sleep(WAIT_S)
            os._exit(0)
        theirs.send((child.handle._pid, other))  # type: ignore[attr-defined]
        os._exit(0)
    theirs.close()
    os.waitpid(pid, 0)
    worker, other = ours.recv()
    try:
        deadline = time.monotonic() + WAIT_S / 2
        while os.path.exists(f"/proc/{worker}") and _state(worker) != "Z":
            assert time.monotonic() < deadline
            time.sleep(0.01)
    finally:
        os.kill(other, signal.SIGKILL)


def test_a_worker_whose_process_had_ended_before_it_began_ends_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("batch_predict.engines.worker._ORPHANED_S", 0.05)
    ended = subprocess.Popen(["true"])
    ended.wait()
    child = start("fork", 0, serve, ended.pid, Step(good), 30.0)
    assert child.handle.wait() == 0  # though the connection is open


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]
    except OSError:
        return "Z"


def test_eight_threads_start_and_end_workers_at_once() -> None:
    failed: list[str] = []
    threads = [threading.Thread(target=lambda: failed.extend(reasons(good))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


@pytest.mark.slow
def test_a_program_whose_standard_streams_are_closed() -> None:
    code = (
        "from tests.engines.test_child_process import good, reasons\n"
        "ended = [reasons(good, method=m) for m in ('fork', 'interpreter')]\n"
        "raise SystemExit(0 if ended == [[], []] else 3)"
    )
    line = 'exec "$0" -c "$1" <&- >&- 2>&-'
    assert subprocess.call(["bash", "-c", line, sys.executable, code], cwd=ROOT) == 0
