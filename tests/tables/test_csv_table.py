"""What `merge` reads back is what was written."""

from pathlib import Path

import pytest

from batch_predict.tables.csv_table import read, write
from tests.support.table_rows import ROWS


@pytest.mark.parametrize("truth", [True, False])
@pytest.mark.parametrize("probabilities", [True, False])
def test_rows_come_back(tmp_path: Path, truth: bool, probabilities: bool) -> None:
    path = str(tmp_path / "out.csv")
    write(path, ROWS, truth=truth, probabilities=probabilities)
    wanted = [
        row._replace(
            ref=row.ref if truth else row.ref._replace(truth=None),
            probabilities=row.probabilities if probabilities else None,
        )
        for row in ROWS
    ]
    assert list(read(path)) == wanted


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("a.png,1,0.5,ok", id="too short"),
        pytest.param("a.png,1,0.5,fine,", id="no status"),
        pytest.param("a.png,one,0.5,ok,", id="no digit"),
    ],
)
def test_what_is_no_csv_of_ours(tmp_path: Path, line: str) -> None:
    path = tmp_path / "out.csv"
    path.write_text(f"path,label,confidence,status,reason\n{line}\n")
    with pytest.raises(ValueError, match=r"."):
        list(read(str(path)))
