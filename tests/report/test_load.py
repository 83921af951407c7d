"""A CSV -> compact columns."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from batch_predict.errors import InputError
from batch_predict.records import CLASSES, Code, ImageRef, Reason, Row, Status
from batch_predict.report.align import align
from batch_predict.report.load import PROBABILITIES, load, paths, texts
from batch_predict.rows import NONE, STATUSES, Rows
from batch_predict.tables import WRITERS, find_writer, registry
from batch_predict.tables.columns import columns_of
from batch_predict.tables.registry import input_errors
from batch_predict.truth.labels_file import LabelsFile
from tests.support.scored import drawn, members, write_csv

HOSTILE = ("3/NA", '3/a,b\n"c".png', "3/bare\rreturn.png", "nan.png")
TEN = tuple(0.55 if digit == 3 else 0.05 for digit in range(CLASSES))


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "BLOCK_ROWS", 2)


@pytest.fixture(params=WRITERS)
def csv(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The same rows in every form of output; the name tells nothing, as during a run."""
    file = tmp_path / ".out.tmp"
    rows = [Row(ImageRef(path, truth=3), 3, 0.55, Status.OK, (), TEN, 0.25) for path in HOSTILE]
    blank = Row(ImageRef("z/blank.png"), None, None, Status.BLANK)
    failed = Row(
        ImageRef("z/bad.png", truth=4), None, None, Status.FAILED, (Reason(Code.CORRUPT, "x"),)
    )
    find_writer(f"out{request.param}")(
        str(file), [Rows.of([*rows, blank, failed])], columns_of(truth=True, probabilities=True)
    )
    return file


def test_true_as_a_label_in_parquet(tmp_path: Path) -> None:
    file = tmp_path / "o"
    columns = {"path": ["a", "b"], "label": [True, None], "confidence": [0.5, None]}
    pd.DataFrame({**columns, "status": ["ok", "failed"]}).to_parquet(file)
    with pytest.raises(ValueError, match="label is true or false"):
        load(str(file))


def test_a_column_that_is_twice_in_parquet(tmp_path: Path) -> None:
    file = tmp_path / "o"
    columns = [pa.array(["a"]), pa.array([1]), pa.array([0.5]), pa.array(["ok"]), pa.array([2])]
    pq.write_table(pa.Table.from_arrays(columns, [*HEADER.split(","), "label"]), file)
    with pytest.raises(ValueError, match="there twice: label"):
        load(str(file))


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(slice(0, 4), id="its mark alone"),
        pytest.param(slice(0, -1), id="cut"),
        pytest.param(slice(0, 200), id="no footer"),
    ],
)
def test_a_damaged_parquet_file_says_what_is_wrong(tmp_path: Path, damage: slice) -> None:
    file = tmp_path / "o"
    pd.DataFrame({"path": ["a"], "label": [1], "confidence": [0.5], "status": ["ok"]}).to_parquet(
        file
    )
    file.write_bytes(file.read_bytes()[damage])
    with (
        pytest.raises(InputError, match=r"no CSV of batch_predict: .*[Pp]arquet"),
        input_errors("o"),
    ):
        load(str(file))


def test_paths_in_another_order_are_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "o.csv"
    file.write_text(f"{HEADER}\nb,1,0.5,ok\na,2,0.5,ok\nc,3,0.5,ok\n")
    assert load(str(file)).label.tolist() == [1, 2, 3]


def test_probabilities_that_are_equal_but_for_rounding_are_no_fault(tmp_path: Path) -> None:
    file = tmp_path / "o.csv"
    file.write_text(f"{HEADER},{TEN_NAMES}\na,1,.5,ok,.500001,.5{',0' * 8}\n")
    assert load(str(file)).label.tolist() == [1]


@pytest.mark.parametrize("names", ["bab", "abb"])
def test_a_path_that_is_twice_in_the_earlier_csv(tmp_path: Path, names: str) -> None:
    truth, probabilities = drawn(3)
    new = write_csv(tmp_path / "new.csv", truth, probabilities, [*"abc"])
    old = write_csv(tmp_path / "old.csv", truth, probabilities, [*names])
    with pytest.raises(ValueError, match="two rows are for b"):
        align(str(new), str(old))


def test_columns(csv: Path) -> None:
    found = load(str(csv))
    assert found.label.tolist() == [3] * 4 + [NONE] * 2
    assert found.truth.tolist() == [3] * 4 + [NONE, 4]
    assert [STATUSES[code] for code in found.status] == ["ok"] * 4 + ["blank", "failed"]
    assert found.probabilities is not None
    np.testing.assert_allclose(found.probabilities[0], TEN)
    assert np.isnan(found.confidence[4:]).all()
    assert members(found.by_folder) == ["3", "3", "3", "(top level)", "z", "z"]


