"""Whatever rows there may be, each form of output gives them back."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from batch_predict.records import CLASSES, DECIMALS, Code, ImageRef, Reason, Row, Status
from batch_predict.rows import Rows
from batch_predict.tables import WRITERS, find_writer
from batch_predict.tables.cells import cells_of
from batch_predict.tables.columns import COLUMNS, columns_of
from batch_predict.tables.csv_table import read_rows
from batch_predict.tables.registry import read_blocks

shares = st.integers(0, 10**DECIMALS).map(lambda millionths: round(millionths / 10**DECIMALS, 6))
digits = st.integers(0, CLASSES - 1)
words = st.text("abc ,'\"0.9", min_size=1).map(str.strip)
reasons = st.lists(st.builds(Reason, st.sampled_from(Code), words), max_size=3, unique=True).map(
    lambda found: tuple(sorted(found, key=lambda reason: list(Code).index(reason.code)))
)
paths = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=9)
refs = st.tuples(paths, st.none(), st.none(), st.none() | digits).map(
    lambda fields: ImageRef(*fields)
)
scored = st.tuples(
    *(refs, digits, shares, st.sampled_from([Status.OK, Status.REVIEW]), reasons),
    *(st.tuples(*[shares] * CLASSES), shares),
).map(lambda fields: Row(*fields))
unscored = st.tuples(
    *(refs, st.none(), st.none(), st.sampled_from([Status.BLANK, Status.FAILED]), reasons)
).map(lambda fields: Row(*fields))
decided = st.tuples(scored, st.none() | digits).map(
    lambda found: found[0]._replace(
        label=found[1],
        confidence=None,
        status=Status.DECIDED,
        model_label=found[0].label,
        model_confidence=found[0].confidence,
    )
)
tables = st.lists(scored | unscored | decided, max_size=4)
some = settings(
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@some
@given(rows=tables)
def test_a_csv_gives_them_back(tmp_path: Path, rows: list[Row]) -> None:
    path = str(tmp_path / "out.csv")
    find_writer(path)(path, [Rows.of(rows)], COLUMNS)
    assert list(read_rows(path)) == rows


@pytest.mark.parametrize("suffix", WRITERS)
@some
@given(rows=tables.filter(bool))
def test_a_block_of_it_holds_their_cells(tmp_path: Path, suffix: str, rows: list[Row]) -> None:
    path = str(tmp_path / f"out{suffix}")
    columns = columns_of(truth=True, probabilities=True, decisions=True)
    find_writer(path)(path, [Rows.of(rows)], columns)
    *_, block = read_blocks(path, columns)
    for column in columns:
        cells = cells_of(Rows.of(rows), column)
        if column.is_text:
            assert block.texts[column.name] == cells
        else:
            told = np.array(cells, float)
            np.testing.assert_allclose(block.numbers[column.name], told, rtol=0, atol=1e-6)
