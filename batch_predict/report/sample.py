"""Draws pictures at random for a person to label, to estimate accuracy without ground truth."""

from collections.abc import Iterator
from itertools import compress
from typing import Final

import numpy as np

from batch_predict.errors import OutputError, UsageError
from batch_predict.manifest.ownership import check_kept, is_absent
from batch_predict.plural import plural
from batch_predict.report.load import paths
from batch_predict.storage.output_paths import manifest_file
from batch_predict.storage.regular_file import check_regular
from batch_predict.storage.staging import staging
from batch_predict.tables.csv_table import quoted_line
from batch_predict.tables.registry import input_errors

SEED: Final = 0  # the same CSV gives the same sample


def draw_sample(csv: str, number: int, target: str, *, overwrite: bool = False) -> str:
    """Write `number` of the pictures in `csv` to `target`, with an empty column for their labels.

    Returns what to tell the user. Raises UsageError where `target` exists, for it may be filled in,
    without `overwrite`, and where it is `csv` or its manifest.
    """
    check_kept((target,), {"the table": csv, "the table's manifest": manifest_file(csv)})
    try:
        free = overwrite or is_absent(target)
    except OSError as error:
        raise OutputError(f"can't write {target}: {error.strerror}") from error
    if not free:
        mend = "name another file, or say --overwrite"
        raise UsageError(f"{target} is already there, and may be filled in: {mend}")
    with input_errors(csv):
        check_regular(csv)
        total = sum(1 for _ in _pictures(csv))
        drawn = np.random.RandomState(SEED).choice(total, min(number, total), replace=False)
        sample = list(compress(_pictures(csv), np.isin(np.arange(total), drawn)))
    lines = [("path", "label"), *((path, "") for path in sample)]
    with staging() as staged:
        with open(staged.add(target), "w", encoding="utf-8", newline="") as file:
            file.writelines(quoted_line(cells) for cells in lines)
        staged.commit()
    return f"{len(sample)} of {plural(total)} to label -> {target}"


def _pictures(csv: str) -> Iterator[str]:
    """The paths in `csv`, but those of folders that could not be listed."""
    return (path for path in paths(csv) if not path.endswith("/"))
