"""Lines of a file that is open only now and then: those that `open` gives, and one state of it."""

import os
from pathlib import Path

import pytest

from batch_predict.tables import lines
from batch_predict.tables.lines import lines_of


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "_BLOCK", 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="empty"),
        pytest.param("a\nb\n", ["a\n", "b\n"], id="a block"),
        pytest.param("abc\nd\n\nefghijklmnop\nq", ["abc\n", "d\n", "\n", "efghijklmnop\n", "q"]),
        pytest.param("äöü\nß€\n", ["äöü\n", "ß€\n"], id="letters over the edge of a block"),
        pytest.param("a\r\nb\rc\n", ["a\r\n", "b\rc\n"], id="carriage returns"),
    ],
)
def test_lines_are_those_of_the_file(text: str, expected: list[str], tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())
    assert list(lines_of(str(path))) == expected


def test_bytes_that_are_no_utf_8(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"ab\n\xff\n")
    with pytest.raises(UnicodeDecodeError):
        list(lines_of(str(path)))


def test_a_file_that_is_replaced_meanwhile(tmp_path: Path) -> None:
    path, other = tmp_path / "a.csv", tmp_path / "b.csv"
    for each in path, other:
        each.write_text("a\nb\nc\nd\n")
    read = lines_of(str(path))
    assert next(read) == "a\n"
    os.replace(other, path)
    with pytest.raises(ValueError, match="changed while it was read"):
        list(read)


def test_no_file_is_held_open(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\nb\nc\nd\n")
    before = len(os.listdir("/proc/self/fd"))
    read = lines_of(str(path))
    next(read)
    assert len(os.listdir("/proc/self/fd")) == before
