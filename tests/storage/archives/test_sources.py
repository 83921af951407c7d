"""One archive as what a run reads from."""

import logging
from collections.abc import Callable
from errno import EFBIG
from io import BytesIO
from pathlib import Path
from tarfile import TarFile, TarInfo
from zipfile import ZipFile

import pytest

from batch_predict import job
from batch_predict.options import Options
from batch_predict.records import ImageRef
from batch_predict.storage import open_input
from batch_predict.storage.archives import Label, sources
from batch_predict.storage.selection import Selection
from tests.conftest import noise

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
    monkeypatch.setattr(sources, "_MOST_UNASKED", 100)
    source = open_input(str(tmp_path / "in.zip"))
    found = list(source.read_each(map(ImageRef, ("a.pgm", "b.pgm", "c.pgm"))))
    assert isinstance(found[0], OSError)
    assert found[0].errno == EFBIG
    assert found[1] == b"x"
    assert isinstance(found[2], FileNotFoundError)