def test_rows_are_compact(csv: Path) -> None:
    found = load(str(csv))
    columns = (found.label, found.truth, found.confidence, found.status, found.written)
    assert sum(column.itemsize for column in columns) == 8


def test_words_come_back(csv: Path) -> None:
    assert tuple(paths(str(csv)))[:4] == HOSTILE
    assert texts(str(csv), {1, 5}) == {1: (HOSTILE[1], ""), 5: ("z/bad.png", "corrupt: x")}


def test_other_truths_and_extra_columns(csv: Path, tmp_path: Path) -> None:
    file = tmp_path / "labels.csv"
    file.write_text("path,label,scanner\nnan.png,7,A\n3/NA,8,\n")
    labels = LabelsFile(str(file), str(tmp_path), "labels")
    found = load(str(csv), labels.of, labels)
    assert found.truth.tolist() == [8, NONE, NONE, 7, NONE, NONE]
    assert members(found.by_column["scanner"])[:4] == ["(empty)", "(empty)", "(empty)", "A"]


def test_a_plain_csv_and_one_folder(tmp_path: Path) -> None:
    truth, probabilities = drawn(5)
    csv = write_csv(tmp_path / "o.csv", truth, probabilities, [*"abcde"], columns=False)
    found = load(str(csv))
    assert found.probabilities is None
    assert found.by_folder is None  # one folder is no breakdown


def test_a_share_without_a_label_is_none(tmp_path: Path) -> None:
    file = tmp_path / "o.csv"
    file.write_text(f"{HEADER}\na,,9e99,failed\nb,,0.5,blank\nc,1,0.5,ok\n")
    np.testing.assert_equal(load(str(file)).confidence, [np.nan, np.nan, 0.5])


def test_no_rows(tmp_path: Path) -> None:
    assert len(load(str(write_csv(tmp_path / "o.csv", [], np.empty((0, CLASSES))))).label) == 0


def test_align(tmp_path: Path) -> None:
    truth, probabilities = drawn(5)
    new = write_csv(tmp_path / "new.csv", truth, probabilities, [*"abcde"])
    old = write_csv(tmp_path / "old.csv", truth[:4], probabilities[:4], [*"dbxa"])
    found = align(str(new), str(old))
    label = probabilities.argmax(axis=1)
    assert found.present.tolist() == [True, True, False, True, False]
    assert found.label.tolist() == [label[3], label[1], NONE, label[0], NONE]
    assert found.only_there == 1


