"""Every writer: rows in, the same table out, whatever is in them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from batch_predict.errors import UsageError
from batch_predict.records import join_reasons
from batch_predict.report.load import load, texts
from batch_predict.rows import NONE, STATUSES, Rows
from batch_predict.tables import WRITERS, find_writer
from batch_predict.tables.columns import columns_of
from batch_predict.tables.registry import read_blocks
from tests.support.table_rows import MORE_COLUMNS, MORE_ROWS, ROWS, TABLE

GOLDEN = Path(__file__).parent.parent / "golden"
NAMED_IN_ROWS = {".jsonl"}  # forms without a header: no rows, no columns


def read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".jsonl":
        return pd.read_json(path, lines=True, dtype=False)
    return pd.read_csv(
        path,
        dtype={"label": "Int8", "truth": "Int8"},
        keep_default_na=False,
        na_values={
            c: [""]
            for c in ("label", "confidence", "truth", *(f"p{n}" for n in range(10)), "no_digit")
        },
    )


@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.parametrize("truth", [True, False])
@pytest.mark.parametrize("probabilities", [True, False])
def test_a_table_comes_back(tmp_path: Path, suffix: str, truth: bool, probabilities: bool) -> None:
    path = tmp_path / f"out{suffix}"
    columns = columns_of(truth=truth, probabilities=probabilities)
    find_writer(str(path))(str(path), iter([Rows.of(ROWS)]), columns)
    table = read(path)
    assert table["path"].tolist() == [row.ref.path for row in ROWS]
    assert table["status"].tolist() == [str(row.status) for row in ROWS]
    assert table["reason"].tolist() == [join_reasons(row.reasons) for row in ROWS]
    assert table["label"].astype(object).where(table["label"].notna(), None).tolist() == [
        row.label for row in ROWS
    ]
    assert table["confidence"].dropna().tolist() == pytest.approx([0.1, 1, 0.5, 0.5, 0.123456])
    assert ("truth" in table) is truth
    assert ("p9" in table) is probabilities
    if probabilities:
        for name in ("p0", "p9", "no_digit"):
            assert table[name].notna().tolist() == [row.label is not None for row in ROWS]
        assert table["no_digit"].dropna().tolist() == pytest.approx([0.25, 0, 0.987654, 0.25, 0.25])


@pytest.mark.parametrize("suffix", WRITERS)
def test_the_report_reads_it(tmp_path: Path, suffix: str) -> None:
    path = str(tmp_path / f"out{suffix}")
    rows = [row._replace(confidence=row.probabilities and 0.1) for row in ROWS]  # as `TEN` says
    find_writer(path)(path, iter([Rows.of(rows)]), columns_of(truth=True, probabilities=True))
    scored = load(path)
    assert scored.label.tolist() == [NONE if row.label is None else row.label for row in ROWS]
    assert scored.truth.tolist() == [
        NONE if row.ref.truth is None else row.ref.truth for row in ROWS
    ]
    assert [STATUSES[status] for status in scored.status] == [row.status for row in ROWS]
    assert scored.probabilities is not None
    assert np.isnan(scored.probabilities[:, 9]).tolist() == [not row.probabilities for row in ROWS]
    assert texts(path, range(len(ROWS))) == {
        place: (row.ref.path, join_reasons(row.reasons)) for place, row in enumerate(ROWS)
    }


@pytest.mark.parametrize("suffix", sorted(WRITERS.keys() - NAMED_IN_ROWS))
def test_no_rows_is_a_table_too(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    find_writer(str(path))(str(path), iter(()), columns_of(truth=False, probabilities=False))
    columns = columns_of(truth=False, probabilities=False)
    assert list(read(path)) == [column.name for column in columns]


@pytest.mark.parametrize("suffix", WRITERS)
def test_columns_more_are_written_and_read_back(tmp_path: Path, suffix: str) -> None:
    path = str(tmp_path / f"out{suffix}")
    find_writer(path)(path, iter([Rows.of(MORE_ROWS)]), MORE_COLUMNS)
    shares, sizes = [row.ink for row in MORE_ROWS], [row.ref.size for row in MORE_ROWS]
    table = read(Path(path))
    *_, block = read_blocks(path, MORE_COLUMNS)
    assert (table["size"].tolist(), block.numbers["size"].tolist()) == (sizes, sizes)
    assert table["share"].tolist() == pytest.approx(shares)
    assert block.numbers["share"].tolist() == pytest.approx(shares)


@pytest.mark.parametrize("suffix", WRITERS)
def test_columns_more_move_no_other(tmp_path: Path, suffix: str) -> None:
    plain, more = str(tmp_path / f"plain{suffix}"), str(tmp_path / f"more{suffix}")
    find_writer(plain)(plain, iter([Rows.of(ROWS)]), TABLE)
    find_writer(more)(more, iter([Rows.of(MORE_ROWS)]), MORE_COLUMNS)
    (*_, there), (*_, here) = (read_blocks(file, TABLE) for file in (plain, more))
    assert here.texts == there.texts
    np.testing.assert_equal(here.numbers, there.numbers)


def test_an_unknown_suffix_lists_the_known() -> None:
    with pytest.raises(UsageError, match=r"output must end in \.csv.*received out\.xlsx"):
        find_writer("out.xlsx")


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_a_table_of_1_0_0_is_read_without_the_columns_that_it_lacks(suffix: str) -> None:
    old = str(GOLDEN / "tables_1_0_0" / f"rows{suffix}")
    columns = [column for column in TABLE if not column.since_1_1]
    *_, block = read_blocks(old, columns, TABLE)
    assert {*block.texts, *block.numbers} == {column.name for column in columns}
    assert block.texts["path"] == [row.ref.path for row in ROWS]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_golden_bytes(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    find_writer(str(path))(str(path), iter([Rows.of(ROWS)]), TABLE)
    assert path.read_bytes() == (GOLDEN / f"rows{suffix}").read_bytes()
