"""The two files of a report."""

import json

from batch_predict.manifest.manifest import ReportFigures, Share
from batch_predict.report.html_report import render
from batch_predict.report.json_report import document
from batch_predict.report.pictures import Pictures
from batch_predict.report.report import Report
from batch_predict.storage.file_hash import file_sha256


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
