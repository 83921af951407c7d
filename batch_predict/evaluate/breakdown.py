"""Accuracy by folder, and by each column of the labels file that groups rows."""

from typing import Final

import numpy as np

from batch_predict.evaluate.evaluation import Group, Grouping, Mask
from batch_predict.evaluate.reliability import wilson

MOST_GROUPS: Final = 200  # listed of each breakdown


def accuracy_by_group(grouping: Grouping, has_truth: Mask, right: Mask) -> tuple[Group, ...]:
    """The groups that have truth, sorted by the upper end of their interval, equals by name.

    `has_truth` and `right` are masks (n,) of the rows with truth and of those read right.
    """
    names, codes = grouping.names, grouping.codes
    counts = np.bincount(codes[has_truth], minlength=len(names))
    correct = np.bincount(codes[right], minlength=len(names))
    total, total_correct = int(counts.sum()), int(correct.sum())
    groups = []
    for name, n, k in zip(names, counts.tolist(), correct.tolist(), strict=True):
        if n:
            interval, rest = wilson(k, n), wilson(total_correct - k, total - n)
            below = bool(interval and rest and interval[1] < rest[0])
            groups.append(Group(name, n, k, k / n, interval, below))
    groups.sort(key=lambda group: ((group.accuracy_interval or (0, 0))[1], group.name))
    return tuple(groups[:MOST_GROUPS])
