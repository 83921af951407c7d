"""A pipe or a device in the place of a file that is read is an error in words: no wait, no end."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from batch_predict import job
from batch_predict.cli_common import exit_code_of
from batch_predict.errors import ExitCode
from batch_predict.merge.cli import main as merge
from batch_predict.options import Options
from batch_predict.records import ImageRef
from batch_predict.report.cli import main as report
from batch_predict.storage.folder import Folder
from batch_predict.storage.regular_file import open_regular
from tests.conftest import OLD_CSV, noise, save
from train.cli import main as train

MakeOptions = Callable[..., Options]
WITH_TRUTH = OLD_CSV.replace("\n", ",truth\n", 1).replace(",\n", ",,7\n")

#: what may lie in a file's place
NO_FILES: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a folder": lambda path: path.mkdir(),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A picture, and tables of earlier runs."""
    save(tmp_path / "in" / "a.png", noise(1))
    for name in ("old.csv", "earlier.csv"):
        (tmp_path / name).write_text(WITH_TRUTH)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("make", NO_FILES.values(), ids=NO_FILES)
@pytest.mark.parametrize(
    ("name", "changes", "code"),
    [
        pytest.param("x.csv", {"labels": "x.csv"}, ExitCode.USAGE, id="labels"),
        pytest.param("x.json", {"baseline": "x.json"}, ExitCode.USAGE, id="baseline"),
        pytest.param("x.keras", {"model": "x.keras"}, ExitCode.MODEL, id="model"),
        pytest.param("m.json", {"model": "m.keras"}, ExitCode.MODEL, id="card"),
        pytest.param("in/labels.csv", {}, ExitCode.OK, id="labels.csv"),  # a warning
        pytest.param(
            "m.onnx", {"model": "m.keras", "runtime": "onnx"}, ExitCode.MODEL, id="exported"
        ),
        pytest.param(".out.csv.lock", {}, ExitCode.OUTPUT, id="lock"),
        pytest.param("x", {"in_dir": "x"}, ExitCode.INPUT, id="in_dir"),
    ],
)
@pytest.mark.usefixtures("engine")
def test_a_run(
    make: Callable[[Path], object],
    name: str,
    changes: dict[str, str],
    code: ExitCode,
    folder: Path,
    options: MakeOptions,
) -> None:
    (folder / "m.keras").write_bytes(b"PK\x03\x04")
    make(folder / name)
    given = options(**{"in_dir": "in", "output": "out.csv", "engine": "here", **changes})
    assert exit_code_of(lambda: job.run(given)) == code
    assert (folder / "out.csv").exists() is (code is ExitCode.OK)
    assert not (folder / name).is_file()


@pytest.mark.parametrize("make", list(NO_FILES.values())[:2], ids=list(NO_FILES)[:2])
@pytest.mark.parametrize(
    ("name", "command", "code"),
    [
        pytest.param("x.csv", ["x.csv"], ExitCode.INPUT, id="the table"),
        pytest.param("x.csv", ["x.csv", "--sample", "1", "new.csv"], ExitCode.INPUT, id="sample"),
        pytest.param("old.run.json", ["old.csv"], ExitCode.INPUT, id="the manifest"),
        pytest.param("x.csv", ["old.csv", "--compare", "x.csv"], ExitCode.INPUT, id="compare"),
        pytest.param("x.csv", ["old.csv", "--labels", "x.csv"], ExitCode.USAGE, id="labels"),
        pytest.param("x.csv", ["old.csv", "--sample", "1", "x.csv"], ExitCode.OUTPUT, id="target"),
        pytest.param("old.report.html", ["old.csv"], ExitCode.OUTPUT, id="the page"),
    ],
)
def test_a_report(
    make: Callable[[Path], object], name: str, command: list[str], code: ExitCode, folder: Path
) -> None:
    make(folder / name)
    assert report(command) == code


@pytest.mark.parametrize("make", list(NO_FILES.values())[:2], ids=list(NO_FILES)[:2])
@pytest.mark.parametrize("name", ["a.csv", "a.run.json"])
def test_a_part(make: Callable[[Path], object], name: str, folder: Path) -> None:
    (folder / "a.csv").write_text(OLD_CSV)
    (folder / name).unlink(missing_ok=True)
    make(folder / name)
    assert merge(["out.csv", "a.csv"]) == ExitCode.USAGE


@pytest.mark.parametrize("make", list(NO_FILES.values())[:2], ids=list(NO_FILES)[:2])
@pytest.mark.parametrize(
    ("name", "command", "code"),
    [
        pytest.param("x.keras", ["--init", "x.keras", "--output", "y.keras"], 7, id="init"),
        pytest.param("x.npz", ["--data", "x.npz", "--output", "y.keras"], 3, id="data"),
        pytest.param("x.keras", ["evaluate", "x.keras", "--data", "in"], 7, id="evaluate"),
        pytest.param("x.keras", ["export", "x.keras"], 7, id="export"),
    ],
)
def test_a_training(
    make: Callable[[Path], object], name: str, command: list[str], code: int, folder: Path
) -> None:
    make(folder / name)
    assert train(command) == code


@pytest.mark.parametrize("make", NO_FILES.values(), ids=NO_FILES)
def test_a_picture_that_no_walk_found(make: Callable[[Path], object], folder: Path) -> None:
    """As `predict` reads one."""
    make(folder / "x.png")
    with pytest.raises(OSError, match=r"not a file|Is a directory"):
        Folder(str(folder)).read(ImageRef("x.png"))


def test_a_file_is_read_through_links(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(json.dumps(7))
    (tmp_path / "b").symlink_to("a")
    with open_regular(str(tmp_path / "b")) as file:
        assert file.read() == b"7"
