"""A report on a million rows: its columns are compact and it takes seconds."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from batch_predict.report.cli import main
from batch_predict.report.load import load

ROWS = 1_000_000
BUDGET = 30  # seconds

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 10, ROWS)
    confidence = 1 - rng.random(ROWS) ** 8 / 2
    wrong = rng.random(ROWS) > confidence
    columns = {
        "path": [f"batch_{number // 10_000:03d}/{number:07d}.png" for number in range(ROWS)],
        "label": (truth + wrong * rng.integers(1, 10, ROWS)) % 10,
        "confidence": confidence.round(6),
        "status": "ok",
        "reason": "",
        "truth": truth,
    }
    path = tmp_path_factory.mktemp("million") / "out.csv"
    pd.DataFrame(columns).to_csv(path, index=False, lineterminator="\n")
    return path


def test_seven_bytes_a_row(csv: Path) -> None:
    found = load(str(csv))
    columns = (found.label, found.truth, found.confidence, found.status)
    assert sum(column.nbytes for column in columns) == 7 * ROWS


def test_in_seconds(csv: Path) -> None:
    start = time.perf_counter()
    assert main([str(csv)]) == 0
    assert time.perf_counter() - start < BUDGET
