"""Standard streams that are closed, gone or full; and silence when all is well."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MODEL_BYTES, ROOT, SAMPLES
from tests.support import cheap

pytestmark = pytest.mark.timeout(600)  # TensorFlow alone takes minutes on a machine that is busy


def shell(line: str, program: str) -> subprocess.CompletedProcess[bytes]:
    """Run `line` in a shell with nothing in its environment; RUN stands for the program."""
    line = line.replace("RUN", f"{sys.executable} -m {program}")
    return subprocess.run(
        ["bash", "-c", line], cwd=ROOT, capture_output=True, env={}, check=False, timeout=590
    )


def test_silence(tmp_path: Path) -> None:
    done = shell("exec env -i RUN <&-", f"batch_predict {SAMPLES} {tmp_path / 'out.csv'}")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"\n") == 1


@pytest.fixture
def program(tmp_path: Path) -> str:
    """The program with the fake runtime, over three pictures."""
    cheap.pictures(tmp_path, 3)
    (tmp_path / "model.keras").write_bytes(MODEL_BYTES)
    in_dir, out, model = (tmp_path / name for name in ("in", "out.csv", "model.keras"))
    return f"tests.support.cheap {in_dir} {out} --model {model} --preprocess plain"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("exec RUN <&- >&- 2>&-", id="all closed"),
        pytest.param("exec RUN >/dev/full", id="stdout is full"),
        pytest.param("RUN | true; exit ${PIPESTATUS[0]}", id="nobody reads stdout"),
    ],
)
def test_the_csv_is_whole_and_nothing_is_said(line: str, tmp_path: Path, program: str) -> None:
    done = shell(line, program)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 4


def test_help_for_a_reader_that_leaves(program: str) -> None:
    done = shell("RUN --help | head -1", program)
    assert done.stdout.startswith(b"usage: ")
    assert done.stderr == b""
