"""kill -9 at any moment: the output is absent, the old one or the new one; a rerun mends it."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from unittest.mock import ANY

import pytest

from tests.conftest import OLD_CSV, ROOT, SAMPLES
from tests.support import cheap

PAUSE = "0.01"  # seconds a batch of 16
MOMENTS = ("start:1", "walk:1", "add:1", "commit:1", "lines:1", "fsync:2", "rename:1")


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 40 pictures and the CSV of an undisturbed run, `whole.csv`."""
    return undisturbed(tmp_path_factory.mktemp("few"), 40)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with 5,000."""
    return undisturbed(tmp_path_factory.mktemp("many"), 5000)


def undisturbed(folder: Path, count: int) -> Path:
    cheap.pictures(folder, count)
    assert cheap.finish(cheap.start(folder, output="whole.csv"))[0] == 0
    return folder


def check_and_mend(folder: Path, *arguments: str) -> int:
    """After a kill: the output is whole, and so is the next run's; returns the rows it kept."""
    whole = (folder / "whole.csv").read_text()
    out = folder / "out.csv"
    assert not out.exists() or out.read_text() in (OLD_CSV, whole)
    kept = cheap.committed(folder / ".out.csv.work")
    assert cheap.finish(cheap.start(folder, *arguments)) == (0, ANY, "")
    assert out.read_text() == whole
    told = json.loads((folder / "out.run.json").read_text())
    assert told["kept"] >= kept
    assert {path.name for path in folder.glob(".out.*")} == set()
    return kept


@pytest.mark.parametrize(
    "moment",
    [
        *(pytest.param(each, marks=pytest.mark.slow) for each in MOMENTS),
        "add:2",
        "rename:2",
    ],
)
def test_killed_at_a_delicate_moment(few: Path, moment: str) -> None:
    (few / "out.csv").write_text(OLD_CSV)
    assert cheap.finish(cheap.start(few, DIE=moment))[0] == -signal.SIGKILL
    check_and_mend(few)


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["rename:2", "walk:1", "rename:3", "rename:6"])
def test_killed_with_a_cache(few: Path, moment: str) -> None:
    assert cheap.finish(cheap.start(few, "--incremental"))[0] == 0
    assert cheap.finish(cheap.start(few, "--incremental", DIE=moment))[0] == -signal.SIGKILL
    check_and_mend(few, "--incremental")
    (few / "out.csv.cache").unlink()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_ten_kills(many: Path) -> None:
    kill_at_random(many, 10)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_fifty_kills(many: Path) -> None:
    kill_at_random(many, 50)


def kill_at_random(folder: Path, times: int) -> None:
    """Of runs that take some seconds, every other one once rows are committed."""
    chance = random.Random(8)
    begun = time.monotonic()
    assert cheap.finish(cheap.start(folder, SECONDS_A_BATCH=PAUSE))[0] == 0
    seconds = time.monotonic() - begun
    kept = []
    for number in range(times):
        (folder / "out.csv").write_text(OLD_CSV)
        process = cheap.start(folder, SECONDS_A_BATCH=PAUSE)
        if number % 2:
            while process.poll() is None and not cheap.committed(folder / ".out.csv.work"):
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 1))
        else:
            time.sleep(chance.uniform(0, seconds))
        process.kill()
        cheap.finish(process)
        kept.append(check_and_mend(folder))
    print(f"{times} kills within {seconds:.1f} s; rows kept: {sorted(kept)}")
    assert any(kept)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_kills_with_the_real_model_and_a_report(tmp_path: Path) -> None:
    def start(output: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "batch_predict", "--runtime", "onnx"]
        command += [str(SAMPLES), str(tmp_path / output)]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)

    begun = time.monotonic()
    assert start("whole.csv").wait() == 0
    seconds = time.monotonic() - begun
    whole = (tmp_path / "whole.csv").read_bytes()
    out = tmp_path / "out.csv"
    for part in (0.3, 0.6, 0.8, 0.95):
        out.write_text(OLD_CSV)
        process = start("out.csv")
        time.sleep(part * seconds)
        process.kill()
        process.wait()
        assert out.read_bytes() in (OLD_CSV.encode(), whole)
        assert start("out.csv").wait() == 0
        assert out.read_bytes() == whole
    assert json.loads((tmp_path / "out.run.json").read_text())["accuracy"] > 0.9
