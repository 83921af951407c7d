"""A million rows through the work file and the writer take no more memory than ten thousand."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

RUN = """
import sys, time
from batch_predict.manifest.run_counts import RowCounter
from batch_predict.records import ImageRef
from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.tables.columns import columns_of
from batch_predict.tables.csv_table import write
from tests.support.peak import peak_mib
from tests.support.same_row import fill

folder, count = sys.argv[1], int(sys.argv[2])
begun = time.process_time()
with Checkpoint(f"{folder}/work", {}) as work:
    refs = (
        ImageRef(f"{part:03}/picture {n:07}.png", 300, f"300 {n}", n % 10)
        for part in range(1000)
        for n in range(part, count, 1000)
    )
    fill(work, refs)
    counter = RowCounter()
    rows = counter.pass_through(work.rows())
    columns = columns_of(truth=True, probabilities=True)
    write(f"{folder}/out.csv", rows, columns)
assert counter.counts().found == count
print(peak_mib(), round(time.process_time() - begun, 1))
"""


def run(folder: Path, count: int) -> tuple[int, float]:
    """Peak memory in MiB, and seconds of CPU time."""
    folder.mkdir()
    command = [sys.executable, "-c", RUN, str(folder), str(count)]
    out = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    memory, seconds = out.split()
    return int(memory), float(seconds)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_memory_is_flat(tmp_path: Path) -> None:
    few, _ = run(tmp_path / "few", 10_000)
    many, seconds = run(tmp_path / "many", 1_000_000)
    print(f"10,000 rows: {few} MiB; 1,000,000: {many} MiB, {seconds} s of CPU time")
    assert many - few < 32
