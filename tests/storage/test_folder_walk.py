import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_predict.errors import InputError
from batch_predict.records import ImageRef
from batch_predict.storage import open_storage
from batch_predict.storage.folder_walk import FolderWalk
from batch_predict.storage.selection import Selection


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * len(name))


def paths(root: Path, own: tuple[str, ...] = (), **how: bool) -> list[str]:
    selection = Selection(frozenset(own), **how)
    return [ref.path for ref in FolderWalk(str(root), selection)]


def write_another_size(file: Path) -> None:
    file.write_bytes(b"another size")
    os.utime(file, ns=(5, 7))


@pytest.mark.parametrize(
    ("change", "same"),
    [
        pytest.param(lambda file: None, True, id="nothing"),
        pytest.param(lambda file: os.utime(file, ns=(9, 7)), True, id="time of access"),
        pytest.param(lambda file: os.utime(file, ns=(5, 8)), False, id="time of change"),
        pytest.param(write_another_size, False, id="size"),
    ],
)
def test_another_file_has_another_version(
    tmp_path: Path, change: Callable[[Path], None], same: bool
) -> None:
    put(tmp_path, "a.png")
    os.utime(tmp_path / "a.png", ns=(5, 7))
    (before,) = FolderWalk(str(tmp_path), Selection())
    assert before == ImageRef("a.png", 5, "5 7")
    change(tmp_path / "a.png")
    (after,) = FolderWalk(str(tmp_path), Selection())
    assert (after.version == before.version) is same


def test_order_is_that_of_whole_paths(tmp_path: Path) -> None:
    put(tmp_path, "a/z.png", "a.png", "a-b/c.png", "a0.png", "=x.png", "é.png", "B.png")
    found = paths(tmp_path)
    assert found == sorted(found)
    assert found == ["./=x.png", "B.png", "a-b/c.png", "a.png", "a/z.png", "a0.png", "é.png"]


part = st.text("ab.-=\\\n é", min_size=1, max_size=3).filter(lambda s: not s.startswith("."))


@settings(max_examples=50)
@given(st.sets(st.lists(part, min_size=1, max_size=3).map(tuple), max_size=8))
def test_any_tree_comes_sorted_and_whole(
    tmp_path_factory: pytest.TempPathFactory, files: set[tuple[str, ...]]
) -> None:
    root = tmp_path_factory.mktemp("tree")
    put(root, *("/".join(file) + ".png" for file in files))
    found = paths(root)
    assert found == sorted(found)
    assert len(set(found)) == len(files)


def test_what_is_skipped_is_counted(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "B.JPG", "notes.txt", "c.png~", ".hidden.png", ".git/d.png", "sub/e.md")
    put(tmp_path, "out.csv", "._a.png", "sub/.AppleDouble/a.png")
    (tmp_path / "link").symlink_to(tmp_path / "sub")
    (tmp_path / "broken.png").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.png")
    walk = FolderWalk(str(tmp_path), Selection(frozenset({os.path.realpath(tmp_path / "out.csv")})))
    assert [ref.path for ref in walk] == ["B.JPG", "a.png", "broken.png"]
    assert walk.skipped == {
        "hidden": 3,
        "AppleDouble": 1,
        "other file": 2,
        "backup": 1,
        "own output": 1,
        "linked folder": 1,
        "special file or broken link": 1,
    }


UNREACHED = {"none": "nowhere", "circle": "{name}", "error": "x" * 256}  # the system's own limit


