"""A bug leaves a log that its owner alone can read, in one of the two places for it."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from batch_predict.process import crash_log
from batch_predict.process.crash_log import KEPT, write


def bug() -> Exception:
    try:
        {}["absent"]
    except KeyError as error:
        return error
    raise AssertionError


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's state folder, which is not there yet."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path / "tmp"


def test_it_holds_versions_command_and_traceback(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crash_log.sys, "orig_argv", ["python", "-m", "batch_predict", "a b"])
    path = Path(write(bug(), {"numpy": "2.0", "keras": "3.8"}))
    assert path.is_relative_to(state)
    assert path.stat().st_mode & 0o777 == 0o600
    text = path.read_text()
    assert "numpy 2.0\nkeras 3.8\n" in text
    assert "python -m batch_predict 'a b'\n" in text
    assert "Traceback (most recent call last):\n" in text
    assert "KeyError: 'absent'\n" in text


def test_the_last_ten_are_kept(state: Path) -> None:
    folder = Path(write(bug(), {})).parent
    others = [folder / f"crash-20{year}-01-01T00-00-00Z-x.log" for year in range(10, 25)]
    for other in (*others, folder / "mine.txt"):
        other.write_text("")
    path = Path(write(bug(), {}))
    left = sorted(each.name for each in folder.iterdir())
    assert len(left) == KEPT + 1
    assert {path.name, "mine.txt", *(each.name for each in others[-8:])} <= {*left}


def no_home(name: str) -> str:
    raise RuntimeError("could not determine the home directory")


@pytest.mark.parametrize(
    "log_dir",
    [
        pytest.param(no_home, id="an-error"),
        pytest.param(lambda name: "~/.local/state", id="not-expanded"),
    ],
)
def test_without_a_home_it_is_a_temporary_file(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, log_dir: Callable[[str], str]
) -> None:
    monkeypatch.setattr(crash_log.platformdirs, "user_log_dir", log_dir)
    path = Path(write(bug(), {}))
    assert path.parent == temporary
    assert path.stat().st_mode & 0o777 == 0o600


def test_where_no_folder_can_be_made_it_is_a_temporary_file(state: Path, temporary: Path) -> None:
    state.write_text("a file where the folder would be")
    assert Path(write(bug(), {})).parent == temporary


def test_where_nothing_can_be_written_it_says_so(state: Path, temporary: Path) -> None:
    state.write_text("")
    temporary.rmdir()
    with pytest.raises(OSError, match="No such file"):
        write(bug(), {})


def test_a_message_that_is_no_text_is_written(state: Path) -> None:
    path = write(ValueError(os.fsdecode(b"\xff")), {})
    assert "\\udcff" in Path(path).read_text()
