"""Every way for a command to end: an exit code, and what its user reads."""

import errno
import io
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from batch_predict.cli_common import exit_code_of
from batch_predict.errors import ExitCode, InputError, OutputError, Stopped
from batch_predict.process.log import show_details
from tests.conftest import ROOT


def fails(error: BaseException, *, verbose: bool = False) -> Callable[[], int]:
    def action() -> int:
        if verbose:
            show_details()
        raise error

    return action


def caused() -> OutputError:
    try:
        try:
            Path("/absent/file").read_bytes()
        except OSError as error:
            raise OutputError("can't write it") from error
    except OutputError as error:
        return error


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


CAUSE = "FileNotFoundError: [Errno 2] No such file or directory: '/absent/file'"
MEMORY = "out of memory; a smaller --batch-size and fewer --workers need less"
NO_PACKAGE = (
    "this Python has no package numpy: use that of the environment into which batch_predict is"
    " installed, such as .venv/bin/python"
)

_LIMIT = f"ulimit -n is {resource.getrlimit(resource.RLIMIT_NOFILE)[0]}"
FILES = f"the system lets no more files be open ({_LIMIT}): allow more, or have fewer --workers"


@pytest.mark.parametrize(
    ("error", "verbose", "code", "lines"),
    [
        pytest.param(InputError("a line"), False, ExitCode.INPUT, ["a line"], id="ours"),
        pytest.param(caused(), False, ExitCode.OUTPUT, ["can't write it"], id="with a cause"),
        pytest.param(
            caused(), True, ExitCode.OUTPUT, ["can't write it", f"caused by {CAUSE}"], id="verbose"
        ),
        pytest.param(MemoryError(), False, ExitCode.BUG, [MEMORY], id="memory"),
        pytest.param(
            MemoryError("9 TiB"),
            True,
            ExitCode.BUG,
            [MEMORY, "caused by MemoryError: 9 TiB"],
            id="memory, verbose",
        ),
        pytest.param(
            OSError(errno.EMFILE, "Too many open files"),
            True,
            ExitCode.BUG,
            [FILES, "caused by OSError: [Errno 24] Too many open files"],
            id="no more files",
        ),
        pytest.param(
            ModuleNotFoundError("No module named 'numpy.linalg'", name="numpy.linalg"),
            False,
            ExitCode.MISSING_EXTRA,
            [NO_PACKAGE],
            id="a package that is not installed",
        ),
        pytest.param(KeyboardInterrupt(), True, 130, [], id="ctrl-c before or after the run"),
        pytest.param(
            Stopped(15),
            False,
            143,
            ["stopped by SIGTERM; what is scored is kept: the same command goes on from there"],
            id="a signal",
        ),
    ],
)
def test_an_end_that_is_no_bug(
    capsys: pytest.CaptureFixture[str],
    state: Path,
    error: BaseException,
    verbose: bool,
    code: int,
    lines: list[str],
) -> None:
    assert exit_code_of(fails(error, verbose=verbose)) == code
    assert capsys.readouterr().err == "".join(f"batch_predict: {line}\n" for line in lines)
    assert list(state.iterdir()) == []


def test_a_bug_is_a_traceback_and_a_log(capsys: pytest.CaptureFixture[str], state: Path) -> None:
    assert exit_code_of(fails(ZeroDivisionError("by naught"))) == ExitCode.BUG
    err = capsys.readouterr().err
    assert err.startswith("Traceback (most recent call last):\n")
    *_, said, last = err.splitlines()
    assert said == "ZeroDivisionError: by naught"
    match = re.fullmatch("batch_predict: this is a bug; the log for its report is (.*)", last)
    assert match
    assert Path(match[1]).is_relative_to(state)
    text = Path(match[1]).read_text()
    assert "ZeroDivisionError: by naught\n" in text
    assert "\nnumpy " in text


def test_a_module_of_ours_that_is_missing_is_a_bug(state: Path) -> None:
    error = ModuleNotFoundError("No module named", name="batch_predict.absent")
    assert exit_code_of(fails(error)) == ExitCode.BUG
    assert list(state.rglob("*.log"))


@pytest.mark.parametrize(
    "arguments",
    [
        ["batch_predict", "in", "out.csv"],
        ["batch_predict.report", "out.csv"],
        ["batch_predict.review", "out.csv"],
        ["batch_predict.merge", "out.csv", "part.csv"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_python_without_the_packages_says_which_python_has_them(arguments: list[str]) -> None:
    bare = [sys.executable, "-S", "-m", *arguments]  # -S: without site-packages
    done = subprocess.run(bare, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (ExitCode.MISSING_EXTRA, "")
    assert done.stderr.startswith("batch_predict: this Python has no package ")
    assert done.stderr.count("\n") == 1


def test_a_bug_of_a_worker_is_told_with_its_own_traceback(state: Path) -> None:
    error = ValueError("x")
    error.add_note("Traceback of the worker")
    exit_code_of(fails(error))
    (log,) = state.rglob("*.log")
    assert "Traceback of the worker" in log.read_text()


class Full(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_stderr_that_is_full_changes_no_code(monkeypatch: pytest.MonkeyPatch, state: Path) -> None:
    monkeypatch.setattr(sys, "stderr", Full())
    assert exit_code_of(fails(InputError("a line"))) == ExitCode.INPUT
    assert exit_code_of(fails(ValueError("a bug"))) == ExitCode.BUG
    assert list(state.rglob("*.log"))