HEADER = "path,label,confidence,status"
TEN_NAMES = ",".join(PROBABILITIES)
LINE = '{"path": "a", "label": %s, "confidence": 0.5, "status": "ok", "reason": null}\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "not found: path", id="empty"),
        pytest.param(f"{HEADER},label\na,1,0.5,ok,2\n", "there twice: label", id="two-labels"),
        pytest.param(f"{HEADER}{'x' * 200_000}\na,1,0.5,ok\n", "field larger", id="a-huge-name"),
        pytest.param("a,b\n1,2\n", "not found: path, label, conf", id="other-columns"),
        pytest.param('{"path": "a"}\n', "not found: label", id="other-lines"),
        pytest.param(f"{HEADER}\na,12,0.5,ok\n", "not 0 to 9", id="no-digit"),
        pytest.param(f"{HEADER}\na,-1,0.5,ok\n", "not 0 to 9", id="below-0"),
        pytest.param(f"{HEADER}\na,1000,0.5,ok\n", "0 to 9: 1000", id="far-from-a-digit"),
        pytest.param(f"{HEADER}\na,1.5,0.5,ok\n", "0 to 9: 1.5", id="a-fraction"),
        pytest.param(f"{HEADER}\na,x,0.5,ok\n", "", id="no-number"),
        pytest.param(f"{HEADER}\na,1,0.5,fine\n", "'fine' is none of ok, ", id="no-status"),
        pytest.param(f"{HEADER}\na,1,,ok\n", "from 0 to 1", id="no-confidence"),
        pytest.param(f"{HEADER}\na,1,inf,ok\n", "from 0 to 1", id="no-finite-confidence"),
        pytest.param(f"{HEADER}\na,1,50,ok\n", "from 0 to 1", id="confidence-in-percent"),
        pytest.param(f"{HEADER},{TEN_NAMES}\na,1,.5,ok{',' * 10}", "from 0", id="no-probabilities"),
        pytest.param(f"{HEADER},no_digit\na,1,.5,ok,1.5\n", "from 0", id="no_digit-over-1"),
        pytest.param(f"{HEADER},no_digit\na,1,.5,ok,\n", "from 0", id="an-empty-no_digit"),
        pytest.param(f"{HEADER}\na,inf,0.5,ok\n", "", id="an-infinite-label"),
        pytest.param(f"{HEADER}\na,{'9' * 20},0.5,ok\n", "", id="a-huge-label"),
        pytest.param(f"{HEADER},{TEN_NAMES}\na,1,.5,ok{',0' * 10}", "sum to 1", id="ten-times-0"),
        pytest.param(
            f"{HEADER},{TEN_NAMES}\na,1,.9,ok,.9,.1{',0' * 8}", "contradict", id="another"
        ),
        pytest.param(
            f"{HEADER},{TEN_NAMES}\na,0,.5,ok,.9,.1{',0' * 8}", "is not the prob", id="confidence"
        ),
        pytest.param(f"{HEADER}\na,1,0.5,ok\na,1,0.5,ok\n", "rows are for a", id="twice"),
        pytest.param(
            f"{HEADER}\na,1,.5,ok\nb,1,.5,ok\nc,1,.5,ok\na,7,.5,ok\n", "rows are for a", id="apart"
        ),
        pytest.param(f"{HEADER}\na,,,ok\n", "a: its status and label", id="ok-without-label"),
        pytest.param(f"{HEADER}\na,,,review\n", "status and label", id="review-without-label"),
        pytest.param(f"{HEADER}\na,1,0.5,failed\n", "status and label", id="failed-with-label"),
        pytest.param(f"{HEADER}\na,1,0.5,blank\n", "status and label", id="blank-with-label"),
        pytest.param(
            f"{HEADER},model_label\na,7,0.5,ok,1\n", "not the model's", id="changed-by-nobody"
        ),
        pytest.param(f"{HEADER}\na,True,0.5,ok\n", "True", id="true-as-a-label"),
        pytest.param(LINE % "true", "label is true or false", id="true-in-lines"),
        pytest.param(LINE % 1 + LINE % "false", "label is true or false", id="false-among-numbers"),
        pytest.param(
            (LINE % 1).replace("0.5", "true"), "confidence is true", id="true-as-a-confidence"
        ),
        pytest.param(
            (LINE % 1).replace("}", ', "truth": true}'), "truth is true", id="true-as-a-truth"
        ),
        pytest.param(f"{LINE % 1}7\n", "no object", id="a-line-that-is-no-object"),
        pytest.param(LINE % "[1]", "list", id="a-label-in-a-list"),
        pytest.param(LINE % '"1"', "label is of type str", id="a-label-that-is-text"),
        pytest.param(LINE.replace('"a"', "7") % 1, "path is of type int", id="a-path-no-text"),
        pytest.param(f"{HEADER}\na,1,0.5,ok\nb,1\n", "b has 2 cells", id="a-line-cut-short"),
    ],
)
def test_not_our_csv(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "o.csv"
    file.write_text(text)
    with pytest.raises(ValueError, match=words or "."):
        load(str(file))


DECIDED = f"{HEADER},model_label,model_confidence"


@pytest.mark.parametrize(
    ("text", "label", "confidence", "written"),
    [
        pytest.param(f"{DECIDED}\na,7,,decided,1,0.5\n", 1, 0.5, 7, id="another-digit"),
        pytest.param(f"{DECIDED}\na,,,decided,1,0.5\n", 1, 0.5, NONE, id="no-digit"),
        pytest.param(f"{DECIDED}\na,7,,decided,,\n", NONE, np.nan, 7, id="no-answer-of-the-model"),
        pytest.param(f"{DECIDED}\na,1,0.5,ok,1,0.5\n", 1, 0.5, 1, id="not-decided"),
        pytest.param(
            f"{HEADER}\na,7,,decided\n", NONE, np.nan, 7, id="what-the-model-said-is-lost"
        ),
    ],
)
def test_what_a_person_decided_is_not_what_the_model_said(
    tmp_path: Path, text: str, label: int, confidence: float, written: int
) -> None:
    file = tmp_path / "o.csv"
    file.write_text(text)
    found, other = load(str(file)), align(str(file), str(file))
    assert (found.label[0], found.written[0], other.label[0]) == (label, written, label)
    np.testing.assert_equal([found.confidence[0], other.confidence[0]], [confidence] * 2)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{HEADER}\na,1,0.5,ok\n", id="least"),
        pytest.param(f"\ufeff{HEADER}\r\na,1,0.5,ok\r\n", id="from-windows"),
        pytest.param(f"status,p3,more,{HEADER[:21]}\nok,0.5,y,a,1,0.5\n", id="others-and-order"),
        pytest.param(LINE % 1, id="lines"),
        pytest.param(f"{HEADER},no_digit\na,1,0.5,ok,0.25\n", id="no_digit"),
    ],
)
def test_a_foreign_csv_that_has_what_is_needed(tmp_path: Path, text: str) -> None:
    file = tmp_path / "o.csv"
    file.write_text(text, newline="")
    found = load(str(file))
    assert (found.label.tolist(), found.confidence.tolist()) == ([1], [0.5])
    assert found.probabilities is None
    assert texts(str(file), {0}) == {0: ("a", "")}
