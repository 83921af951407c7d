"""Draws pictures at random for a person to label, to estimate accuracy without ground truth."""

import os
from typing import Final

import pandas as pd

from batch_predict.errors import UsageError
from batch_predict.report.load import paths
from batch_predict.storage.staging import staging
from batch_predict.tables.csv_table import quoted_line
from batch_predict.tables.registry import input_errors

SEED: Final = 0  # the same CSV gives the same sample


def draw_sample(csv: str, number: int, target: str) -> str:
    """Write `number` of the pictures in `csv` to `target`, with an empty column for their labels.

    Returns what to tell the user. Raises UsageError where `target` exists: it may be filled in.
    """
    if os.path.exists(target):
        raise UsageError(f"{target} is already there, and may be filled in: name another file")
    with input_errors(csv):
        pictures = pd.DataFrame({"path": [path for path in paths(csv) if not path.endswith("/")]})
    sample = pictures.sample(min(number, len(pictures)), random_state=SEED).sort_index()
    lines = ((path, "") for path in sample["path"])
    with staging() as staged:
        with open(staged.add(target), "w", encoding="utf-8", newline="") as file:
            file.writelines(quoted_line(cells) for cells in [("path", "label"), *lines])
        staged.commit()
    return f"{len(sample)} of {len(pictures)} pictures to label -> {target}"
