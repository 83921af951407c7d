"""What `merge` and the report read back is what was written."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from batch_predict.records import Code, ImageRef, Reason, Row, Status
from batch_predict.rows import Rows
from batch_predict.tables.columns import COLUMNS, columns_of
from batch_predict.tables.csv_table import read_blocks, read_rows, write
from tests.conftest import ROOT
from tests.support.table_rows import MORE_COLUMNS, MORE_ROWS, ROWS, TABLE

HEADER = "path,label,confidence,status,reason"
TEN = ",".join(f"p{digit}" for digit in range(10))


@pytest.mark.parametrize("truth", [True, False])
@pytest.mark.parametrize("probabilities", [True, False])
def test_rows_come_back(tmp_path: Path, truth: bool, probabilities: bool) -> None:
    path = str(tmp_path / "out.csv")
    write(path, [Rows.of(ROWS)], columns_of(truth=truth, probabilities=probabilities))
    wanted = [
        row._replace(
            ref=row.ref if truth else row.ref._replace(truth=None),
            probabilities=row.probabilities if probabilities else None,
            no_digit=row.no_digit if probabilities else None,
        )
        for row in ROWS
    ]
    assert list(read_rows(path)) == wanted


TWO = (Reason(Code.SEVERAL_MARKS, "2"), Reason(Code.LOW_CONFIDENCE, "below 0.9"))


@pytest.mark.parametrize(
    ("path", "reasons", "line"),
    [
        pytest.param("a b.png", (), "a b.png,7,0.500000,ok,", id="plain"),
        pytest.param("a,b.png", (), '"a,b.png",7,0.500000,ok,', id="comma"),
        pytest.param("a;=1+1.png", (), '"a;=1+1.png",7,0.500000,ok,', id="semicolon"),
        pytest.param("a\t=1+1.png", (), '"a\t=1+1.png",7,0.500000,ok,', id="tab"),
        pytest.param('a";".png', (), '"a"";"".png",7,0.500000,ok,', id="quotes and semicolon"),
        pytest.param("a\rb", (), '"a\rb","7","0.500000","ok",""', id="carriage return"),
        pytest.param("a.png", TWO[:1], "a.png,7,0.500000,ok,several_marks: 2", id="a reason"),
        pytest.param(
            "a.png",
            TWO,
            'a.png,7,0.500000,ok,"several_marks: 2; low_confidence: below 0.9"',
            id="two reasons",
        ),
    ],
)
def test_a_cell_that_a_spreadsheet_would_part_is_quoted(
    tmp_path: Path, path: str, reasons: tuple[Reason, ...], line: str
) -> None:
    row = Row(ImageRef(path), 7, 0.5, Status.OK, reasons)
    out = str(tmp_path / "out.csv")
    write(out, [Rows.of([row])], columns_of(truth=False, probabilities=False))
    with open(out, encoding="utf-8", newline="") as file:
        assert file.read() == f"{HEADER}\n{line}\n"
    assert list(read_rows(out)) == [row]


def test_a_csv_of_1_0_0_comes_back_without_what_it_lacks() -> None:
    wanted = [row._replace(no_digit=None) for row in ROWS]
    assert list(read_rows(str(ROOT / "tests" / "golden" / "tables_1_0_0" / "rows.csv"))) == wanted


def test_columns_more_come_back_and_move_no_other(tmp_path: Path) -> None:
    path = str(tmp_path / "out.csv")
    write(path, [Rows.of(MORE_ROWS)], MORE_COLUMNS)
    assert list(read_rows(path, MORE_COLUMNS)) == MORE_ROWS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "columns not found: path, label", id="empty"),
        pytest.param("path,label\n", "columns not found: confidence, status, reason", id="few"),
        pytest.param(f"{HEADER},p3\n", "columns not found: p0, p1", id="one probability"),
        pytest.param(f"{HEADER},no_digit\n", "columns not found: p0, p1", id="no_digit alone"),
        pytest.param(f"{HEADER},no_digit,{TEN}\n", "columns are", id="no_digit first"),
        pytest.param(f"{HEADER},more\n", f"columns are {HEADER},more, not", id="one more"),
        pytest.param(f"{HEADER},{TEN},truth\n", "columns are", id="another order"),
        pytest.param(f"{HEADER}\na.png,1,0.5,ok\n", "line 2 has 4 cells, not 5", id="short"),
        pytest.param(f"{HEADER}\na.png,1,0.5,ok,,\n", "line 2 has 6 cells, not 5", id="long"),
        pytest.param(f"{HEADER}\n{'x' * 200_000},1,0.5,ok,\n", "line 2: field", id="huge cell"),
        pytest.param(f"{HEADER}\na.png,1,0.5,fine,\n", "'fine'", id="no status"),
        pytest.param(f"{HEADER}\na.png,1,0.5,ok,why: so\n", "'why'", id="no reason"),
        pytest.param(f"{HEADER}\na.png,one,0.5,ok,\n", "'one'", id="no digit"),
        pytest.param(f"{HEADER}\na.png,1,half,ok,\n", "'half'", id="no number"),
    ],
)
def test_what_is_no_csv_of_ours(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "out.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=words.replace(",", ", ?")):
        list(read_rows(str(path), TABLE))


def numbers(path: Path, cells: list[str]) -> list[float]:
    """What `cells` of p0 are read as."""
    path.write_text("p0,path\n" + "".join(f"{cell},a\n" for cell in cells))
    *_, block = read_blocks(str(path), COLUMNS, len(cells))
    return block.numbers["p0"].tolist()


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param(["0.123456", "1.000000", "0.000001", "9.999999"], id="as written"),
        pytest.param([f"{n / 1e6:.6f}" for n in range(0, 1_000_000, 997)], id="many"),
        pytest.param(["0.12345", "60.123456"], id="as written once they are joined"),
        pytest.param(["0.123456", "1e-5", "-0.12345", "+0.12345", "12345678"], id="other forms"),
        pytest.param(["0.12345\N{ARABIC-INDIC DIGIT SIX}"], id="other digits"),
    ],
)
def test_numbers_are_read_as_python_reads_them(tmp_path: Path, cells: list[str]) -> None:
    assert numbers(tmp_path / "o.csv", cells) == [float(cell) for cell in cells]


def test_an_empty_number_is_missing(tmp_path: Path) -> None:
    found = numbers(tmp_path / "o.csv", ["", "0.500000", ""])
    np.testing.assert_equal(found, [np.nan, 0.5, np.nan])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("path,p0\na,0.5\nb\n", "the line of b has 1 cells, not 2", id="too few cells"),
        pytest.param("path,p0\na,0.5,1\n", "the line of a has 3 cells, not 2", id="too many"),
        pytest.param('path,p0\na,0.5\n"b,0.5\n', "line 3: unexpected end", id="a quote left open"),
        pytest.param("path,p0\na,x\n", "'x'", id="no number"),
        pytest.param("path,p0\na,nan\nb,\n", "'nan'", id="not a number is none"),
        pytest.param("path,p0\na,......1.\n", "'......1.'", id="as long as a number"),
    ],
)
def test_what_is_no_table_of_blocks(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "o.csv"
    file.write_text(text)
    with pytest.raises(ValueError, match=re.escape(words)):
        list(read_blocks(str(file), COLUMNS, 10))


def test_blank_lines_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "o.csv"
    file.write_text("path,p0\n\na,1\n\n\nb,1\n\n")
    found = [path for block in read_blocks(str(file), COLUMNS, 2) for path in block.texts["path"]]
    assert found == ["a", "b"]


LINES = [
    pytest.param("a,1\nb,2\nc,3\n", id="plain"),
    pytest.param("a,1\nb,2\nc,3", id="without a last line end"),
    pytest.param("a,1\r\nb,2\r\nc,3\r\n", id="from windows"),
    pytest.param('"a",1\nb,"2"\nc,3\n', id="quotes"),
    pytest.param('"a\n,9\n",1\n"\n\n\n",2\nc,3\n', id="cells over lines and blocks"),
    pytest.param('a"a,1\nb,2\nc,3\n', id="a quote within a cell"),
]


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 100])
@pytest.mark.parametrize("lines", LINES)
def test_blocks_are_what_the_csv_module_reads(tmp_path: Path, lines: str, rows: int) -> None:
    file = tmp_path / "o.csv"
    file.write_text(f"path,p0\n{lines}", newline="")
    with file.open(newline="") as given:
        wanted = [(path, float(share)) for path, share in list(csv.reader(given))[1:]]
    blocks = list(read_blocks(str(file), COLUMNS, rows))
    paths = [path for block in blocks for path in block.texts["path"]]
    shares = [share for block in blocks for share in block.numbers["p0"].tolist()]
    assert list(zip(paths, shares, strict=True)) == wanted
