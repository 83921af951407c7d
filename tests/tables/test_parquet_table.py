import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from pyarrow import parquet

from batch_predict.errors import MissingExtraError
from batch_predict.records import ImageRef, Row, Status
from batch_predict.rows import Rows
from batch_predict.tables import find_writer, parquet_table
from batch_predict.tables.columns import columns_of

ROWS = [Row(ImageRef(f"{n}.png", truth=n), n, 0.5, Status.OK) for n in range(5)]


def test_the_schema_has_types(tmp_path: Path) -> None:
    path = str(tmp_path / "out.parquet")
    parquet_table.write(path, [Rows.of(ROWS)], columns_of(truth=True, probabilities=True))
    types = {field.name: str(field.type) for field in parquet.read_schema(path)}
    status = "dictionary<values=string, indices=int8, ordered=0>"
    assert (
        types.items()
        >= {
            "path": "string",
            "label": "int8",
            "confidence": "float",
            "status": status,
            "reason": "string",
            "truth": "int8",
            **{f"p{digit}": "float" for digit in range(10)},
            "no_digit": "float",
        }.items()
    )


def test_no_more_than_a_row_group_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_table, "ROW_GROUP", 2)
    path = str(tmp_path / "out.parquet")
    rows = (Rows.of([row]) for row in ROWS)
    parquet_table.write(path, rows, columns_of(truth=False, probabilities=False))
    assert parquet.ParquetFile(path).num_row_groups == 3
    assert parquet.read_table(path)["label"].to_pylist() == [0, 1, 2, 3, 4]


def test_duckdb_and_pandas_read_it(tmp_path: Path) -> None:
    path = str(tmp_path / "out.parquet")
    parquet_table.write(path, [Rows.of(ROWS)], columns_of(truth=True, probabilities=False))
    columns = "path, label, confidence, status, truth"
    expected = [(f"{n}.png", n, 0.5, "ok", n) for n in range(5)]
    assert duckdb.sql(f"SELECT {columns} FROM '{path}' ORDER BY path").fetchall() == expected
    table = pd.read_parquet(path)[columns.split(", ")]
    assert list(table.itertuples(index=False, name=None)) == expected


def test_without_pyarrow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "batch_predict.tables.parquet_table")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'batch_predict\[parquet\]'"):
        find_writer("out.parquet")