@pytest.mark.parametrize("target", UNREACHED.values(), ids=UNREACHED.keys())
@pytest.mark.parametrize(
    ("name", "options", "found"),
    [
        pytest.param("a.png", {}, ["a.png"], id="a picture"),
        pytest.param("day", {}, [], id="a folder that would not be walked"),
        pytest.param("day", {"follow_links": True}, ["day/"], id="what may be a folder"),
        pytest.param("day.1", {"follow_links": True}, ["day.1/"], id="one with a dot"),
        pytest.param("a.png", {"follow_links": True}, ["a.png"], id="a picture, links followed"),
        pytest.param("day", {"all_files": True}, ["day"], id="what may be a file"),
        pytest.param("@eaDir", {"follow_links": True}, [], id="a system's folder"),
        pytest.param("day", {"follow_links": True, "exclude": ["day/"]}, [], id="excluded"),
        pytest.param("a.png", {"exclude": ["a.*"]}, [], id="a picture that is excluded"),
    ],
)
def test_a_link_that_leads_nowhere_is_a_row(
    tmp_path: Path, target: str, name: str, options: dict[str, Any], found: list[str]
) -> None:
    (tmp_path / name).symlink_to(target.format(name=name))
    walk = FolderWalk(str(tmp_path), Selection(**options))
    assert list(walk) == [ImageRef(path) for path in found]
    assert walk.skipped.total() == 1 - len(found)


FILES = (
    "a.png",
    "@eaDir/a.png/SYNOPHOTO_THUMB_M.jpg",
    "b/#recycle/c.png",
    "b/d.png",
    "lost+found/e.png",
)


def test_folders_of_a_system_are_skipped(tmp_path: Path) -> None:
    put(tmp_path, *FILES, "Thumbs.db", "~$notes.png.docx")
    for all_files in (False, True):
        walk = FolderWalk(str(tmp_path), Selection(all_files=all_files))
        assert [ref.path for ref in walk] == ["a.png", "b/d.png"]
        assert walk.skipped == {"system folder": 3, "system file": 2}


def test_in_dir_may_be_a_systems_folder(tmp_path: Path) -> None:
    put(tmp_path, "#recycle/a.png")
    assert paths(tmp_path / "#recycle") == ["a.png"]


def test_an_excluded_folder_is_not_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "a.png", "a_thumb.png", "x/thumbs/b.png", "=x/c.png", "=x/d.png")
    entered = []
    scandir = os.scandir
    monkeypatch.setattr(
        os, "scandir", lambda f: (entered.append(os.path.basename(f)), scandir(f))[1]
    )
    walk = FolderWalk(str(tmp_path), Selection(exclude=("thumbs", "*_thumb.png", "=x/d.*")))
    assert [ref.path for ref in walk] == ["./=x/c.png", "a.png"]
    assert walk.skipped == {"excluded": 3}
    assert "thumbs" not in entered


def test_a_linked_file_is_read(tmp_path: Path) -> None:
    put(tmp_path, "elsewhere/a.dat")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.png").symlink_to(tmp_path / "elsewhere/a.dat")
    assert paths(tmp_path / "in") == ["a.png"]


def test_all_files_takes_every_file_but_hidden_ones_and_its_own(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "notes.txt", "none", "c.png~", ".hidden.png", "._a.png", "out.csv")
    os.mkfifo(tmp_path / "pipe.png")
    own = (os.path.realpath(tmp_path / "out.csv"),)
    assert paths(tmp_path, own, all_files=True) == ["a.png", "c.png~", "none", "notes.txt"]


def test_every_suffix_in_either_case(tmp_path: Path) -> None:
    suffixes = (
        "png apng jpg jpeg jpe jfif mpo tif tiff gif webp bmp dib pbm pgm ppm pnm pam pfm ico avif"
        " jp2 j2k tga pcx heic heif"
    ).split()
    names = sorted(f"a.{s}" for suffix in suffixes for s in (suffix, suffix.upper()))
    put(tmp_path, *names)
    assert paths(tmp_path) == names


def test_a_name_that_is_not_utf8_is_found_and_read_back(tmp_path: Path) -> None:
    name = b"\xff\xfe 7\\\n.png"
    with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
        file.write(b"seven")
    (path,) = paths(tmp_path)
    assert path == "\\xff\\xfe 7\\x5c\n.png"
    assert open_storage(str(tmp_path)).read(ImageRef(path)) == b"seven"


