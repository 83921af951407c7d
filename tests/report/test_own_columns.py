"""A user's columns are their own, whatever their names and bytes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batch_predict import job
from batch_predict.errors import ExitCode
from batch_predict.options import Options
from batch_predict.report.cli import main
from batch_predict.report.load import load
from batch_predict.truth.labels_file import LabelsFile
from tests.conftest import noise, save
from tests.support.scored import members

PICTURES = ("3/a.png", "3/b.png", "7/a.png", "7/b.png")


def labels_file(path: Path, header: bytes, cells: tuple[bytes, ...]) -> str:
    """Labels for PICTURES, with further columns: `header` names them, `cells` are their rows."""
    rows = [
        b",".join((picture.encode(), picture[:1].encode(), of_row))
        for picture, of_row in zip(PICTURES, cells, strict=True)
    ]
    path.write_bytes(b"\n".join((b"path,label," + header, *rows)))
    return str(path)


def table(path: Path, pictures: tuple[str, ...] = PICTURES) -> str:
    """A table of `pictures`, each read as a 3."""
    lines = (f"{picture},3,0.9,ok\n" for picture in pictures)
    path.write_text("path,label,confidence,status\n" + "".join(lines))
    return str(path)


#: names of columns and of figures of this program
OURS = "folder Folder status confidence reason p0 no_digit file name rows by_folder".split()
AB = (b"A", b"B", b"A", b"B")
TWO = (b"A,C", b"B,C", b"A,D", b"B,D")
ODD = (b"\0", b"'=1+1", b"<b>", b'"a\nb"')


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        *(
            pytest.param(name.encode(), AB, {name: "AB"}, id=name)
            for name in OURS
        ),
        pytest.param(b"path", AB, {"path (column 3)": "AB"}, id="path"),
        pytest.param(b"x,x", TWO, {"x": "AB", "x (column 4)": "CD"}, id="twice"),
        pytest.param(b",column 3", TWO, {"column 3": "AB", "column 3 (column 4)": "CD"}, id="none"),
        pytest.param("Gebäude".encode(), AB, {"Gebäude": "AB"}, id="utf-8-name"),
        pytest.param(b"Geb\xe4ude", AB, {r"Geb\xe4ude": "AB"}, id="latin-1-name"),
        pytest.param(b"x", (b"Z\xfcrich", b"B", b"B", b"\xed\xa0\x80"),
                     {"x": ["B", r"Z\xfcrich", r"\xed\xa0\x80"]}, id="latin-1-cells"),
        pytest.param(b"x", (b"", b"(empty)", b"", b"NA"),
                     {"x": ["(empty)", '"(empty)"', "NA"]}, id="words-of-ours"),
        pytest.param(b"x", ODD, {"x": ["\0", "'=1+1", "<b>", "a\nb"]}, id="control-characters"),
    ],
)  # fmt: skip
def test_a_column_groups_by_what_it_holds(
    tmp_path: Path, header: bytes, cells: tuple[bytes, ...], expected: dict[str, Any]
) -> None:
    mine = labels_file(tmp_path / "mine.csv", header, cells)
    labels = LabelsFile(mine, str(tmp_path), "labels")
    scored = load(table(tmp_path / "out.csv"), labels.of, labels)
    assert members(scored.by_folder) == ["3", "3", "7", "7"]
    found = {name: sorted(set(members(column))) for name, column in scored.by_column.items()}
    assert found == {name: sorted(values) for name, values in expected.items()}


@pytest.mark.parametrize("name", ["(top level)", "(empty)"])
def test_a_folder_with_a_name_of_ours_is_its_own_group(tmp_path: Path, name: str) -> None:
    groups = load(table(tmp_path / "out.csv", ("a.png", f"{name}/b.png"))).by_folder
    assert groups is not None
    assert len(groups.names) == 2


def read(path: Path) -> Any:
    """A JSON file, as any reader takes it: without half of a pair of surrogates."""
    found = json.loads(path.read_text())
    json.dumps(found, ensure_ascii=False).encode()
    return found


def test_names_of_ours_and_bytes_that_are_no_text_in_a_whole_run(
    tmp_path: Path, options: Callable[..., Options]
) -> None:
    for number, picture in enumerate(PICTURES):
        save(tmp_path / "in" / picture, noise(number))
    labels = tmp_path / "mine\udcff.csv"
    labels.write_bytes(
        b"path,label,folder,folder\xff,same\xff\n3/a.png,3,A,B\xff,x\n3/b.png,\xff,B,B\xff,x\n"
        b"7/a.png,7,A,C,x\n\xfe.png,4,A,A,x\n\xfe.png,5,A,A,x\n"
    )
    target = tmp_path / "out.csv"
    assert job.run(options(labels=str(labels))) == ExitCode.OK
    of_run = read(tmp_path / "out.report.json")
    assert main([str(target), "--labels", str(labels)]) == 0
    assert read(tmp_path / "out.report.json")["by_column"] == of_run["by_column"]

    groups = {name: {each["name"] for each in of_run["by_column"][name]}
              for name in of_run["by_column"]}  # fmt: skip
    assert groups == {"folder": {"A"}, "folder\\xff": {"B\\xff", "C"}}
    assert {each["name"] for each in of_run["by_folder"]} == {"3", "7"}
    source = of_run["provenance"]
    assert source["truth_source"] == f"labels file {tmp_path}/mine\\xff.csv"
    said = {each["what"]: each["examples"] for each in source["findings"]}
    assert said["labels that are not 0 to 9 (not used)"] == ["3/b.png: \\xff"]
    assert said["rows of the labels file without a picture"] == ["\\xfe.png"]
    assert said["columns of the labels file that group nothing"] == ["same\\xff"]
    page = (tmp_path / "out.report.html").read_text(encoding="utf-8")
    assert "By folder</h3>" in page
    assert "By folder (of the labels file)</h3>" in page
    assert "\\udc" not in page
