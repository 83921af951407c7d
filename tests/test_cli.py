"""The command line as its user meets it: a process of its own."""

import os
import pty
import re
import resource
import shutil
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from batch_predict import __version__
from batch_predict.cli import build_parser
from tests.conftest import ROOT, SAMPLES, noise, save


def batch_predict(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "batch_predict", *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save(tmp_path / "in" / "a.png", noise(0))
    return tmp_path / "in"


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_a_question_is_answered_without_anything_heavy(flag: str) -> None:
    code = (
        "import sys; from batch_predict.cli import main\n"
        f"try: main(['{flag}'])\n"
        "except SystemExit: pass\n"
        "print({'tensorflow', 'keras', 'numpy', 'pandas', 'PIL', 'cv2'} & set(sys.modules))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert out.splitlines()[-1] == "set()"


def test_help_fits_two_screens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = build_parser().format_help().splitlines()
    assert len(lines) <= 2 * 30  # of a small window
    wrapped = [line for line in lines if line.startswith(" " * 20)]
    assert wrapped == []  # each option is one line


def test_help_answers_at_once() -> None:
    best = min(_cpu_seconds("--help") for _ in range(3))
    assert best < 1.5  # a bound for a loaded machine; the benchmark prints the true figure


def _cpu_seconds(*arguments: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert batch_predict(*arguments).returncode == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_version() -> None:
    assert batch_predict("--version").stdout == f"batch_predict {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        pytest.param([], 2, "required: in_dir, out.csv", id="nothing"),
        pytest.param(
            ["in", "out.csv", "--batch-size", "0"],
            2,
            "at least 1, received 0",
            id="zero",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            ["in", "out.csv", "--batch-size", "x"],
            2,
            "argument --batch-size: must be a whole number, received 'x'",
            id="no int",
        ),
        pytest.param(
            ["in", "out.csv", "--max-failures", "x"],
            2,
            "received 'x'",
            id="no limit",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            ["in", "out.csv", "--review-below", "2"],
            2,
            "received 2",
            id="no confidence",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            ["in", "out.csv", "--polarity", "up"],
            2,
            "one of auto, ",
            id="no polarity",
        ),
        pytest.param(
            ["in", "out.csv", "--nonsense"],
            2,
            "arguments: --nonsense\n",
            id="no option",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            ["--lables", "a.csv", "in", "out.csv"],
            2,
            "arguments: --lables out.csv; did you mean --labels?",
            id="a mistyped option",
        ),
        pytest.param(
            ["in", "out.csv", "--shrad=0/3"],
            2,
            "did you mean --shard?",
            id="mistyped, with =",
            marks=pytest.mark.slow,
        ),
        pytest.param(["missing", "OUT"], 3, "can't list missing: No such file", id="no in_dir"),
        pytest.param(
            ["README.md", "OUT"],
            3,
            "is no folder, archive or picture",
            id="in_dir is a file",
            marks=pytest.mark.slow,
        ),
        pytest.param(["EMPTY", "OUT"], 3, "holds no picture file", id="in_dir is empty"),
        pytest.param(
            ["IN", "OUT", "--model", "README.md"], 7, "a .keras or .h5 file", id="text model"
        ),
        pytest.param(["IN", "missing/out.csv"], 8, "can't write", id="no output folder"),
    ],
)
def test_each_error_is_its_code_and_one_line(
    folder: Path, arguments: list[str], code: int, words: str
) -> None:
    (folder / "empty").mkdir()
    places = {"IN": folder, "EMPTY": folder / "empty", "OUT": folder.parent / "out.csv"}
    result = batch_predict(*(places.get(argument, argument) for argument in arguments))
    assert (result.returncode, result.stdout) == (code, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("batch_predict: ")
    assert words in result.stderr
    assert list(folder.parent.iterdir()) == [folder]


def test_a_good_run_says_one_line(tmp_path: Path) -> None:
    result = batch_predict(SAMPLES, tmp_path / "out.csv", "--runtime", "onnx")
    assert (result.returncode, result.stderr) == (0, "")
    (line,) = result.stdout.splitlines()
    assert re.match(r"100 pictures: \d+ ok, \d+ review, 0 decided, 0 blank, 0 failed; ", line)
    assert re.search(r"accuracy (99|100)\.00% of 100 with truth", line)


def test_a_quiet_run_says_nothing(folder: Path, tmp_path: Path) -> None:
    result = batch_predict(folder, tmp_path / "out.csv", "--quiet", "--runtime", "onnx")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_a_terminal_shows_rate_and_time_left(tmp_path: Path) -> None:
    for sample in SAMPLES.glob("*/*.png"):  # without folders that say digits, for no report
        shutil.copy(sample, tmp_path)
    command = [sys.executable, "-m", "batch_predict", "--runtime", "onnx"]
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        subprocess.run(
            [*command, str(tmp_path), str(tmp_path / "out.csv")],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            check=True,
        )
        os.close(theirs)
        shown = terminal.read(65536).decode()
    assert re.search(r"\d+%\|.*\| *\d+/100 \[\d+:\d+<", shown)
    assert "pictures/s" in shown
