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

COUNT = 1_000_000
DRIVER = """
from batch_predict.cli import main
from batch_predict.runtimes import RUNTIMES
from tests.support.peak import peak_mib

RUNTIMES["keras"] = "tests.support.fakes:load"
assert main() == 0
print(peak_mib())
"""


# 4 to 5 minutes each beside other work: CI runs the one whose driver takes more.
@pytest.mark.s3
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    "engine",
    [
        pytest.param("local", marks=pytest.mark.long),
        pytest.param("ray", marks=[pytest.mark.ray, pytest.mark.slow]),
    ],
)
def test_a_driver_of_a_million_takes_less_than_a_gibibyte(engine: str, tmp_path: Path) -> None:
    model, out = tmp_path / "fake.keras", tmp_path / "out.csv"
    model.write_bytes(MODEL_BYTES)
    command = [sys.executable, "-c", DRIVER, "s3://keys", str(out), "--model", str(model)]
    with endless(COUNT) as port:
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
    assert said.startswith(f"{COUNT} pictures: {COUNT} ok, ")
    assert out.read_bytes().count(b"\n") == COUNT + 1
    assert int(peak) < 1024
