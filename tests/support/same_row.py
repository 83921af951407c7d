"""A work file that no model has filled: every picture gets the same row."""

from collections.abc import Iterable
from itertools import islice

from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.records import ImageRef, Row, Status
from batch_predict.rows import Rows

TEN = (0.0,) * 9 + (1.0,)
AT_A_TIME = 1024  # rows


def fill(work: Checkpoint, refs: Iterable[ImageRef]) -> None:
    """Find `refs`, and give each its row."""
    work.set_refs(refs)
    pending = work.pending()
    while batch := list(islice(pending, AT_A_TIME)):
        work.add(Rows.of(Row(ref, 9, 1.0, Status.OK, (), TEN, 0.0, 0.13) for ref in batch))
