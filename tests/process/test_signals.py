"""A signal ends a run in order, long before its pictures are, and nothing scored is lost."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from batch_predict.errors import Stopped
from batch_predict.process import signals
from batch_predict.process.signals import StopSignals
from tests.conftest import OLD_CSV
from tests.support import cheap

COUNT = 2000

pytestmark = pytest.mark.timeout(600)  # one waits for three processes, on a machine that is busy


@pytest.mark.parametrize("signum", signals.SIGNALS, ids=lambda signum: signum.name)
def test_what_is_under_way_is_finished(signum: signal.Signals) -> None:
    with StopSignals() as stop:
        taken = []
        for item in stop.until_signal(range(10)):
            taken.append(item)
            if item == 3:
                os.kill(os.getpid(), signum)
        assert taken == [0, 1, 2, 3]
        with pytest.raises(Stopped) as raised:
            stop.check()
    assert raised.value.exit_code == 128 + signum


def test_between_two_items_it_is_raised() -> None:
    with StopSignals() as stop:
        items = stop.interruptible(range(10))
        next(items)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped, match=r"SIGTERM; .* the same command goes on from there"):
            next(items)


def test_code_that_does_not_look_is_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "GRACE_S", 0.05)
    with StopSignals():
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped):
            time.sleep(5)


def test_a_second_interrupt_ends_the_process_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    with StopSignals():
        os.kill(os.getpid(), signal.SIGINT)
        assert ended == []
        os.kill(os.getpid(), signal.SIGINT)
        assert ended == [130]


def test_once_disarmed_it_is_too_late() -> None:
    with StopSignals() as stop:
        stop.disarm()
        os.kill(os.getpid(), signal.SIGTERM)
        stop.check()


def test_what_was_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopSignals() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            stop.check()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_handlers_are_put_back() -> None:
    before = [signal.getsignal(signum) for signum in signals.SIGNALS]
    with StopSignals():
        pass
    assert [signal.getsignal(signum) for signum in signals.SIGNALS] == before


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """COUNT pictures and the CSV of an undisturbed run, `whole.csv`."""
    folder = tmp_path_factory.mktemp("stopping")
    cheap.pictures(folder, COUNT)
    assert cheap.finish(cheap.start(folder, output="whole.csv"))[0] == 0
    return folder


def slow_run(folder: Path) -> subprocess.Popen[str]:
    """A run that has committed rows; all 125 batches would take it longer than tests wait."""
    process = cheap.start(folder, SECONDS_A_BATCH="1")
    deadline = time.monotonic() + 60
    while not cheap.committed(folder / ".out.csv.work"):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


@pytest.mark.parametrize(
    "signum",
    [
        pytest.param(signal.SIGTERM, id="SIGTERM"),
        pytest.param(signal.SIGHUP, id="SIGHUP", marks=pytest.mark.slow),
        pytest.param(signal.SIGINT, id="SIGINT", marks=pytest.mark.slow),
    ],
)
def test_a_stopped_run_goes_on(folder: Path, signum: signal.Signals) -> None:
    (folder / "out.csv").write_text(OLD_CSV)
    process = slow_run(folder)
    process.send_signal(signum)
    code, out, err = cheap.finish(process)
    assert (code, out) == (128 + signum, "")
    assert err == (
        f"batch_predict: stopped by {signum.name}; what is scored is kept:"
        " the same command goes on from there\n"
    )
    assert (folder / "out.csv").read_text() == OLD_CSV
    assert cheap.finish(cheap.start(folder))[0] == 0
    assert 0 < json.loads((folder / "out.run.json").read_text())["kept"] < COUNT
    assert (folder / "out.csv").read_text() == (folder / "whole.csv").read_text()


@pytest.mark.slow
def test_a_run_that_is_interrupted_twice_goes_on(folder: Path) -> None:
    process = slow_run(folder)
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert cheap.finish(process)[0] == 130
    assert cheap.finish(cheap.start(folder))[0] == 0
    assert (folder / "out.csv").read_text() == (folder / "whole.csv").read_text()


@pytest.mark.slow
def test_a_signal_to_the_whole_group_fails_no_picture(folder: Path) -> None:
    process = slow_run(folder)
    os.killpg(process.pid, signal.SIGTERM)
    assert cheap.finish(process)[0] == 143
    assert cheap.finish(cheap.start(folder))[0] == 0
    assert (folder / "out.csv").read_text() == (folder / "whole.csv").read_text()
