"""Labels files as people write them."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from batch_predict.truth.labels_file import LabelsFile
from batch_predict.truth.labels_table import MOST_GROUPS

PICTURES = ("3/a.png", "3/b.png", "4/a.png", "top.png")


def labels_file(
    path: Path,
    text: str | bytes,
    in_dir: Path | None = None,
    pictures: Sequence[str] = PICTURES,
) -> LabelsFile:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    labels = LabelsFile(str(path), str(in_dir or path.parent), "labels")
    labels.match(lambda: pictures)
    return labels


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
    text = f"path,label\n{written},7\n"
    truth = labels_file(tmp_path / "t.csv", text, tmp_path / "in", [*{*PICTURES, path}])
    assert truth.of(path) == 7
    assert not sum(finding.count for finding in truth.findings())


@pytest.mark.parametrize("place", ["t.csv", "in/labels.csv"])
def test_absolute_paths_and_raw_bytes(tmp_path: Path, place: str) -> None:
    in_dir = tmp_path / "in"
    in_dir.mkdir()
    name = os.fsencode(in_dir / "3") + b"/\xff.png"
    pictures = (r"3/\xff.png",)
    truth = labels_file(tmp_path / place, b"path,label\n" + name + b",7\n", in_dir, pictures)
    assert truth.of(r"3/\xff.png") == 7


def test_a_bare_name_that_is_not_unique_labels_nothing(tmp_path: Path) -> None:
    truth = labels_file(tmp_path / "t.csv", "path,label\na.png,7\n")
    assert [truth.of(path) for path in PICTURES] == [None] * 4
    (shared,) = [finding for finding in truth.findings() if finding.count]
    assert (shared.count, shared.examples) == (1, ("a.png",))
    assert "several pictures" in shared.what
    assert truth.warnings() == ['1 label names several pictures, e.g. "a.png" (line 2)']


def test_a_bare_name_is_the_picture_of_exactly_this_path(tmp_path: Path) -> None:
    truth = labels_file(tmp_path / "t.csv", "path,label\na.png,7\n", None, (*PICTURES, "a.png"))
    assert [truth.of(path) for path in (*PICTURES, "a.png")] == [None] * 4 + [7]
    assert not truth.warnings()


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
    assert truth.warnings() == [
        '1 label fits no picture, e.g. "gone.png" (line 8): no picture has this name',
        '1 path has different labels, e.g. "3/a.png" (line 5)',
        '1 label is not 0 to 9, e.g. "ten" (line 6)',
    ]


def test_a_warning_shows_the_first_as_it_stands_and_counts_all(tmp_path: Path) -> None:
    text = "# mine\nsep=;\n\npath;label\n3\\x.png;1\ngone.png;1\n3/a.png;7,0\n3/b.png;8,0\n"
    truth = labels_file(tmp_path / "t.csv", text)
    assert truth.warnings() == [
        '2 labels fit no picture, e.g. "3\\x.png" (line 5): no picture has this name',
        '2 labels are not 0 to 9, e.g. "7,0" (line 7)',
    ]


def test_a_runs_own_answers_are_no_truth(tmp_path: Path) -> None:
    columns, row = "path,label,confidence,status,reason", "top.png,7,0.9,ok,"
    (warning,) = labels_file(tmp_path / "t.csv", f"{columns}\n{row}\n").warnings()
    assert warning == (
        '1 label is what a run answered, unless a person went through them, e.g. "top.png" (line 2)'
    )
    with_truth = labels_file(tmp_path / "t.csv", f"{columns},truth\n{row},7\n")
    assert not with_truth.warnings()


def test_a_label_of_a_file_that_was_left_out_says_so(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    truth = labels_file(tmp_path / "t.csv", "path,label\nnotes.txt,7\n")
    assert truth.warnings() == [
        '1 label fits no picture, e.g. "notes.txt" (line 2): the file is left out'
    ]


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("gone.png,", id="no-label-yet"),
        pytest.param("#gone.png,7", id="a-comment"),
        pytest.param("top.png,7", id="the-same-again"),
    ],
)
def test_what_is_no_cause_for_a_warning(tmp_path: Path, row: str) -> None:
    assert not labels_file(tmp_path / "t.csv", f"path,label\ntop.png,7\n{row}\n").warnings()


def test_extra_columns_that_group(tmp_path: Path) -> None:
    lines = [f"{n}.png,7,{n % 2},same,{n}" for n in range(MOST_GROUPS + 1)]
    truth = labels_file(tmp_path / "t.csv", "path,label,scanner,site,note\n" + "\n".join(lines))
    assert truth.extra_columns == ("scanner",)
    (left_out,) = [finding for finding in truth.findings() if finding.what.startswith("columns")]
    assert left_out.examples == ("site", "note")
    assert (truth.extras("3.png"), truth.extras("absent.png")) == (("1",), ("",))
