"""Accuracy by group: folders, and the labels file's columns."""

from typing import TYPE_CHECKING, Final

import numpy as np

from batch_predict.evaluate.cases import Mask
from batch_predict.evaluate.evaluation import Group
from batch_predict.evaluate.reliability import wilson

if TYPE_CHECKING:
    import pandas as pd

MOST_GROUPS: Final = 200  # listed of each breakdown


def groups(column: "pd.Categorical[str]", known: Mask, right: Mask) -> tuple[Group, ...]:
    """The groups with truth, those that are surely worse first."""
    counts = np.bincount(column.codes[known], minlength=len(column.categories))
    correct = np.bincount(column.codes[right], minlength=len(column.categories))
    total, total_correct = counts.sum(), correct.sum()
    found = []
    for name, n, k in zip(column.categories, counts.tolist(), correct.tolist(), strict=True):
        if n:
            interval, rest = wilson(k, n), wilson(int(total_correct - k), int(total - n))
            below = bool(interval and rest and interval[1] < rest[0])
            found.append(Group(str(name), n, k, k / n, interval, below))
    found.sort(key=lambda group: (group.accuracy_interval or (0, 0))[1])
    return tuple(found[:MOST_GROUPS])
