"""The rows of a finished run that an audit draws from, as columns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.audit.answers import NO_DIGIT
from batch_predict.records import Code, Status
from batch_predict.rows import NONE, STATUSES
from batch_predict.tables.block import Block
from batch_predict.tables.coded import digits, model_confidences, model_labels, statuses
from batch_predict.tables.columns import columns_named
from batch_predict.tables.csv_paths import top_folder
from batch_predict.tables.registry import read_blocks

TOP: Final = "(top level)"  # the group of pictures directly in in_dir
_NEEDED: Final = columns_named(("path", "label", "confidence", "status", "reason"))
_OPTIONAL: Final = columns_named(("model_label", "model_confidence"))


@dataclass(frozen=True)
class Frame:
    """Every row of a run, in the order of its CSV; columns (n,)."""

    status: NDArray[np.int8]  # index into STATUSES
    label: NDArray[np.int8]  # the model's: 0 to 9, or NONE
    confidence: NDArray[np.float32]  # the model's, of its label, or NaN
    decision: NDArray[np.int8]  # a person's: 0 to 9, NO_DIGIT, or NONE
    group: NDArray[np.int32]  # index into `groups`
    groups: Sequence[str]

    def is_(self, status: str) -> NDArray[np.bool_]:
        """Mask (n,) of the rows with `status`."""
        return np.equal(self.status, STATUSES.index(Status(status)))


def load_frame(csv: str, group_of: Callable[[str], str] | None = None) -> Frame:
    """The rows of the output `csv`, of any form; groups by `group_of` a path.

    Without it, a picture's group is its folder at the first level.

    Raises:
        OSError: it can't be read.
        ValueError: it is no output of this program.
    """
    group_of = group_of or first_folder
    codes: dict[str, int] = {}
    parts = []
    for block in read_blocks(csv, _NEEDED, _OPTIONAL):
        groups = [codes.setdefault(group_of(path), len(codes)) for path in block.texts["path"]]
        parts.append((*_columns(block), np.array(groups, np.int32)))
    status, label, confidence, decision, group = map(np.concatenate, zip(*parts, strict=True))
    return Frame(status, label, confidence, decision, group, tuple(codes))


def first_folder(path: str) -> str:
    """The folder of `path`, as the CSV writes it, at the first level below in_dir."""
    return top_folder(path) or TOP


def _columns(
    block: Block,
) -> tuple[NDArray[np.int8], NDArray[np.int8], NDArray[np.float32], NDArray[np.int8]]:
    status, label = statuses(block), digits(block, "label")
    decided = status == STATUSES.index(Status.DECIDED)
    ignored = [text.startswith(Code.DECIDED_IGNORED) for text in block.texts["reason"]]
    decision = np.where(label == NONE, np.int8(NO_DIGIT), label)
    decision = np.where(decided & ~np.array(ignored, bool), decision, np.int8(NONE))
    confidence = model_confidences(block).astype(np.float32)
    return status, model_labels(block, status), confidence, decision
