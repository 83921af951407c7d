"""Pictures that the walk leaves out for their names are warned of."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

import obstore
import pytest
from obstore.store import MemoryStore

from batch_predict import job
from batch_predict.errors import ExitCode, InputError
from batch_predict.options import Options
from batch_predict.storage import system_names
from batch_predict.storage.bucket_walk import BucketWalk
from batch_predict.storage.folder_walk import FolderWalk
from batch_predict.storage.overlooked import MOST, MOST_OF_BUCKET, MOST_OF_SUFFIX, Overlooked
from batch_predict.storage.selection import Selection
from tests.conftest import noise, save
from tests.decode.every_encoding import ENCODINGS
from tests.support.digits import DIGITS
from tests.support.here import OneByOne

MakeOptions = Callable[..., Options]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def category(start: bytes, name: str = "a.001") -> str:
    return Overlooked(lambda file: start).category(name, name)


@pytest.mark.parametrize("encoding", ENCODINGS, ids=lambda encoding: encoding.name)
def test_every_encoding_with_a_signature_is_like_a_picture(encoding) -> None:
    start = encoding.make(DIGITS[7])[:64]
    weak = encoding.suffix in (".tga", ".pcx", ".ico", ".dib")
    assert (category(start) == "picture by another name") is not weak


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        pytest.param(b"8BPS\0\1" + bytes(58), "picture by another name", id="Photoshop"),
        pytest.param(b"\0\0\0\x0cJXL \r\n\x87\n", "picture by another name", id="JPEG XL"),
        pytest.param(b"\0\0\0\x18ftypcrx \0\0", "picture by another name", id="CR3"),
        pytest.param(b"FUJIFILMCCD-RAW 0201", "picture by another name", id="RAF"),
        pytest.param(b"%PDF-1.7", "PDF", id="PDF"),
        pytest.param(b"\0\0\0\x18ftypisom\0\0", "other file", id="a video"),
        pytest.param(b"", "other file", id="empty"),
        pytest.param(b"path,label\n", "other file", id="a table"),
        pytest.param(b"BMW has 4 wheels, and so does this one", "other file", id="BMW"),
        pytest.param(b"P1: first priority", "other file", id="P1"),
        pytest.param(b"PK\3\4" + bytes(60), "other file", id="ZIP"),
        pytest.param(b"II is two", "other file", id="II"),
        pytest.param(b"\x93NUMPY\1\0", "other file", id="an array"),
        pytest.param(b"\xff\x0a", "other file", id="two bytes that may be JPEG XL's"),
    ],
)
def test_the_first_bytes_tell(start: bytes, kind: str) -> None:
    assert category(start) == kind


def test_a_pdf_is_told_by_its_name_too() -> None:
    assert category(b"", "a.PDF") == "PDF"


def test_a_file_that_can_not_be_read_is_left_out() -> None:
    def read(file: str) -> bytes:
        raise PermissionError

    assert Overlooked(read).category("a", "a") == "other file"


def test_no_more_are_looked_into_than_that() -> None:
    looked: list[str] = []

    def read(file: str) -> bytes:
        looked.append(file)
        return PNG

    overlooked = Overlooked(read)
    for number in range(MOST_OF_SUFFIX + 7):
        overlooked.category(f"{number}.dat", "dat")
    assert len(looked) == MOST_OF_SUFFIX
    assert overlooked.words() == (
        "100 files look like pictures (7 others were not looked into), such as 0.dat:"
        " --all-files takes them"
    )
    for number in range(2 * MOST):
        overlooked.category(f"a.{number}", "numbered")
    assert len(looked) == MOST


def put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(PNG)


def test_a_folder(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b/scan.001", "b/scan", "c.png?raw=1", ".hidden", "d.png~", "Thumbs.db")
    (tmp_path / "e.txt").write_text("words")
    os.mkfifo(tmp_path / "pipe")
    walk = FolderWalk(str(tmp_path), Selection())
    assert [ref.path for ref in walk] == ["a.png"]
    assert walk.skipped == {
        **{"picture by another name": 3, "other file": 1, "hidden": 1, "backup": 1},
        **{"system file": 1, "special file or broken link": 1},
    }
    assert walk.overlooked.count == 3
    assert walk.overlooked.example in {"b/scan.001", "b/scan", "c.png?raw=1"}


def test_a_bucket() -> None:
    store = MemoryStore()
    for number in range(MOST_OF_BUCKET + 5):
        obstore.put(store, f"a/{number}", PNG)
    obstore.put(store, "empty", b"")
    walk = BucketWalk(store, "s3://mine", Selection())
    assert list(walk) == []
    assert walk.skipped == {"picture by another name": MOST_OF_BUCKET, "other file": 6}


@pytest.mark.parametrize(
    ("names", "words"),
    [
        pytest.param(
            ("a.1", "a.2", "a.3"),
            "holds no picture file: 3 files look like pictures, such as a.",
            id="several",
        ),
        pytest.param(("a.1",), "file: 1 file looks like a picture, such as a.1: --all", id="one"),
        pytest.param(("a.pdf", ".b"), "no picture file: left out: 1 PDF, 1 hidden$", id="a PDF"),
        pytest.param((), "holds no picture file$", id="nothing"),
    ],
)
def test_a_folder_without_any_picture(
    names: tuple[str, ...], words: str, tmp_path: Path, options: MakeOptions
) -> None:
    (tmp_path / "in").mkdir()
    put(tmp_path / "in", *names)
    with pytest.raises(InputError, match=words):
        job.run(options())


def test_a_run_warns_of_them_and_counts_them(
    tmp_path: Path,
    options: MakeOptions,
    engine: OneByOne,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    save(tmp_path / "in" / "a.png", noise(1))
    put(tmp_path / "in", "b.scan", "c.pdf")
    assert job.run(options(engine="here")) is ExitCode.OK
    assert caplog.messages == [
        "left out: 1 file looks like a picture, such as b.scan: --all-files takes them"
    ]
    assert "; left out: 1 PDF, 1 picture by another name; " in capsys.readouterr().out
    caplog.clear()
    job.run(options(engine="here", all_files=True, exclude="*.pdf"))
    assert caplog.messages[0] == "1 of 2 pictures failed (--max-failures 0): 1 truncated"


def test_the_example_is_named_as_the_csv_names_it_whatever_the_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_latin_1 = "é.dat".encode().decode("latin-1")
    (tmp_path / as_latin_1).write_bytes(PNG)
    monkeypatch.setattr(os, "fsencode", lambda name: name.encode("latin-1"))
    monkeypatch.setattr(system_names, "IS_UTF8", False)
    walk = FolderWalk(str(tmp_path), Selection())
    list(walk)
    assert walk.overlooked.example == "é.dat"
