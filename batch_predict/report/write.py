"""The report's two files, from a CSV that is finished."""

import json

from batch_predict.evaluate.evaluation import Evaluation
from batch_predict.manifest.manifest import ReportFigures, Share
from batch_predict.manifest.run_record import RunRecord
from batch_predict.report.compare import Comparison
from batch_predict.report.html_report import render
from batch_predict.report.json_report import document
from batch_predict.report.load import texts
from batch_predict.report.pictures import Pictures
from batch_predict.report.provenance import Provenance
from batch_predict.report.report import Report, rows_wanted
from batch_predict.storage.file_hash import file_sha256


def gather(
    csv: str,
    evaluation: Evaluation,
    provenance: Provenance,
    comparison: Comparison | None = None,
    earlier: Provenance | None = None,
    record: RunRecord | None = None,
) -> Report:
    """A report on the finished table at `csv`, with the words of the rows that it lists."""
    words = texts(csv, rows_wanted(evaluation, comparison))
    return Report(evaluation, comparison, provenance, words, earlier, record)


def write_files(
    report: Report, pictures: Pictures, json_path: str, html_path: str
) -> ReportFigures:
    """Write both files; returns what a manifest says of them.

    Raises:
        OSError: one can't be written.
    """
    with open(json_path, "w", encoding="utf-8") as file:
        json.dump(document(report), file, indent=2, allow_nan=False)
        file.write("\n")
    # A labels file may hold bytes that are no text; the page shows them escaped.
    with open(html_path, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(render(report, pictures))
    counts = report.evaluation.counts
    return ReportFigures(
        Share(counts.accuracy, counts.accuracy_interval),
        Share(counts.silently_wrong, counts.silently_wrong_interval),
        Share(counts.errors_among_ok, counts.errors_among_ok_interval),
        counts.n,
        (file_sha256(json_path), file_sha256(html_path)),
    )
