"""What a file holds is what the walk found, or it can't be read."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from batch_predict.errors import InputError, OutputError
from batch_predict.records import ImageRef
from batch_predict.storage import ChangedError, open_storage
from batch_predict.storage.folder import Folder
from batch_predict.storage.registry import local
from batch_predict.storage.selection import Selection

HELD = b"seven"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "in" / "a.png"
    path.parent.mkdir()
    path.write_bytes(HELD)
    os.utime(path, (1, 1))
    return path


def listed(file: Path) -> tuple[Folder, ImageRef]:
    storage = Folder(str(file.parent))
    (ref,) = storage.walk(Selection())
    return storage, ref


def test_a_file_that_is_as_it_was(file: Path) -> None:
    storage, ref = listed(file)
    assert storage.read(ref) == HELD


def link_to_another(file: Path) -> None:
    (file.parent / "b").write_bytes(b"eight")
    file.unlink()
    file.symlink_to("b")


def make_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda file: file.write_bytes(b"seven and more"), id="grown"),
        pytest.param(lambda file: os.truncate(file, 1 << 43), id="grown to eight terabytes"),
        pytest.param(lambda file: file.write_bytes(b"sev"), id="cut"),
        pytest.param(lambda file: file.write_bytes(b""), id="emptied"),
        pytest.param(lambda file: file.write_bytes(b"eight"), id="other bytes, as many"),
        pytest.param(lambda file: os.utime(file, (2, 2)), id="another time"),
        pytest.param(lambda file: os.utime(file, (0, 0)), id="an earlier time"),
        pytest.param(link_to_another, id="a link to another file"),
        pytest.param(make_pipe, id="a pipe"),
    ],
)
def test_a_file_that_changed_between_walk_and_read(
    file: Path, change: Callable[[Path], object]
) -> None:
    storage, ref = listed(file)
    change(file)
    with pytest.raises(ChangedError):
        storage.read(ref)
    (again,) = storage.walk(Selection()) if file.is_file() else (ref,)
    assert again.version != ref.version or not file.is_file()


@pytest.mark.parametrize("written", [b"eight", b"seven and more", b""], ids=["same size", "+", "-"])
def test_a_file_that_changes_while_it_is_read(
    file: Path, written: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, ref = listed(file)
    read = os.read

    def meanwhile(handle: int, size: int) -> bytes:
        found = read(handle, 2)
        file.write_bytes(written)
        return found

    with monkeypatch.context() as patched:
        patched.setattr(os, "read", meanwhile)
        with pytest.raises(ChangedError):
            storage.read(ref)


def test_a_file_that_comes_in_parts(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage, ref = listed(file)
    read = os.read
    with monkeypatch.context() as patched:
        patched.setattr(os, "read", lambda handle, size: read(handle, min(size, 2)))
        assert storage.read(ref) == HELD


def test_of_a_file_that_was_not_listed_all_is_read(file: Path) -> None:
    file.write_bytes(b"x" * (3 << 20))
    assert len(open_storage(str(file.parent)).read(ImageRef("a.png"))) == 3 << 20


def test_a_change_is_a_value_among_others(file: Path) -> None:
    storage, ref = listed(file)
    os.utime(file, (2, 2))
    contents = list(storage.read_each([ref, ImageRef("a.png"), ImageRef("b.png")]))
    assert [type(each) for each in contents] == [ChangedError, bytes, FileNotFoundError]
    assert isinstance(contents[0], ChangedError)
    assert contents[0].errno == errno.ESTALE


@pytest.mark.parametrize("relative", ["in", ".", "../in"])
def test_a_current_folder_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, relative: str
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(InputError, match="No such file"):
        open_storage(relative).walk(Selection())
    with pytest.raises(OutputError, match="the current folder is gone"):
        local(f"{relative}/out.csv")
    assert local(str(tmp_path / "out.csv")) == str(tmp_path / "out.csv")
