"""The report from a CSV that is there already: with other labels, or against an earlier CSV."""

import logging
import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from batch_predict.errors import InputError, UsageError
from batch_predict.evaluate import evaluate
from batch_predict.manifest.gates import is_near_chance, near_chance_words
from batch_predict.manifest.ownership import check_kept, check_replaceable
from batch_predict.manifest.read_write import read_manifest
from batch_predict.manifest.run_record import TruthUsed
from batch_predict.process.output_lock import locked
from batch_predict.report.align import align
from batch_predict.report.audited import audit_headline, read_audit
from batch_predict.report.compare import compare
from batch_predict.report.load import load, paths
from batch_predict.report.provenance import OWN_COLUMN, provenance
from batch_predict.report.seen_again import pictures_of
from batch_predict.report.verdict import headline
from batch_predict.report.write import gather, write_files
from batch_predict.storage.output_paths import audit_report_files, lock_file, report_files
from batch_predict.storage.regular_file import check_regular
from batch_predict.storage.staging import staging
from batch_predict.tables.registry import input_errors
from batch_predict.truth import find_truth

_LOGGER: Final = logging.getLogger(__name__)


def report(
    csv: str,
    labels: str | None,
    earlier: str | None,
    audits: Sequence[str] = (),
    *,
    overwrite: bool = False,
) -> str:
    """Replace the report beside `csv`, or with `audits` that of its audit; returns its headline.

    `overwrite`: also where a file lies in its place that this program did not write.

    Truth comes from `labels`, else from the CSV's own column; `earlier` is a CSV to compare with,
    `audits` are files of answers to the audit beside it.
    Raises InputError, LockedError, OutputError, UsageError.
    """
    try:
        for table in filter(None, (csv, earlier)):
            check_regular(table)  # said before a lock is made beside it
    except OSError as error:
        raise InputError(f"can't read {error.filename}: {error.strerror}") from error
    inputs = {"the table": csv, "the file of --labels": labels, "the file of --compare": earlier}
    inputs |= {f"answers {number} of --audit": file for number, file in enumerate(audits, 1)}
    check_kept((lock_file(csv),), inputs)
    check_replaceable(_targets(csv, audits), inputs, output=csv, overwrite=overwrite)
    with locked(lock_file(csv)):  # a run may neither replace the CSV meanwhile nor stage its report
        return _replace(csv, labels, earlier, audits)


def _targets(csv: str, audits: Sequence[str]) -> tuple[str, str]:
    return audit_report_files(csv) if audits else report_files(csv)


def _replace(csv: str, labels: str | None, earlier: str | None, audits: Sequence[str]) -> str:
    digest, manifest = read_manifest(csv)
    audited = read_audit(csv, digest, audits) if audits else None
    record = manifest.record if manifest else None
    options = record.options if record else None
    truth = record.truth if record else None
    model = record.model if record else None
    with input_errors(csv):
        if labels is None:
            scored = load(csv)
        else:
            in_dir = options.in_dir if options else os.path.dirname(csv)
            stated = find_truth(in_dir, labels, None)
            if stated.needs_all_paths:
                stated.match(lambda: paths(csv))
            scored = load(csv, stated.of, stated.labels_file)
            for warning in stated.warnings():
                _LOGGER.warning("%s", warning)
            truth = TruthUsed.of(stated)
    evaluation = evaluate(scored, model.review_below if model else None)
    counts = evaluation.counts
    if is_near_chance(counts.accuracy_scored_interval):
        stated_by = (truth and truth.source) or OWN_COLUMN
        words = near_chance_words(counts.accuracy_scored, counts.n_scored, stated_by)
        _LOGGER.warning("%s", words)
    if not counts.n and not audited:
        raise UsageError(
            f"{csv} has no ground truth: name a file with --labels, or draw pictures for a person:"
            " python -m batch_predict.review out.csv --audit 400"
        )
    comparison = before = None
    if earlier is not None:
        digest_before, of_before = read_manifest(earlier)
        before = provenance(earlier, digest_before, of_before.record if of_before else None, None)
        with input_errors(earlier):
            comparison = compare(scored, align(csv, earlier))
        if not comparison.n:
            raise UsageError(
                f"{earlier} shares no picture with ground truth with {csv}: the paths of both are"
                " relative to the folder that was scored, and that must be the same"
            )
    reports = _targets(csv, audits)
    with staging() as staged:
        source = provenance(csv, digest, record, truth)
        gathered = gather(csv, evaluation, source, comparison, before, record)
        write_files(
            replace(gathered, audited=audited),
            pictures_of(options, model),
            *map(staged.add, reports),
        )
        staged.commit()
    named = [headline(evaluation, comparison, before.csv if before else "")] if counts.n else []
    if audited:
        named.append(audit_headline(audited))
    return f"{'; '.join(named)} -> {reports[1]}"
