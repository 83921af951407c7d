"""Standard streams that are closed, gone or full; and silence when all is well."""

import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from batch_predict import job
from batch_predict.errors import ExitCode
from batch_predict.options import Options
from batch_predict.process.stdio import flush, say
from tests.conftest import MODEL_BYTES, ROOT, SAMPLES
from tests.support import cheap
from tests.support.here import OneByOne

pytestmark = pytest.mark.timeout(600)  # TensorFlow alone takes minutes on a machine that is busy


def shell(line: str, program: str) -> subprocess.CompletedProcess[bytes]:
    """Run `line` in a shell with nothing in its environment; RUN stands for the program."""
    line = line.replace("RUN", f"{sys.executable} -m {program}")
    return subprocess.run(
        ["bash", "-c", line], cwd=ROOT, capture_output=True, env={}, check=False, timeout=590
    )


@pytest.mark.slow
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


LOST = b"stdout takes no more, its line is lost: "


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("exec RUN <&- >&- 2>&-", b"", id="all closed"),
        pytest.param("exec RUN >&-", b"stdout is closed: its line is lost\n", id="stdout closed"),
        pytest.param("exec RUN 2>&-", b"", id="stderr closed", marks=pytest.mark.slow),
        pytest.param("exec RUN >/dev/full", LOST + b"No space left on device\n", id="full"),
        pytest.param(
            "exec RUN 1</dev/null",
            LOST + b"Bad file descriptor\n",
            id="not for writing",
            marks=pytest.mark.slow,
        ),
        pytest.param("RUN | true; exit ${PIPESTATUS[0]}", LOST + b"Broken pipe\n", id="no reader"),
        pytest.param(
            "exec RUN 2>/dev/full >/dev/full", b"", id="both full", marks=pytest.mark.slow
        ),
        pytest.param("exec RUN --labels LABELS 2>/dev/full", b"", id="stderr full, and a warning"),
        pytest.param(
            "exec RUN --quiet >/dev/full",
            b"",
            id="full, with nothing to say",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_stream_that_takes_nothing_costs_a_line(
    line: str, said: bytes, tmp_path: Path, program: str
) -> None:
    labels = tmp_path / "labels.csv"
    labels.write_text("path,label\nno such picture.png,7\n0x/0.pgm,x\n")
    done = shell(line.replace("LABELS", str(labels)), program)
    assert (done.returncode, done.stderr) == (0, said and b"batch_predict: " + said)
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
        assert os.readlink(f"/proc/self/fd/{full.fileno()}") == "/dev/full"
        full.flush()  # holds nothing


@pytest.mark.parametrize(
    ("encoding", "line", "shown", "warnings"),
    [
        pytest.param("utf-8", "é☃", "é☃", [], id="UTF-8"),
        pytest.param(
            "ascii",
            "é☃",
            r"\xe9\u2603",
            ["stdout takes ascii only: some of its line is written as escapes"],
            id="ASCII",
        ),
        pytest.param(
            "latin-1",
            "é☃",
            "é\\u2603",
            ["stdout takes latin-1 only: some of its line is written as escapes"],
            id="Latin-1",
        ),
        pytest.param("ascii", r"\xe9", r"\xe9", [], id="escaped before"),
    ],
)
def test_what_the_encoding_of_stdout_lacks_is_an_escape(
    encoding: str,
    line: str,
    shown: str,
    warnings: list[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    written = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(written, encoding=encoding))
    say(line)
    assert written.getvalue().decode(encoding) == f"{shown}\n"
    assert caplog.messages == warnings


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_a_run_with_any_names(
    encoding: str,
    tmp_path: Path,
    options: Callable[..., Options],
    engine: OneByOne,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = BytesIO()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(written, encoding=encoding))
    folder = tmp_path / "\udce9 \x1b[31m\n\\ é"
    cheap.pictures(folder, 3)
    labels = folder / "labels.csv"
    labels.write_text("path,label\n0x/0.pgm,7\n")
    names = {"in_dir": "in", "output": "out.csv", "metrics_file": "x.prom", "save_prepared": "x"}
    given = {name: str(folder / value) for name, value in names.items()}
    assert job.run(options(engine="here", labels=str(labels), **given)) is ExitCode.OK
    assert len((folder / "out.csv").read_text().splitlines()) == 4
    letter = "é" if encoding == "utf-8" else r"\xe9"
    ending = f"/\\xe9 \\x1b[31m\\x0a\\ {letter}/out.csv\n"
    assert written.getvalue().decode(encoding).endswith(ending)
    assert engine.scored
