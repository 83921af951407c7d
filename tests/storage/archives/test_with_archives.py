"""Archives as what a run reads from: one by itself, and those in a folder."""

import csv
import logging
from collections.abc import Callable
from errno import EACCES, EFBIG, EIO
from io import BytesIO
from pathlib import Path
from tarfile import TarFile, TarInfo
from unittest.mock import Mock
from zipfile import ZipFile

import pytest

from batch_predict import job
from batch_predict.errors import InputError
from batch_predict.options import Options
from batch_predict.records import ImageRef
from batch_predict.storage import open_input
from batch_predict.storage.archives import Label, by_path
from batch_predict.storage.folder import Folder
from batch_predict.storage.registry import Opened
from batch_predict.storage.selection import Selection
from tests.conftest import noise, save
from tests.support.containers import CONTAINERS, put
from tests.support.faults import Fault, Faults

PICTURE = b"P5 28 28 255\n" + noise(1).tobytes()


def make(path: Path, **members: bytes) -> None:
    with ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("more", "is_warned"),
    [
        pytest.param({}, True, id="plain"),
        pytest.param({"no_labels": True}, False, id="without truth"),
        pytest.param({"labels": ""}, False, id="extracted"),
    ],
)
def test_a_labels_file_in_an_archive_is_named(
    tmp_path: Path,
    options: Callable[..., Options],
    caplog: pytest.LogCaptureFixture,
    more: dict[str, str | bool],
    is_warned: bool,
) -> None:
    labels = tmp_path / "extracted.csv"
    labels.write_text("path,label\n7/a.pgm,7\n")
    make(tmp_path / "in", **{"7/a.pgm": PICTURE, "labels.csv": labels.read_bytes()})
    if "labels" in more:
        more = {"labels": str(labels)}
    with caplog.at_level(logging.WARNING):
        manifest = job.score_folder(options(**more))
    assert manifest.record.walk.skipped == {"labels.csv in an archive": 1}
    assert ("name it with --labels" in caplog.text) is is_warned


@pytest.mark.parametrize(
    ("more", "truth", "is_warned"),
    [
        pytest.param({}, "7", True, id="plain"),
        pytest.param({"no_labels": True}, None, False, id="without truth"),
        pytest.param({"labels": "labels.csv"}, "3", False, id="named"),
        pytest.param({"label_pattern": "(?P<label>.)/"}, "7", False, id="truth otherwise"),
    ],
)
def test_a_labels_file_beside_an_archive_is_named(
    tmp_path: Path,
    options: Callable[..., Options],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    more: dict[str, str | bool],
    truth: str | None,
    *,
    is_warned: bool,
) -> None:
    (tmp_path / "labels.csv").write_text("path,label\n7/a.pgm,3\n")
    make(tmp_path / "in.zip", **{"7/a.pgm": PICTURE})
    monkeypatch.chdir(tmp_path)
    job.score_folder(options(in_dir="in.zip", **more))
    assert ("labels.csv is not read" in caplog.text) is is_warned
    (row,) = csv.DictReader((tmp_path / "out.csv").read_text().splitlines())
    assert row.get("truth") == truth


def test_labels_of_an_archive_in_a_folder_are_of_what_is_below_its_name(tmp_path: Path) -> None:
    with TarFile(tmp_path / "a.tar", "w") as archive:
        for name, content in (("x.cls", b"3"), ("y.pgm", PICTURE), ("x.pgm", PICTURE)):
            member = TarInfo(name)
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
    labels: list[Label] = []
    listing = open_input(str(tmp_path), archives=True).walk(Selection())
    listing.take_label = labels.append
    assert [ref.path for ref in listing] == ["a.tar/y.pgm", "a.tar/x.pgm"]
    assert labels == [Label("a.tar/x.cls", "a.tar/x", 3)]


