"""One run at a time on one output, by the kernel's word."""

import errno
import fcntl
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from batch_predict.errors import LockedError, OutputError
from batch_predict.process.output_lock import locked
from tests.conftest import ROOT
from tests.support import cheap


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".out.csv.lock"


def test_the_second_is_told_who_is_first(path: Path) -> None:
    with locked(str(path)):
        named = r"process \d+ on .+, started \d{4}-\d\d-\d\dT"
        with pytest.raises(LockedError, match=named), locked(str(path)):
            pass
        assert path.exists()
    assert not path.exists()


def test_who_is_slow_to_write_its_name_is_waited_for(path: Path) -> None:
    with FileLock(path):
        naming = threading.Timer(1.5, path.write_text, ["process 7 on a busy machine"])
        naming.start()
        with pytest.raises(LockedError, match="process 7 on a busy machine"), locked(str(path)):
            pass
        naming.join()


def test_where_no_file_can_be_made_nobody_holds_it() -> None:
    path = "/proc/.out.csv.lock"
    with pytest.raises(OutputError, match=f"can't write {path}: "), locked(path):
        pass


def test_a_failed_run_gives_it_up(path: Path) -> None:
    with pytest.raises(KeyError), locked(str(path)):
        raise KeyError
    with locked(str(path)):
        pass


def test_the_lock_of_another_run_stays_where_ours_was_removed(path: Path) -> None:
    with locked(str(path)):
        path.unlink()
        with locked(str(path)):
            inner = path.stat().st_ino
            path.rename(path.with_suffix(".other"))
            path.write_text("process 1 on another host")
        assert path.exists()
        path.with_suffix(".other").replace(path)
    assert path.stat().st_ino == inner


def test_two_runs_of_one_output_end_in_words_where_the_lock_was_removed(tmp_path: Path) -> None:
    cheap.pictures(tmp_path, 200)
    gate, lock = tmp_path / "go", tmp_path / ".out.csv.lock"
    first = cheap.start(tmp_path, WAIT_FOR=str(gate), COMMIT_EVERY_S="0")
    while not lock.exists():
        time.sleep(0.01)
    lock.unlink()
    second = cheap.start(tmp_path, WAIT_FOR=str(gate), COMMIT_EVERY_S="0")
    while second.poll() is None and not lock.exists():
        time.sleep(0.01)
    gate.touch()
    ended = [cheap.finish(each) for each in (first, second)]
    assert {code for code, _, _ in ended} <= {0, 6}
    assert 0 in {code for code, _, _ in ended}
    for code, _, err in ended:
        assert code == 0 or "another run is writing this output" in err
        assert "Traceback" not in err
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 201


def test_a_dead_process_leaves_nothing_stale(path: Path) -> None:
    code = "import os\nfrom batch_predict.process.output_lock import locked\n"
    code += f"with locked({str(path)!r}):\n"
    subprocess.run([sys.executable, "-c", f"{code} os.kill(os.getpid(), 9)"], cwd=ROOT, check=False)
    assert path.exists()
    with locked(str(path)):
        pass


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda path: path.write_text("of somebody else"), id="a file"),
        pytest.param(os.mkfifo, id="a pipe"),
        pytest.param(lambda path: path.mkdir(), id="a folder"),
    ],
)
def test_what_is_no_lock_stays(path: Path, make: Callable[[Path], object]) -> None:
    make(path)
    with pytest.raises(OutputError, match="is no lock of this program"), locked(str(path)):
        pass
    assert path.exists()
    assert not path.is_file() or path.read_text() == "of somebody else"


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="missing"), locked(str(tmp_path / "missing" / "lock")):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_of_four_runs_at_once_one_wins(tmp_path: Path) -> None:
    cheap.pictures(tmp_path, 30)
    others_ended = tmp_path / "others_ended"
    runs = [cheap.start(tmp_path, WAIT_FOR=str(others_ended)) for _ in range(4)]
    deadline = time.monotonic() + 100
    while sum(run.poll() is None for run in runs) > 1 and time.monotonic() < deadline:
        time.sleep(0.01)
    others_ended.touch()
    ended = {run.pid: cheap.finish(run) for run in runs}
    (winner,) = (pid for pid, (code, _, _) in ended.items() if code == 0)
    for pid, (code, out, err) in ended.items():
        if pid != winner:
            assert (code, out) == (6, "")
            assert re.search(rf"another run is writing this output: process {winner} on ", err)
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 31


def test_a_killed_run_does_not_block_the_next(tmp_path: Path) -> None:
    cheap.pictures(tmp_path, 30)
    assert cheap.finish(cheap.start(tmp_path, DIE="add:1"))[0] == -signal.SIGKILL
    assert cheap.finish(cheap.start(tmp_path))[0] == 0


@pytest.mark.parametrize("ends", [True, False])
def test_a_lock_that_cannot_be_released_is_no_error(
    ends: bool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flock = fcntl.flock

    def lose(handle: int, operation: int) -> None:
        flock(handle, operation)
        if operation == fcntl.LOCK_UN:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr(fcntl, "flock", lose)
        if ends:
            with locked(str(path)):
                pass
        else:
            with pytest.raises(KeyError), locked(str(path)):
                raise KeyError
    with locked(str(path)):
        pass
