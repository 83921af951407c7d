"""What a run writes, from its rows: the CSV, the report, the contact sheets."""

import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.audit.promise_of_run import Audit, promise_of_run
from batch_predict.checkpoint.checkpoint_file import Checkpoint
from batch_predict.decisions.apply import DecisionCounter, Decisions, apply
from batch_predict.errors import InputError, in_one_line, printable
from batch_predict.manifest.decisions_used import DecisionsUsed
from batch_predict.manifest.manifest import ReportFigures
from batch_predict.manifest.ownership import check_kept, check_replaceable, is_ours
from batch_predict.manifest.promised import Promised
from batch_predict.manifest.read_write import read_manifest
from batch_predict.manifest.run_counts import RowCounter, RunCounts
from batch_predict.manifest.run_record import RunRecord
from batch_predict.manifest.since_last import SinceLast
from batch_predict.manifest.stored_options import options_to_json
from batch_predict.options import Options
from batch_predict.process.run_status import Course
from batch_predict.records import Status, join_reasons
from batch_predict.report.pictures import Pictures
from batch_predict.rows import Rows
from batch_predict.runtimes.model_file import card_path, model_path
from batch_predict.scoring import sent_to_review
from batch_predict.storage import Storage, local, locate
from batch_predict.storage.archives.labels import LABELS_NAME
from batch_predict.storage.file_hash import file_sha256
from batch_predict.storage.output_paths import (
    cache_file,
    checkpoint_file,
    decisions_file,
    lock_file,
    report_files,
)
from batch_predict.storage.staging import Staged, staging
from batch_predict.tables import find_writer
from batch_predict.tables.columns import columns_of
from batch_predict.truth import Truth
from batch_predict.truth.labels_file import LabelsFile

_LOGGER: Final = logging.getLogger(__name__)


class ScoredRows(NamedTuple):
    """What was scored, and what is made of it in the outputs: the checkpoint's rows know nothing
    of that.
    """

    checkpoint: Checkpoint
    review_below: float | None  # the confidence below which a picture is for review
    decisions: Decisions | None  # what a person decided
    # pixel hashes of what the model learned from, sorted; None: it is not known
    training_digits: NDArray[np.int64] | None = None

    def rows(self) -> Iterator[Rows]:
        """All rows, in order, some at a time, as the outputs have them."""
        rows = (sent_to_review(some, self.review_below) for some in self.checkpoint.rows())
        return map(partial(apply, self.decisions), rows) if self.decisions else rows


def promised(
    options: Options, audit: Audit | None, scored: ScoredRows, course: Course
) -> Promised | None:
    """What `--max-error` comes to by the answers of `audit`; None without them.

    It goes by all rows before any is for review for its confidence.
    """
    if audit is None or options.max_error is None:
        return None
    rows = course.stop.interruptible(scored._replace(review_below=None).rows())
    found = promise_of_run(rows, audit, float(options.max_error.amount))
    return Promised.of(options.max_error, found, audit)


class Written(NamedTuple):
    """What the rows of a table come to."""

    counts: RunCounts
    decisions: DecisionsUsed | None


def check_writable(options: Options) -> None:
    """Try whether everything that a run may write can be written here, before there is work done.

    Raises:
        OutputError: something is a folder, or lies in one that is not there or takes no files.
    """
    with staging(options.output) as staged:
        if options.save_prepared:
            os.makedirs(local(f"{options.save_prepared}/"), exist_ok=True)
        unused = set() if options.incremental else {cache_file(options.output)}
        located: dict[Storage, str] = {}
        for target in sorted(options.outputs - unused):
            staged.add(target)
            located.setdefault(*locate(target))
        for storage, name in located.items():
            storage.try_out(name)


