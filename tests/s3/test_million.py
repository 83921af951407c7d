"""A million keys of a bucket, listed and scored, on either engine: the driver takes little memory.

The keys are made up as they are asked for, and each is the same picture; all the rest is a run as
any other, the trivial runtime aside.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MODEL_BYTES, ROOT
from tests.s3.endless import endless
from tests.s3.server import environment

MILLION = 1_000_000
DRIVER = """
from batch_predict.cli import main
from batch_predict.runtimes import RUNTIMES
from tests.support.peak import peak_mib

RUNTIMES["keras"] = "tests.support.fakes:RUNTIME"
assert main() == 0
print(peak_mib())
"""


# A million takes 4 to 5 minutes beside other work: CI runs a part, of the one that takes more.
@pytest.mark.s3
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("engine", "count", "mib"),
    [
        pytest.param("local", MILLION, 1024, marks=pytest.mark.long),
        pytest.param("ray", MILLION, 1024, marks=[pytest.mark.ray, pytest.mark.long]),
        # 187 MiB seen, most of it without a key
        pytest.param("ray", MILLION // 5, 300, marks=[pytest.mark.ray, pytest.mark.slow]),
    ],
)
def test_a_driver_takes_little_memory(engine: str, count: int, mib: int, tmp_path: Path) -> None:
    model, out = tmp_path / "fake.keras", tmp_path / "out.csv"
    model.write_bytes(MODEL_BYTES)
    command = [sys.executable, "-c", DRIVER, "s3://keys", str(out), "--model", str(model)]
    with endless(count) as port:
        where = {**os.environ, **environment(port)}
        done = subprocess.run(
            [*command, "--engine", engine],
            cwd=ROOT,
            env=where,
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    said, peak = done.stdout.splitlines()
    print(f"{said}\n{engine}: {peak} MiB")
    assert said.startswith(f"{count} pictures: {count} ok, ")
    assert out.read_bytes().count(b"\n") == count + 1
    assert int(peak) < mib
