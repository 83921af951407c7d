"""What a run writes, from its rows: the table and the contact sheets."""

import logging
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.audit.promise_of_run import promise_of_run
from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.decisions.apply import DecisionCounter, Decisions, apply
from batch_predict.errors import in_one_line, printable
from batch_predict.manifest.decisions_used import DecisionsUsed
from batch_predict.manifest.ownership import ours
from batch_predict.manifest.promised import Promised
from batch_predict.manifest.run_counts import RowCounter, RunCounts
from batch_predict.manifest.since_last import SinceLast
from batch_predict.options import Options
from batch_predict.process.run_status import Course
from batch_predict.records import Status, join_reasons
from batch_predict.report.pictures import Pictures
from batch_predict.rows import Rows
from batch_predict.runtimes.training_digits import training_digits
from batch_predict.scoring import sent_to_review
from batch_predict.stages.inputs import Inputs
from batch_predict.storage.staging import Staged
from batch_predict.tables import find_writer
from batch_predict.tables.columns import columns_of
from batch_predict.truth import Truth

_LOGGER: Final = logging.getLogger(__name__)


class ScoredRows(NamedTuple):
    """What was scored, and what is made of it in the outputs: the checkpoint's rows know nothing
    of that.
    """

    checkpoint: Checkpoint
    review_below: float | None  # the confidence below which a picture is for review
    decisions: Decisions | None  # what a person decided
    # pixel hashes of what the model learned from, sorted; None: it is not known
    training_digits: NDArray[np.int64] | None

    def rows(self) -> Iterator[Rows]:
        """All rows, in order, some at a time, as the outputs have them."""
        rows = (sent_to_review(some, self.review_below) for some in self.checkpoint.rows())
        return map(partial(apply, self.decisions), rows) if self.decisions else rows


def scored_rows(
    options: Options, inputs: Inputs, checkpoint: Checkpoint, course: Course
) -> tuple[ScoredRows, Promised | None]:
    """The rows as the outputs have them, and what `--max-error` comes to, where it is asked for.

    That goes by all rows before any is for review for its confidence, and the threshold that it
    finds is the one that counts.
    """
    model, audit, limit = inputs.model, inputs.audit, options.max_error
    scored = ScoredRows(checkpoint, model.review_below, inputs.decisions, training_digits(model))
    if audit is None or limit is None:
        return scored, None
    rows = course.stop.interruptible(scored._replace(review_below=None).rows())
    promise = Promised.of(limit, promise_of_run(rows, audit, float(limit.amount)), audit)
    if promise.threshold is not None:
        scored = scored._replace(review_below=promise.threshold)
    return scored, promise


class Written(NamedTuple):
    """What the rows of a table come to."""

    counts: RunCounts
    decisions: DecisionsUsed | None


def write_rows(
    options: Options,
    truth: Truth,
    scored: ScoredRows,
    course: Course,
    csv: str,
    last: SinceLast,
) -> Written:
    """Write every row to the new file `csv`, compared with `last`; returns what is counted of them.

    Raises:
        OSError: it can't be written.
    """
    counter = RowCounter(scored.training_digits)
    rows = course.status.counted(course.stop.interruptible(scored.rows()), len)
    rows = last.pass_through(counter.pass_through(rows))
    decisions, decided = scored.decisions, None
    if decisions:
        decided = DecisionCounter(decisions)
        rows = decided.pass_through(rows)
    if _LOGGER.isEnabledFor(logging.INFO):
        rows = _log_failed(rows)
    write = find_writer(options.output)
    columns = columns_of(
        truth=truth.count > 0,
        probabilities=options.probabilities,
        decisions=decisions is not None,
    )
    write(csv, rows, columns)
    counts = counter.counts()
    found = scored.checkpoint.ref_count
    if counts.found != found:
        raise AssertionError(f"found {found} pictures, have rows for {counts.by_status}")
    if decisions is None or decided is None:
        return Written(counts, None)
    return Written(counts, DecisionsUsed.of(decisions, decided.counts(options.shard)))


def _log_failed(rows: Iterable[Rows]) -> Iterator[Rows]:
    """Pass `rows` through, and log those that failed, each with its cause, in their order."""
    for some in rows:
        for index in some.with_status(Status.FAILED):
            words = f"{some.refs[index].path}: {join_reasons(some.reasons[index])}"
            _LOGGER.info("%s", printable(in_one_line(filter(None, (words, some.causes[index])))))
        yield some


def save_prepared(options: Options, scored: ScoredRows, pictures: Pictures, staged: Staged) -> None:
    """Write contact sheets of the worst rows where `--save-prepared` asks for them.

    Raises:
        OSError: one can't be written.
    """
    if options.save_prepared is None:
        return
    from batch_predict.report import contact_sheet  # Pillow's fonts: not before

    targets = list(options.sheets)
    cells = contact_sheet.cells(contact_sheet.worst(chain.from_iterable(scored.rows())), pictures)
    for sheet in contact_sheet.sheets(cells):
        sheet.save(staged.add(targets.pop(0)), format="PNG", pnginfo=contact_sheet.mark())
    staged.remove(*ours(targets, options.output))  # of an earlier run that had more pictures
