"""A row with a decision is of the bytes that are there; one of other bytes is scored anew."""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from batch_predict.checkpoint import rehash
from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.checkpoint.integrity import damaged_rows
from batch_predict.checkpoint.rehash import add_contents, forget_changed
from batch_predict.records import Row, Status
from batch_predict.rows import Rows
from batch_predict.storage.folder import Folder
from batch_predict.storage.selection import Selection

NAME = "ä=.png"


@pytest.fixture(params=[1 << 20, 3], ids=["read whole", "streamed"])
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    monkeypatch.setattr(rehash, "_SMALL_BYTES", request.param)
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / NAME).write_bytes(b"as it was")
    return folder


def scored(folder: Path, content: bytes | None) -> Checkpoint:
    """A checkpoint with the one picture of `folder`, whose `content` was scored."""
    (ref,) = Folder(str(folder)).walk(Selection())
    checkpoint = Checkpoint(str(folder.parent / "work"), {})
    checkpoint.set_refs([ref])
    checkpoint.add(Rows.of([Row(ref._replace(content_sha256=content), 3, 0.5, Status.OK)]))
    return checkpoint


def content(path: Path) -> bytes:
    return sha256(path.read_bytes()).digest()


def keep_times(path: Path, change: Callable[[Path], object]) -> None:
    before = path.stat()
    change(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        pytest.param(lambda path: None, 1, id="unchanged"),
        pytest.param(lambda path: path.write_bytes(b"otherwise"), 0, id="as long, as old"),
        pytest.param(lambda path: path.write_bytes(b"longer than it was"), 0, id="grown"),
    ],
)
def test_a_row_of_other_bytes_is_forgotten(
    folder: Path, change: Callable[[Path], object], kept: int
) -> None:
    with scored(folder, content(folder / NAME)) as checkpoint:
        keep_times(folder / NAME, change)
        forget_changed(checkpoint, Folder(str(folder)), ["b.png", NAME])
        assert checkpoint.row_count == kept
        assert len(list(checkpoint.pending())) == 1 - kept


def test_a_row_of_a_file_that_cannot_be_read_is_forgotten(folder: Path) -> None:
    with scored(folder, content(folder / NAME)) as checkpoint:
        (folder / NAME).unlink()
        forget_changed(checkpoint, Folder(str(folder)), [NAME])
        assert checkpoint.row_count == 0


@pytest.mark.parametrize("paths", [[], ["b.png"]], ids=["none", "another"])
def test_a_row_without_a_decision_is_not_looked_at(folder: Path, paths: list[str]) -> None:
    with scored(folder, bytes(32)) as checkpoint:
        forget_changed(checkpoint, Folder(str(folder)), paths)
        assert checkpoint.row_count == 1


def test_the_content_of_what_was_not_read_is_added(folder: Path) -> None:
    with scored(folder, None) as checkpoint:
        add_contents(checkpoint, Folder(str(folder)), [NAME, "b.png"])
        (rows,) = checkpoint.rows()
        assert [ref.content_sha256 for ref in rows.refs] == [content(folder / NAME)]
        assert rows.answers["confidence"] == 0.5
    assert damaged_rows(checkpoint.path, {}) == (0, 1)


def test_what_was_read_keeps_the_content_that_was_scored(folder: Path) -> None:
    with scored(folder, bytes(32)) as checkpoint:
        add_contents(checkpoint, Folder(str(folder)), [NAME])
        assert checkpoint.scored([NAME])[0].content_sha256 == bytes(32)


def test_what_cannot_be_read_at_all_stays_without(folder: Path) -> None:
    with scored(folder, None) as checkpoint:
        (folder / NAME).unlink()
        add_contents(checkpoint, Folder(str(folder)), [NAME])
        assert checkpoint.scored([NAME])[0].content_sha256 is None