def check_outputs(options: Options) -> None:
    """Try whether all that a run may write is its own to replace, before there is work done.

    Once more at the end, when what was written is put in place: somebody may have come meanwhile.

    Raises:
        UsageError: there is an input, or a file of somebody else.
        OutputError: something can't be looked at, or is no file.
    """
    output = options.output
    inputs = {"the input": options.in_dir, **inputs_of(options)}
    inputs[f"the {LABELS_NAME} of the input folder"] = os.path.join(options.in_dir, LABELS_NAME)
    targets = options.outputs - {cache_file(output)}
    overwrite, in_dir = options.overwrite, options.in_dir
    check_kept((cache_file(output), checkpoint_file(output), lock_file(output)), inputs)
    check_replaceable(targets, inputs, output=output, overwrite=overwrite, in_dir=in_dir)


def inputs_of(options: Options) -> dict[str, str | None]:
    """The files that the options name, to be read, by what they are."""
    model = model_path(options.model)
    return {
        "the file of --labels": options.labels,
        "the file of --files-from": options.files_from,
        "the model": model,
        "the model's card": card_path(model),
        "the file of --baseline": options.baseline,
        "the answers of --audit": options.audit,
        "what was decided on these pictures": decisions_file(options.output),
        **{f"the decisions in {file}": file for file in options.decisions},
    }


def own(output: str, targets: Iterable[str]) -> list[str]:
    """Those of `targets` that are this program's own, to be removed; `--overwrite` keeps others."""
    return [target for target in targets if is_ours(target, output)]


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
    holds = options.shard.holds if options.shard else lambda path: True
    return Written(counts, DecisionsUsed.of(decisions, decided.counts(holds)))


def _log_failed(rows: Iterable[Rows]) -> Iterator[Rows]:
    """Pass `rows` through, and log those that failed, each with its cause, in their order."""
    for some in rows:
        for index in some.with_status(Status.FAILED):
            words = f"{some.refs[index].path}: {join_reasons(some.reasons[index])}"
            _LOGGER.info("%s", printable(in_one_line(filter(None, (words, some.causes[index])))))
        yield some


def write_report(
    record: RunRecord,
    csv: str,
    pictures: Pictures,
    staged: Staged,
    *,
    labels: LabelsFile | None = None,
    may_keep: bool = False,
) -> ReportFigures | None:
    """Write the report on the finished `csv` of the run of `record`; returns its figures.

    `pictures` are those of the run. Without truth there is no report, and a shard has none: `merge`
    makes that of the whole. A file of `labels` may have columns to group by. The report there is
    stays where it `may_keep` it and the new one would be the same.

    Raises:
        OSError: it can't be written.
    """
    output = record.options.output
    reports = report_files(output)
    if record.truth.source is None or record.options.shard:
        staged.remove(*own(output, reports))
        return None
    if may_keep and (kept := _unchanged_report(record)):
        return kept
    from batch_predict.evaluate import evaluate  # the page's template: not before
    from batch_predict.report.load import load
    from batch_predict.report.provenance import provenance
    from batch_predict.report.write import gather, write_files

    evaluation = evaluate(load(csv, labels=labels), record.model.review_below)
    source = provenance(output, record.csv_sha256, record, record.truth)
    report = gather(csv, evaluation, source, record=record)
    return write_files(report, pictures, *map(staged.add, reports))


def _unchanged_report(record: RunRecord) -> ReportFigures | None:
    """The figures of the report beside the old CSV; None where `record` would get another one."""
    output = record.options.output
    try:
        _, old = read_manifest(output)
        hashes = tuple(map(file_sha256, report_files(output)))
    except (InputError, OSError):
        return None
    if old is None or old.report is None or old.report.hashes != hashes:
        return None
    return old.report if _decides_report(old.record) == _decides_report(record) else None


def _decides_report(record: RunRecord) -> tuple[object, ...]:
    """All that a report is made of; what it does not show is the same for every run."""
    shown = replace(record.options, quiet=False, verbose=False, workers=None, metrics_file=None)
    shown = replace(shown, overwrite=False)
    options = options_to_json(shown)  # what a file holds of them: a limit is rounded there
    known = (record.counts.exact_copies, record.counts.seen_in_training)
    used = (record.model, record.invocation.versions, record.truth, record.decisions)
    return (options, record.csv_sha256, *used, *known, record.expected)


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
    staged.remove(*own(options.output, targets))  # of an earlier run that had more pictures
