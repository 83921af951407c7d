"""Another CSV's labels at the rows of this one."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.report.load import NEEDED, paths, shares
from batch_predict.rows import NONE
from batch_predict.tables.coded import model_confidences, model_labels, statuses
from batch_predict.tables.columns import columns_named
from batch_predict.tables.registry import read_blocks

OPTIONAL: Final = columns_named(("model_label", "model_confidence"))


class Aligned(NamedTuple):
    """What the model said in another CSV, at this one's rows."""

    label: NDArray[np.int8]  # (n,), or NONE
    confidence: NDArray[np.float32]  # (n,), or NaN
    present: NDArray[np.bool_]  # (n,) the other has this path
    only_there: int  # rows of the other whose path is not here


def align(csv: str, other: str) -> Aligned:
    """The labels of `other` for the paths of `csv`, in its order; raises as `load`."""
    places: dict[str, int] = {}  # of the other's rows
    labels, confidences = [], []
    for block in read_blocks(other, NEEDED, OPTIONAL):
        for path in block.texts["path"]:
            row = len(places)
            if places.setdefault(path, row) != row:
                raise ValueError(f"two rows are for {path}")
        labels.append(model_labels(block, statuses(block)))
        confidences.append(shares(model_confidences(block), labels[-1] != NONE))
    indices = np.array([places.get(path, NONE) for path in paths(csv)], np.intp)
    present = indices >= 0
    # The last element, at -1, is for a path that is not there.
    label = np.append(np.concatenate(labels), np.int8(NONE))[indices]
    confidence = np.append(np.concatenate(confidences), np.float32(np.nan))[indices]
    return Aligned(label, confidence, present, len(places) - int(present.sum()))