def test_followed_links_end_and_no_folder_comes_twice(tmp_path: Path) -> None:
    put(tmp_path, "in/real/a.png", "out/b.png", "out/deep/c.png")
    links = {
        "in/again": "in/real",  # walked where it is
        "in/real/up": "in",  # in circles
        "in/linked": "out",
        "in/other": "out",  # the same folder by another name
        "out/back": "in",  # in circles, through the outside
        "out/deep/around": "out",
    }
    for link, target in links.items():
        (tmp_path / link).symlink_to(tmp_path / target)
    (tmp_path / "in/self.png").symlink_to("self.png")
    walk = FolderWalk(str(tmp_path / "in"), Selection(follow_links=True))
    pictures = ["linked/b.png", "linked/deep/c.png", "real/a.png", "self.png"]
    assert [ref.path for ref in walk] == pictures
    assert walk.skipped == {"linked folder met elsewhere": 5}
    assert paths(tmp_path / "in") == ["real/a.png", "self.png"]


def test_pipes_and_sockets_are_never_opened(tmp_path: Path) -> None:
    put(tmp_path, "a.png")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "to-a-pipe.png").symlink_to("pipe.png")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket.png"))
        walk = FolderWalk(str(tmp_path), Selection(all_files=True))
        assert [ref.path for ref in walk] == ["a.png"]
    assert walk.skipped == {"special file or broken link": 3}


def test_a_pipe_put_in_a_files_place_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.png")
    with pytest.raises(OSError, match="a pipe or a socket, not a file"):
        open_storage(str(tmp_path)).read(ImageRef("a.png"))


def test_a_folder_that_cannot_be_listed_is_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path, "a.png", "locked/b.png", "z.png")
    listed = os.scandir

    def scandir(folder: str) -> object:
        if folder.endswith("locked"):
            raise PermissionError(13, "Permission denied", folder)
        return listed(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    assert paths(tmp_path) == ["a.png", "locked/", "z.png"]
    assert list(FolderWalk(str(tmp_path), Selection()))[1] == ImageRef("locked/")


def test_a_file_that_goes_away_meanwhile_comes_all_the_same(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "b.png")
    refs = iter(FolderWalk(str(tmp_path), Selection()))
    assert next(refs).path == "a.png"
    (tmp_path / "b.png").unlink()
    assert next(refs) == ImageRef("b.png")


def test_only_the_whole_path_is_guarded_from_spreadsheets(tmp_path: Path) -> None:
    put(tmp_path, "a/=1.png", "=b/-2.png")
    assert paths(tmp_path) == ["./=b/-2.png", "a/=1.png"]


def test_in_dir_is_present_or_went_away(tmp_path: Path) -> None:
    put(tmp_path, "in/a.png", "other/a.png")
    walk = FolderWalk(str(tmp_path / "in"), Selection())
    walk.check_present()
    (tmp_path / "in").rename(tmp_path / "moved")
    with pytest.raises(InputError, match="in went away: No such file"):
        walk.check_present()
    (tmp_path / "other").rename(tmp_path / "in")
    with pytest.raises(InputError, match="in went away: another folder is in its place"):
        walk.check_present()


def test_in_dir_went_away_before_it_is_listed(tmp_path: Path) -> None:
    put(tmp_path, "in/a.png")
    walk = FolderWalk(str(tmp_path / "in"), Selection())
    (tmp_path / "in").rename(tmp_path / "moved")
    with pytest.raises(InputError, match=r"can't list .*in: No such file"):
        next(iter(walk))


def test_a_tree_deeper_than_pythons_stack(tmp_path: Path) -> None:
    depth = 1500  # folders, in each other
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=folder)
        inner = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(os.open("a.png", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.close(folder)
    assert paths(tmp_path) == ["d/" * depth + "a.png"]
    subprocess.run(["rm", "-r", tmp_path / "d"], check=True)  # too deep for shutil.rmtree


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_an_in_dir_that_is_none(tmp_path: Path, kind: str) -> None:
    put(tmp_path, "file")
    with pytest.raises(InputError, match=f"can't list {tmp_path / kind}"):
        FolderWalk(str(tmp_path / kind), Selection())
