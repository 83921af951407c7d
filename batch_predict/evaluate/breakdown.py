"""Accuracy by folder, and by each column of the labels file that groups rows."""

from typing import TYPE_CHECKING, Final

import numpy as np

from batch_predict.evaluate.cases import Mask
from batch_predict.evaluate.evaluation import Group
from batch_predict.evaluate.reliability import wilson

if TYPE_CHECKING:
    import pandas as pd

MOST_GROUPS: Final = 200  # listed of each breakdown


def accuracy_by_group(
    column: "pd.Categorical[str]", has_truth: Mask, right: Mask
) -> tuple[Group, ...]:
    """The groups of `column` that have truth, sorted by the upper end of their interval.

    `has_truth` and `right` are masks (n,) of the rows with truth and of those read right.
    """
    counts = np.bincount(column.codes[has_truth], minlength=len(column.categories))
    correct = np.bincount(column.codes[right], minlength=len(column.categories))
    total, total_correct = counts.sum(), correct.sum()
    groups = []
    for name, n, k in zip(column.categories, counts.tolist(), correct.tolist(), strict=True):
        if n:
            interval, rest = wilson(k, n), wilson(int(total_correct - k), int(total - n))
            below = bool(interval and rest and interval[1] < rest[0])
            groups.append(Group(str(name), n, k, k / n, interval, below))
    groups.sort(key=lambda group: (group.accuracy_interval or (0, 0))[1])
    return tuple(groups[:MOST_GROUPS])
