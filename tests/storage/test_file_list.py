"""Lists of files, as they are written: the paths in them, or an error that names the line."""

import os
import threading
from pathlib import Path

import pytest

from batch_predict.errors import UsageError
from batch_predict.storage.file_list import FileList


def names(folder: Path, content: bytes, *, null: bool = False) -> list[str]:
    path = folder / "list"
    path.write_bytes(content)
    return [entry.name for entry in FileList(str(path), null).entries()]


@pytest.mark.parametrize(
    ("content", "null", "found"),
    [
        pytest.param(b"", False, [], id="empty"),
        pytest.param(b"a.png\nb.png\n", False, ["a.png", "b.png"], id="lines"),
        pytest.param(b"a.png\nb.png", False, ["a.png", "b.png"], id="no last line end"),
        pytest.param(b"a.png\r\nb.png\r\n", False, ["a.png", "b.png"], id="of Windows"),
        pytest.param(b"\xef\xbb\xbfa.png\n", False, ["a.png"], id="byte order mark"),
        pytest.param(b"\n\na.png\n\r\n\n", False, ["a.png"], id="empty lines"),
        pytest.param(b" a .png\n", False, [" a .png"], id="spaces are the name's"),
        pytest.param(b"\\x5c\n", False, ["\\x5c"], id="no escapes"),
        pytest.param("é.png\n".encode(), False, ["é.png"], id="UTF-8"),
        pytest.param(b"\xe9.png\n", False, ["\udce9.png"], id="a byte that is not UTF-8"),
        pytest.param(b"a\nb\r\0c\0", True, ["a\nb\r", "c"], id="NUL"),
        pytest.param(b"a\0\0c", True, ["a", "c"], id="no last NUL"),
    ],
)
def test_paths(tmp_path: Path, content: bytes, found: list[str], *, null: bool) -> None:
    assert names(tmp_path, content, null=null) == found


def test_paths_over_the_end_of_what_is_read_at_a_time(tmp_path: Path) -> None:
    many = [f"{number:07}.png" for number in range(200_000)]
    assert names(tmp_path, "\n".join(many).encode()) == many


@pytest.mark.parametrize(
    ("content", "null", "words"),
    [
        pytest.param(b"a\0b\0", False, ", line 1: a NUL, .* say --null", id="NULs in lines"),
        pytest.param("a\nb".encode("utf-16"), False, "UTF-16 is not read", id="UTF-16"),
        pytest.param(b"a\n" + b"b" * 70_000, False, ", line 2: longer than any path", id="long"),
        pytest.param(b"a\0" + b"b" * 3_000_000, True, ", path 2: longer than", id="very long"),
    ],
)
def test_what_is_no_path(tmp_path: Path, content: bytes, words: str, *, null: bool) -> None:
    with pytest.raises(UsageError, match=words):
        names(tmp_path, content, null=null)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("missing", "No such file or directory", id="missing"),
        pytest.param(".", "Is a directory", id="folder"),
        pytest.param("missing/s3.json", "No such file or directory", id="manifest"),
    ],
)
def test_what_is_no_list(name: str, words: str) -> None:
    with pytest.raises(UsageError, match=f"--files-from {name}: {words}"):
        list(FileList(name).entries())


def test_standard_input() -> None:
    read, write = os.pipe()
    saved = os.dup(0)
    os.write(write, b"a.png\0b.png\0")
    os.close(write)
    try:
        os.dup2(read, 0)
        found = [entry.name for entry in FileList("-", ends_in_nul=True).entries()]
    finally:
        os.dup2(saved, 0)
        os.close(saved)
        os.close(read)
    assert found == ["a.png", "b.png"]


def test_a_pipe_is_read_as_it_is_written(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    threading.Thread(target=lambda: pipe.write_bytes(b"a.png\nb.png\n"), daemon=True).start()
    assert [entry.name for entry in FileList(str(pipe)).entries()] == ["a.png", "b.png"]
