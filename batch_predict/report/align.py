"""Another CSV's labels at the rows of this one."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from batch_predict.evaluate.evaluation import NONE
from batch_predict.report.load import digits, shares
from batch_predict.tables.columns import columns_named
from batch_predict.tables.registry import read_frames


class Aligned(NamedTuple):
    """Another CSV's labels at this one's rows."""

    label: NDArray[np.int8]  # (n,), or NONE
    confidence: NDArray[np.float32]  # (n,), or NaN
    present: NDArray[np.bool_]  # (n,) the other has this path
    only_there: int  # rows of the other whose path is not here


def align(csv: str, other: str) -> Aligned:
    """The labels of `other` for the paths of `csv`, in its order; raises as `load`."""
    frames = read_frames(other, columns_named(("path", "label", "confidence")))
    table = pd.concat(frames)
    twice = table["path"][table["path"].duplicated()]
    if len(twice):
        raise ValueError(f"two rows are for {twice.iloc[0]}")
    theirs = table.set_index("path")
    ours = read_frames(csv, columns_named(("path",)))
    indices = np.concatenate([theirs.index.get_indexer(pd.Index(f["path"])) for f in ours])
    present = indices >= 0
    label = np.full(len(indices), NONE, np.int8)
    confidence = np.full(len(indices), np.nan, np.float32)
    labels = digits(theirs["label"])
    label[present] = labels[indices[present]]
    confidence[present] = shares(theirs["confidence"], labels)[indices[present]]
    return Aligned(label, confidence, present, len(theirs) - int(present.sum()))
