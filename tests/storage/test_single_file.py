"""A picture that is the whole input: it has one row, and it is what was named."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from batch_predict import job
from batch_predict.errors import InputError
from batch_predict.options import Options
from batch_predict.records import ImageRef
from batch_predict.storage import Source, open_input
from batch_predict.storage.selection import Selection
from tests.conftest import noise, save
from tests.s3.server import environment, serving

MakeOptions = Callable[..., Options]


def walked(source: Source, *exclude: str) -> list[ImageRef]:
    return list(source.walk(Selection(exclude=tuple(exclude))))


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.s3)])
def found(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[str, Path]:
    """The address of a picture, and its file."""
    file = save(tmp_path / "bucket" / "7" / "é.png", noise(1))
    save(tmp_path / "bucket" / "7" / "other.png", noise(2))
    if request.param == "folder":
        return str(file), file
    port = request.getfixturevalue("served")
    for name, value in environment(port).items():
        monkeypatch.setenv(name, value)
    return "s3://bucket/7/é.png", file


@pytest.fixture
def served(tmp_path: Path) -> object:
    with serving(tmp_path) as port:
        yield port


def test_it_alone_is_listed_and_read(found: tuple[str, Path]) -> None:
    address, file = found
    source = open_input(address)
    assert source.address == address
    (ref,) = walked(source)
    assert (ref.path, ref.size, ref.place) == ("é.png", file.stat().st_size, None)
    assert source.read(ref) == file.read_bytes()
    assert list(source.read_each([ref, ref])) == [file.read_bytes()] * 2


@pytest.mark.parametrize("name", ["scan.png", "scan", "a.PNG", "notes.txt"])
def test_a_picture_has_any_name(name: str, tmp_path: Path) -> None:
    os.rename(save(tmp_path / "a.png", noise(1)), tmp_path / name)
    (ref,) = walked(open_input(str(tmp_path / name)))
    assert ref.path == name


def test_what_is_no_picture_is_said(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("words")
    with pytest.raises(InputError, match="no folder, archive or picture"):
        open_input(str(tmp_path / "notes.txt"))


@pytest.mark.parametrize("change", [os.remove, lambda path: save(path, noise(3))])
def test_a_change_is_noticed(change: Callable[[Path], object], tmp_path: Path) -> None:
    file = save(tmp_path / "a.png", noise(1))
    os.utime(file, (1, 1))
    listing = open_input(str(file)).walk(Selection())
    listing.check_present()
    change(file)
    with pytest.raises(InputError, match=r"went away|another file"):
        listing.check_present()


@pytest.mark.usefixtures("engine")
def test_a_run_of_one_picture(options: MakeOptions, tmp_path: Path) -> None:
    file = save(tmp_path / "7" / "a.png", noise(1))
    (tmp_path / "labels.csv").write_text("path,label\na.png,3\n")
    labels = str(tmp_path / "labels.csv")
    assert job.run(options(in_dir=str(file), engine="here", labels=labels)) == 0
    header, row = (tmp_path / "out.csv").read_text().splitlines()
    assert header.endswith(",truth")
    assert row.startswith("a.png,")
    assert row.endswith(",3")


@pytest.mark.usefixtures("engine")
def test_an_output_never_replaces_it(options: MakeOptions, tmp_path: Path) -> None:
    file = save(tmp_path / "a.png", noise(1))
    before = file.read_bytes()
    with pytest.raises(Exception, match=r"a\.png"):
        job.run(options(in_dir=str(file), output=str(file), engine="here", overwrite=True))
    assert file.read_bytes() == before
