"""Files that a list names, in a folder and in a bucket."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from batch_predict.errors import UsageError
from batch_predict.records import Code, ImageRef
from batch_predict.storage.file_list import FileList
from batch_predict.storage.folder import Folder
from batch_predict.storage.listed_files import in_bucket
from batch_predict.storage.listing import Listing
from batch_predict.storage.overlooked import Overlooked
from batch_predict.storage.selection import Selection


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder `in` with files, and a link `linked` to it."""
    for name in ("a.png", "7/b.png", ".hidden.png", "notes.txt", "=c.png", "back\\slash.png"):
        path = tmp_path / "in" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(b"x" * len(name))
    (tmp_path / "linked").symlink_to("in")
    return tmp_path / "in"


def listed(
    folder: Path, *names: str, exclude: tuple[str, ...] = (), outputs: tuple[str, ...] = ()
) -> Listing:
    path = folder.parent / "list"
    path.write_text("\n".join(names))
    given = FileList(str(path))
    return Folder(str(folder)).listed(given, Selection(frozenset(outputs), exclude=tuple(exclude)))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        pytest.param("a.png", "a.png", id="plain"),
        pytest.param("./7//b.png", "7/b.png", id="as find writes it"),
        pytest.param("7/../a.png", "a.png", id="out of a folder in it"),
        pytest.param("{in}/7/b.png", "7/b.png", id="absolute"),
        pytest.param("//{in}//a.png", "a.png", id="absolute, slashes"),
        pytest.param("{linked}/a.png", "a.png", id="absolute, by a link"),
        pytest.param(".hidden.png", ".hidden.png", id="hidden"),
        pytest.param("notes.txt", "notes.txt", id="no picture by name"),
        pytest.param("=c.png", "./=c.png", id="as the system has it"),
        pytest.param("./=c.png", "./=c.png", id="as the CSV has it"),
        pytest.param("back\\slash.png", r"back\x5cslash.png", id="a backslash"),
    ],
)
def test_a_name_is_a_path(folder: Path, name: str, path: str) -> None:
    linked_to = folder.parent / "linked"
    name = name.format_map({"in": folder, "linked": linked_to})
    top = linked_to if "linked" in name else folder
    (ref,) = listed(top, name)
    assert ref == Folder(str(folder)).found(path)
    assert (ref.path, ref.size is None) == (path, False)


@pytest.mark.parametrize(
    "name", [pytest.param("none.png", id="missing"), pytest.param("7", id="folder")]
)
def test_what_is_no_file_is_listed_all_the_same(folder: Path, name: str) -> None:
    (ref,) = listed(folder, name)
    assert (ref.path, ref.size, ref.version) == (name, None, None)
    with pytest.raises(OSError, match=r"No such file|Is a directory"):
        Folder(str(folder)).read(ref)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("/elsewhere/a.png", "/elsewhere/a.png does not lie in", id="absolute"),
        pytest.param("{in}2/a.png", "does not lie in", id="a folder with a longer name"),
        pytest.param("../a.png", "../a.png leads out of", id="above"),
        pytest.param("7/../../a.png", "leads out of", id="above, after all"),
    ],
)
def test_what_lies_elsewhere_is_an_error(folder: Path, name: str, words: str) -> None:
    with pytest.raises(UsageError, match=f"list, line 2: .*{words}"):
        list(listed(folder, "a.png", name.format_map({"in": folder})))


def test_own_outputs_and_what_is_excluded_are_left_out(folder: Path) -> None:
    names = ("a.png", "7/b.png", "notes.txt")
    own = (str(folder.parent / "linked" / "notes.txt"),)
    listing = listed(folder, *names, exclude=("7/",), outputs=own)
    assert [ref.path for ref in listing] == ["a.png"]
    assert listing.skipped == {"excluded": 1, "own output": 1}


def test_an_inventory_is_of_a_bucket(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"manifest\.json: .* whose in_dir is the bucket, not"):
        Folder(str(folder)).listed(FileList("manifest.json"), Selection())


class Base(Listing):
    """A bucket's listing, which is not asked for anything."""

    def __init__(self) -> None:
        super().__init__("s3://bucket/folder", Overlooked(os.fsencode), is_local=False)

    def __iter__(self) -> Iterator[ImageRef]:
        return iter(())

    def check_present(self) -> None:
        """Present."""


@pytest.mark.parametrize(
    ("name", "path", "fails"),
    [
        pytest.param("7/a.png", "7/a.png", False, id="key"),
        pytest.param("s3://bucket/folder/7/a.png", "7/a.png", False, id="address"),
        pytest.param("./=a.png", "./=a.png", False, id="as the CSV has it"),
        pytest.param("7//a.png", "7//a.png", True, id="an empty part"),
        pytest.param("7/../a.png", "7/../a.png", True, id="a part with a meaning"),
    ],
)
def test_a_key_is_a_path(tmp_path: Path, name: str, path: str, *, fails: bool) -> None:
    (tmp_path / "list").write_text(name)
    given = FileList(str(tmp_path / "list"))
    (ref,) = in_bucket(given, Base(), Selection())
    assert (ref.path, ref.size, ref.version) == (path, None, None)
    assert (ref.fault is not None and ref.fault.code is Code.UNREADABLE) is fails


@pytest.mark.parametrize("name", ["s3://bucket/folder2/a.png", "s3://other/folder/a.png"])
def test_another_address_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / "list").write_text(name)
    given = FileList(str(tmp_path / "list"))
    with pytest.raises(UsageError, match=r"line 1: .* does not lie in s3://bucket/folder"):
        list(in_bucket(given, Base(), Selection()))
