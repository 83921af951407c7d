"""Columns of a block whose values are few, as the small numbers that rows are counted by."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.records import CLASSES, Status
from batch_predict.rows import NONE, STATUSES
from batch_predict.tables.block import Block

_DECIDED: Final = STATUSES.index(Status.DECIDED)
_CODES: Final = {str(status): code for code, status in enumerate(STATUSES)}


def statuses(block: Block) -> NDArray[np.int8]:
    """The column `status` (n,), as indices into STATUSES; raises ValueError for what is none."""
    found = np.array([_CODES.get(name, NONE) for name in block.texts["status"]], np.int8)
    if NONE in found:
        strange = block.texts["status"][int(np.argmax(found == NONE))]
        raise ValueError(f"status {strange!r} is none of {', '.join(STATUSES)}")
    return found


def digits(block: Block, name: str) -> NDArray[np.int8]:
    """The column `name` (n,), NONE where it is empty; raises ValueError for what is no digit."""
    column = block.numbers[name]
    given = column[~np.isnan(column)]
    strange = given[(given < 0) | (given >= CLASSES) | (given != np.floor(given))]
    if len(strange):
        raise ValueError(f"{name} is not 0 to 9: {strange[0]:g}")
    return np.nan_to_num(column, nan=NONE).astype(np.int8)


def model_labels(block: Block, status: NDArray[np.int8]) -> NDArray[np.int8]:
    """What the model said, (n,), NONE where it did not or where that is not known.

    A table without decisions has no column of its own for it. Where one with them lacks it, it is
    known of none of the rows that a person decided, by their `status` (n,).
    """
    if "model_label" in block.numbers:
        return digits(block, "model_label")
    return np.where(status == _DECIDED, np.int8(NONE), digits(block, "label"))


def model_confidences(block: Block) -> NDArray[np.float64]:
    """How sure the model was, (n,), NaN where the table does not say so."""
    name = "model_confidence" if "model_confidence" in block.numbers else "confidence"
    return block.numbers[name]
