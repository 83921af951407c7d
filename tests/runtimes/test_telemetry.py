"""Libraries that report to their makers are kept from it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUNTIMES = ["onnx", "openvino"]
LOAD = (
    "from batch_predict.runtimes import find_runtime\n"
    "from batch_predict.runtimes.model_file import find_model\n"
    "find_runtime({!r}).load_classifier(find_model({!r}), 8)"
)


def load(runtime: str, home: Path) -> str:
    """What stderr gets where a process loads `runtime` with its user's home at `home`."""
    command = [sys.executable, "-c", LOAD.format(runtime, "digits")]
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    environment = {**kept, "HOME": str(home)}
    return subprocess.run(
        command, env=environment, stderr=subprocess.PIPE, text=True, check=True
    ).stderr


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_nothing_is_left_in_the_home(runtime: str, tmp_path: Path) -> None:
    load(runtime, tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_home_that_is_not_there_is_no_matter(runtime: str) -> None:
    assert load(runtime, Path("/proc/nowhere")) == ""
