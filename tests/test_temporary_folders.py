"""Temporary folders, and what removes them."""

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from batch_predict.temporary_folders import remove_left, remove_with_process, temporary_folder
from tests.conftest import ROOT, SAMPLES


def test_a_folder_is_there_for_the_block() -> None:
    with suppress(KeyError), temporary_folder() as folder:
        assert os.listdir(folder) == []
        raise KeyError(folder)
    assert not os.path.exists(folder)


def test_a_process_that_ends_removes_what_is_left(tmp_path: Path) -> None:
    (tmp_path / "library" / "cache").mkdir(parents=True)
    remove_with_process(str(tmp_path / "library"))
    with temporary_folder() as folder:
        Path(folder, "model.keras").touch()
        remove_left()
        assert not os.path.exists(folder)
    assert os.listdir(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [None, 1, 2, 3, 4])
def test_nothing_is_left_of_a_run_however_it_ends(seconds: float | None, tmp_path: Path) -> None:
    """Not in the folder for temporary files, though no home is there for a library's own cache."""
    places = {"TMPDIR": str(tmp_path), "HOME": "/proc/none", "PYTHONPATH": str(ROOT)}
    where = {"PATH": os.environ["PATH"], **places}
    (tmp_path / "out").mkdir()
    out = tmp_path / "out" / "out.csv"
    command = [sys.executable, "-m", "batch_predict", SAMPLES, out, "--quiet"]
    lock = out.parent / ".out.csv.lock"
    with subprocess.Popen(command, cwd=ROOT, env=where, stderr=subprocess.DEVNULL) as run:
        if seconds is not None:  # while the model is loaded, or scores
            while run.poll() is None and not lock.exists():  # before, it ends by the signal itself
                time.sleep(0.01)
            time.sleep(seconds)
            run.terminate()
        assert run.wait() in (0, 143)
    assert os.listdir(tmp_path) == ["out"]
