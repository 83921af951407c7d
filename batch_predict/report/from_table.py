"""The report from a CSV that is there already: with other labels, or against an earlier CSV."""

import logging
import os
from collections.abc import Sequence
from typing import Final, NamedTuple

from batch_predict.errors import UsageError
from batch_predict.evaluate import evaluate
from batch_predict.evaluate.evaluation import Scored
from batch_predict.manifest.gates import is_near_chance, near_chance_words
from batch_predict.manifest.ownership import check_kept, check_replaceable
from batch_predict.manifest.read_write import read_manifest
from batch_predict.manifest.run_record import RunRecord
from batch_predict.manifest.truth_used import TruthUsed
from batch_predict.process.command import command_of
from batch_predict.process.output_lock import locked
from batch_predict.report.align import align
from batch_predict.report.audited import audit_headline, read_audit
from batch_predict.report.compare import Comparison, compare
from batch_predict.report.load import load, paths, texts
from batch_predict.report.provenance import OWN_COLUMN, Provenance, provenance
from batch_predict.report.report import Report, rows_wanted
from batch_predict.report.seen_again import pictures_of
from batch_predict.report.verdict import headline
from batch_predict.report.write import write_files
from batch_predict.storage.output_paths import audit_report_files, lock_file, report_files
from batch_predict.storage.regular_file import check_regular
from batch_predict.storage.staging import staging
from batch_predict.tables.registry import input_errors
from batch_predict.truth import find_truth

_LOGGER: Final = logging.getLogger(__name__)


class ReportAsked(NamedTuple):
    """What a report is made from, by the names of files."""

    csv: str  # the table, beside which it lies
    labels: str | None = None  # ground truth in place of the table's own column
    earlier: str | None = None  # a table to compare with
    audits: Sequence[str] = ()  # answers to the audit beside the table

    @property
    def targets(self) -> tuple[str, str]:
        """Its two files; those of an audit lie beside the others."""
        return audit_report_files(self.csv) if self.audits else report_files(self.csv)


def make_report(asked: ReportAsked, *, overwrite: bool = False) -> str:
    """Replace the report that is `asked` for; returns its headline.

    `overwrite`: also where a file lies in its place that this program did not write.

    Raises InputError, LockedError, OutputError, UsageError.
    """
    csv = asked.csv
    for table in filter(None, (csv, asked.earlier)):
        with input_errors(table):
            check_regular(table)  # said before a lock is made beside it
    inputs = {
        "the table": csv,
        "the file of --labels": asked.labels,
        "the file of --compare": asked.earlier,
        **{f"answers {number} of --audit": file for number, file in enumerate(asked.audits, 1)},
    }
    check_kept((lock_file(csv),), inputs)
    check_replaceable(asked.targets, inputs, output=csv, overwrite=overwrite)
    with locked(lock_file(csv)):  # a run may neither replace the CSV meanwhile nor stage its report
        return _replace(asked)


def _replace(asked: ReportAsked) -> str:
    csv = asked.csv
    digest, manifest = read_manifest(csv)
    record = manifest.record if manifest else None
    options, model = (record.options, record.model) if record else (None, None)
    audited = read_audit(csv, digest, asked.audits) if asked.audits else None
    with input_errors(csv):
        scored, truth = _scored(asked, record)
    evaluation = evaluate(scored, model.review_below if model else None)
    counts = evaluation.counts
    if is_near_chance(counts.accuracy_scored_interval):
        stated_by = (truth and truth.source) or OWN_COLUMN
        words = near_chance_words(counts.accuracy_scored, counts.n_scored, stated_by)
        _LOGGER.warning("%s", words)
    if not counts.n and not audited:
        raise UsageError(
            f"{csv} has no ground truth: name a file with --labels, or draw pictures for a person:"
            f" {command_of('review')} out.csv --audit 400"
        )
    comparison, earlier = _compared(scored, csv, asked.earlier) if asked.earlier else (None, None)
    with input_errors(csv):
        listed = texts(csv, rows_wanted(evaluation, comparison))
    report = Report(
        evaluation,
        provenance(csv, digest, record, truth),
        listed,
        comparison,
        earlier,
        record,
        audited,
    )
    with staging() as staged:
        write_files(report, pictures_of(options, model), *map(staged.add, asked.targets))
        staged.commit()
    parts = [headline(evaluation, comparison, earlier.csv if earlier else "")] if counts.n else []
    parts += [audit_headline(audited)] if audited else []
    return f"{'; '.join(parts)} -> {asked.targets[1]}"


def _scored(asked: ReportAsked, record: RunRecord | None) -> tuple[Scored, TruthUsed | None]:
    """The rows with their truth, and whose that is; None: of the table's column, by no manifest.

    Raises as `load`, and UsageError for a file of labels that is no good.
    """
    csv = asked.csv
    if asked.labels is None:
        return load(csv), record.truth if record else None
    in_dir = record.options.in_dir if record else os.path.dirname(csv)
    stated = find_truth(in_dir, asked.labels, None)
    if stated.needs_all_paths:
        stated.match(lambda: paths(csv))
    scored = load(csv, stated.of, stated.labels_file)
    for warning in stated.warnings():
        _LOGGER.warning("%s", warning)
    return scored, TruthUsed.of(stated)


def _compared(scored: Scored, csv: str, earlier: str) -> tuple[Comparison, Provenance]:
    """How the table at `csv` differs from an `earlier` one, and where that comes from."""
    digest, manifest = read_manifest(earlier)
    source = provenance(earlier, digest, manifest.record if manifest else None, None)
    with input_errors(earlier):
        comparison = compare(scored, align(csv, earlier))
    if not comparison.n:
        raise UsageError(
            f"{earlier} shares no picture with ground truth with {csv}: the paths of both are"
            " relative to the folder that was scored, and that must be the same"
        )
    return comparison, source
