"""A report on a million rows: its columns are compact, and it takes seconds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from batch_predict.report.load import load
from tests.conftest import ROOT
from tests.support.scored import drawn, write_csv

ROWS = 1_000_000
MOST_CPU_S = 30  # three times what it takes on a busy machine
MOST_MIB = 400  # of the whole process

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV with probabilities: a thousand rows, each again and again under other paths."""
    few = write_csv(tmp_path_factory.mktemp("few") / "out.csv", *drawn(1000, sharpness=20))
    header, *lines = few.read_text().splitlines(keepends=True)
    answers = [line.partition(",")[2] for line in lines]
    path = tmp_path_factory.mktemp("million") / "out.csv"
    with path.open("w") as file:
        file.write(header)
        for number in range(ROWS):
            file.write(f"batch_{number // 10_000:03d}/{number:07d}.png,{answers[number % 1000]}")
    return path


def test_compact_columns(csv: Path) -> None:
    found = load(str(csv))
    assert found.probabilities is not None
    columns = (found.label, found.truth, found.confidence, found.status, found.probabilities)
    assert sum(column.nbytes for column in columns) == 47 * ROWS


def test_in_seconds_and_little_memory(csv: Path) -> None:
    code = (
        "import sys, time; from batch_predict.report.cli import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        "status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "print(time.process_time(), int(status['VmHWM'].split()[0]) / 1024)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, csv],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    cpu_s, mib = map(float, run.stdout.splitlines()[-1].split())
    assert cpu_s < MOST_CPU_S
    assert mib < MOST_MIB
