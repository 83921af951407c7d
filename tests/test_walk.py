import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch_predict.errors import InputError
from batch_predict.walk import Walk


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * len(name))


def paths(root: Path, own: tuple[str, ...] = ()) -> list[str]:
    return [ref.path for ref in Walk(str(root), own)]


def test_refs_carry_size_and_time(tmp_path: Path) -> None:
    put(tmp_path, "a.png")
    os.utime(tmp_path / "a.png", ns=(5, 7))
    (ref,) = Walk(str(tmp_path), ())
    assert ref == ("a.png", 5, 7, None)


def test_order_is_that_of_whole_paths(tmp_path: Path) -> None:
    put(tmp_path, "a/z.png", "a.png", "a-b/c.png", "a0.png", "=x.png", "é.png", "B.png")
    found = paths(tmp_path)
    assert found == sorted(found)
    assert found == ["./=x.png", "B.png", "a-b/c.png", "a.png", "a/z.png", "a0.png", "é.png"]


part = st.text("ab.-=\\\n é", min_size=1, max_size=3).filter(lambda s: not s.startswith("."))


@settings(max_examples=50, deadline=None)
@given(st.sets(st.lists(part, min_size=1, max_size=3).map(tuple), max_size=8))
def test_any_tree_comes_sorted_and_whole(
    tmp_path_factory: pytest.TempPathFactory, files: set[tuple[str, ...]]
) -> None:
    root = tmp_path_factory.mktemp("tree")
    put(root, *("/".join(file) + ".png" for file in files))
    found = paths(root)
    assert found == sorted(found)
    assert len(set(found)) == len(files)


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    put(tmp_path, "a.png", "B.JPG", "notes.txt", "c.png~", ".hidden.png", ".git/d.png", "sub/e.md")
    put(tmp_path, "out.csv")
    (tmp_path / "link").symlink_to(tmp_path / "sub")
    (tmp_path / "broken.png").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.png")
    walk = Walk(str(tmp_path), (os.path.realpath(tmp_path / "out.csv"),))
    assert [ref.path for ref in walk] == ["B.JPG", "a.png"]
    assert walk.left_out == {
        "hidden": 2,
        "other file": 2,
        "backup": 1,
        "own output": 1,
        "linked folder": 1,
        "special file or broken link": 2,
    }


def test_a_linked_file_is_read(tmp_path: Path) -> None:
    put(tmp_path, "elsewhere/a.dat")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.png").symlink_to(tmp_path / "elsewhere/a.dat")
    assert paths(tmp_path / "in") == ["a.png"]


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_an_in_dir_that_is_none(tmp_path: Path, kind: str) -> None:
    put(tmp_path, "file")
    with pytest.raises(InputError, match=f"can't list {tmp_path / kind}"):
        Walk(str(tmp_path / kind), ())
