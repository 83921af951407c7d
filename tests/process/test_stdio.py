"""Standard streams that are closed, gone or full; and silence when all is well."""

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from batch_predict.errors import ModelError
from batch_predict.process.stdio import flush, quiet_stderr
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


def descriptors() -> list[str]:
    """The numbers of the files that this process has open."""
    return os.listdir("/proc/self/fd")


def test_what_can_not_be_flushed_is_dropped_and_no_descriptor_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        print("lost")
        before = descriptors()
        flush()
        assert descriptors() == before
        assert os.readlink(f"/proc/self/fd/{full.fileno()}") == os.devnull


@pytest.mark.parametrize(
    ("error", "let_through"),
    [
        pytest.param(None, "", id="nothing raised"),
        pytest.param(ModelError("no model"), "", id="an error with words of its own"),
        pytest.param(KeyError("a bug"), "from C++", id="a bug"),
    ],
)
def test_stderr_is_held_back_and_no_descriptor_is_left(
    error: Exception | None, let_through: str, capfd: pytest.CaptureFixture[str]
) -> None:
    before = descriptors()
    with suppress(ModelError, KeyError), quiet_stderr():
        os.write(2, b"from C++")
        if error is not None:
            raise error
    assert descriptors() == before
    assert capfd.readouterr().err == let_through
