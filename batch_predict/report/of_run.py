"""The report that a run or `merge` writes, on its finished table."""

from dataclasses import replace

from batch_predict.errors import InputError
from batch_predict.manifest.manifest import ReportFigures
from batch_predict.manifest.ownership import ours
from batch_predict.manifest.read_write import read_manifest
from batch_predict.manifest.run_record import RunRecord
from batch_predict.manifest.stored_options import options_to_json
from batch_predict.report.pictures import Pictures
from batch_predict.storage.file_hash import file_sha256
from batch_predict.storage.output_paths import report_files
from batch_predict.storage.staging import Staged
from batch_predict.truth.labels_file import LabelsFile


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
        staged.remove(*ours(reports, output))
        return None
    if may_keep and (kept := _unchanged_report(record)):
        return kept
    from batch_predict.evaluate import evaluate  # the page's template: not before
    from batch_predict.report.load import load, texts
    from batch_predict.report.provenance import provenance
    from batch_predict.report.report import Report, rows_wanted
    from batch_predict.report.write import write_files

    evaluation = evaluate(load(csv, labels=labels), record.model.review_below)
    source = provenance(output, record.csv_sha256, record, record.truth)
    report = Report(evaluation, source, texts(csv, rows_wanted(evaluation)), record=record)
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