def test_a_member_of_unknown_size_has_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "in.zip", **{"a.pgm": PICTURE, "b.pgm": b"x"})
    monkeypatch.setattr(by_path, "_MOST_UNASKED", 100)
    source = open_input(str(tmp_path / "in.zip"))
    found = list(source.read_each(map(ImageRef, ("a.pgm", "b.pgm", "c.pgm"))))
    assert isinstance(found[0], OSError)
    assert found[0].errno == EFBIG
    assert found[1] == b"x"
    assert isinstance(found[2], FileNotFoundError)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are opened to be read in parts."""
    names: list[str] = []
    before = Folder.open_found

    def open_found(self: Folder, ref: ImageRef) -> Opened:
        names.append(ref.path)
        return before(self, ref)

    monkeypatch.setattr(Folder, "open_found", open_found)
    return names


def test_an_archive_is_opened_once_to_list_it_and_once_to_read_it(
    tmp_path: Path, opened: list[str]
) -> None:
    make(tmp_path / "in.zip", **{"a.pgm": PICTURE, "b.pgm": b"x"})
    source = open_input(str(tmp_path / "in.zip"))
    refs = list(source.walk(Selection()))
    assert opened == ["in.zip"]
    assert list(source.read_each(refs)) == [PICTURE, b"x"]
    assert source.read(ImageRef("b.pgm")) == b"x"
    assert opened == ["in.zip"] * 2


def test_so_is_one_in_a_folder(tmp_path: Path, opened: list[str]) -> None:
    make(tmp_path / "in.zip", **{"a.pgm": PICTURE})
    source = open_input(str(tmp_path), archives=True)
    refs = list(source.walk(Selection()))
    assert list(source.read_each(refs)) == [PICTURE]
    assert source.found("in.zip/a.pgm") == refs[0]
    assert opened == ["in.zip"] * 2


def test_what_a_process_has_opened_may_become_another_thing(tmp_path: Path) -> None:
    """A program scores the same address night after night."""
    address = tmp_path / "in.zip"

    def paths() -> list[str]:
        listing = open_input(str(address)).walk(Selection())
        found = [ref.path for ref in listing]
        listing.check_present()
        return found

    with pytest.raises(InputError, match="No such file"):
        paths()
    make(address, **{"a.pgm": PICTURE})
    assert paths() == ["a.pgm"]
    make(address, **{"a.pgm": PICTURE, "b.pgm": PICTURE})
    assert paths() == ["a.pgm", "b.pgm"]
    address.write_bytes(b"PK")
    with pytest.raises(InputError, match="can't open"):
        paths()
    address.unlink()
    put(address, {"c.pgm": PICTURE})
    assert paths() == ["c.pgm"]


def test_an_archive_may_come_into_a_folder_that_was_read(tmp_path: Path) -> None:
    source = open_input(str(tmp_path), archives=True)
    assert source.found("in.zip/a.pgm") is None
    make(tmp_path / "in.zip", **{"a.pgm": PICTURE})
    refs = list(source.walk(Selection()))
    assert list(source.read_each(refs)) == [PICTURE]


def test_by_path_what_an_archive_holds_before_its_break_is_read(tmp_path: Path) -> None:
    whole = CONTAINERS["tar"].make({"a.pgm": PICTURE, "b.pgm": PICTURE})
    (tmp_path / "in.tar").write_bytes(whole[: len(whole) // 2])
    source = open_input(str(tmp_path / "in.tar"))
    found = list(source.read_each(map(ImageRef, ("a.pgm", "c.pgm"))))
    assert found[0] == PICTURE
    assert isinstance(found[1], FileNotFoundError)


def test_by_path_what_a_disk_did_not_give_is_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path / "in.zip", **{"a.pgm": PICTURE})
    source = open_input(str(tmp_path), archives=True)
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "open_found", Mock(side_effect=OSError(EIO, "no answer")))
        (content,) = source.read_each([ImageRef("in.zip/a.pgm")])
    assert isinstance(content, OSError)
    assert content.errno == EIO
    assert source.read(ImageRef("in.zip/a.pgm")) == PICTURE


@pytest.mark.usefixtures("engine")
def test_why_an_archive_in_a_folder_is_not_opened_is_logged(
    tmp_path: Path, options: Callable[..., Options], caplog: pytest.LogCaptureFixture
) -> None:
    save(tmp_path / "in" / "a.png", noise(1))
    make(tmp_path / "in" / "b.zip", **{"a.pgm": PICTURE})
    with (
        caplog.at_level(logging.INFO),
        Faults(str(tmp_path / "in" / "b.zip"), Fault("open", 1, EACCES)).injected(),
    ):
        job.score_folder(options(archives=True, engine="here"))
    rows = (tmp_path / "out.csv").read_text().splitlines()
    assert rows[2] == "b.zip,,,failed,unreadable: the archive can't be read"
    assert "b.zip: PermissionError" in caplog.text
