"""Labels files as people write them."""

import os
from pathlib import Path

import pytest

from batch_predict.truth.labels_file import LabelsFile
from batch_predict.truth.labels_table import MOST_GROUPS, read_table

PICTURES = ("3/a.png", "3/b.png", "4/a.png", "top.png")


def labels_file(path: Path, text: str | bytes, in_dir: Path | None = None) -> LabelsFile:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    labels = LabelsFile(str(path), str(in_dir or path.parent), "labels")
    for picture in PICTURES:
        labels.count_name(picture.rpartition("/")[2])
    return labels


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("path,label\na.png,7\n", id="plain"),
        pytest.param("File Name;True Label\r\na.png;7\r\n", id="excel-semicolons"),
        pytest.param("image\tdigit\na.png\t7\n", id="tsv"),
        pytest.param("\ufeffid,class\na.png,7\n", id="byte-order-mark"),
        pytest.param("path,label\na.png,7\n".encode("utf-16"), id="utf-16"),
        pytest.param("label,notes,image_name\n7,,a.png\n", id="other-order"),
        pytest.param("FILENAME,GROUND_TRUTH\n a.png , 7.0 \n", id="floats-and-spaces"),
        pytest.param('path,label\n"a.png","7"', id="quoted-no-newline"),
        pytest.param("path,label\n./a.png,7\n\n", id="dot-slash-and-empty-line"),
        pytest.param("path,label,confidence,truth\na.png,1,0.5,7\n", id="truth-beats-label"),
        pytest.param("imageName,trueLabel\na.png,7\n", id="camel-case"),
        pytest.param("image,labels\na.png,7\n", id="plural"),
        pytest.param("quality,file,y_true\n3,a.png,7\n", id="a-word-not-a-letter"),
        pytest.param("Page Number,file,expected value\n3,a.png,7\n", id="another-number"),
    ],
)
def test_headers_and_dialects(tmp_path: Path, text: str | bytes) -> None:
    assert labels_file(tmp_path / "labels.csv", text).of("a.png") == 7


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "no column with paths", id="empty"),
        pytest.param("colour,label\nred,7\n", "no column with paths", id="no-paths"),
        pytest.param("path,colour\na.png,red\n", "no column with labels", id="no-labels"),
        pytest.param("file,quality\na.png,3\n", "no column with labels", id="y-in-a-word"),
        pytest.param("file,length\na.png,3\n", "no column with labels", id="gt-in-a-word"),
        pytest.param("file,page_number\na.png,3\n", "no column with labels", id="a-number"),
        pytest.param("width,label\n3,7\n", "no column with paths", id="id-in-a-word"),
        pytest.param(b"\xff\xfea", "truncated data", id="broken-utf-16"),
    ],
)
def test_unusable_files(tmp_path: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        labels_file(tmp_path / "labels.csv", text)


@pytest.mark.parametrize(
    ("written", "path"),
    [
        pytest.param("in/3/b.png", "3/b.png", id="relative-to-the-file"),
        pytest.param("3/b.png", "3/b.png", id="relative-to-in_dir"),
        pytest.param("b.png", "3/b.png", id="bare-name"),
        pytest.param("=x.png", "./=x.png", id="formula"),
        pytest.param("./=x.png", "./=x.png", id="formula-as-in-the-csv"),
        pytest.param("a\\b.png", r"a\x5cb.png", id="backslash"),
        pytest.param(r"a\x5cb.png", r"a\x5cb.png", id="backslash-as-in-the-csv"),
        pytest.param(r"a\xff.png", r"a\xff.png", id="bytes-as-in-the-csv"),
    ],
)
def test_paths_as_people_write_them(tmp_path: Path, written: str, path: str) -> None:
    truth = labels_file(tmp_path / "t.csv", f"path,label\n{written},7\n", tmp_path / "in")
    assert truth.of(path) == 7
    assert not sum(finding.count for finding in truth.findings())


@pytest.mark.parametrize("place", ["t.csv", "in/labels.csv"])
def test_absolute_paths_and_raw_bytes(tmp_path: Path, place: str) -> None:
    in_dir = tmp_path / "in"
    in_dir.mkdir()
    name = os.fsencode(in_dir / "3") + b"/\xff.png"
    truth = labels_file(tmp_path / place, b"path,label\n" + name + b",7\n", in_dir)
    assert truth.of(r"3/\xff.png") == 7


def test_a_bare_name_that_is_not_unique_labels_nothing(tmp_path: Path) -> None:
    truth = labels_file(tmp_path / "t.csv", "path,label\na.png,7\n")
    assert [truth.of(path) for path in PICTURES] == [None] * 4
    (shared,) = [finding for finding in truth.findings() if finding.count]
    assert (shared.count, shared.examples) == (1, ("a.png",))
    assert "several pictures" in shared.what
    assert truth.of("a.png") == 7  # but the picture of exactly this path is meant


def test_everything_odd_is_counted_and_listed(tmp_path: Path) -> None:
    rows = [
        "top.png,1",
        "top.png,1",
        "3/a.png,2",
        "3/a.png,3",
        "3/b.png,ten",
        "4/a.png,",
        "gone.png,5",
    ]
    truth = labels_file(tmp_path / "t.csv", "path,label\n" + "\n".join(rows))
    assert [truth.of(path) for path in PICTURES] == [None, None, None, 1]
    found = {f.what: (f.count, f.examples) for f in truth.findings() if f.count}
    assert found == {
        "rows of the labels file without a picture": (1, ("gone.png",)),
        "rows of the labels file that repeat a path": (2, ("top.png (line 3)", "3/a.png (line 5)")),
        "paths with different labels in the labels file (not used)": (1, ("3/a.png",)),
        "labels that are not 0 to 9 (not used)": (1, ("3/b.png: ten",)),
    }


def test_extra_columns_that_group(tmp_path: Path) -> None:
    lines = [f"{n}.png,7,{n % 2},same,{n}" for n in range(MOST_GROUPS + 1)]
    truth = labels_file(tmp_path / "t.csv", "path,label,scanner,site,note\n" + "\n".join(lines))
    assert truth.extra_columns == ("scanner",)
    (left_out,) = [finding for finding in truth.findings() if finding.what.startswith("columns")]
    assert left_out.examples == ("site", "note")
    assert (truth.extras("3.png"), truth.extras("absent.png")) == (("1",), ("",))


def test_short_and_long_rows(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("path,label,x\na.png\nb.png,1,2,3\n")
    assert read_table(str(file)) == (["a.png", "b.png"], ["", "1"], {"x": ["", "2"]}, [])
