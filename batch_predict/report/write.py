"""The report's two files, from a CSV that is finished."""

import json
from collections.abc import Mapping
from typing import Any

from batch_predict.evaluate.evaluation import Evaluation
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.prepare import Prepare
from batch_predict.records import ImageRef
from batch_predict.report.compare import Comparison
from batch_predict.report.html_report import render
from batch_predict.report.json_report import document
from batch_predict.report.load import texts
from batch_predict.report.pictures import Pictures
from batch_predict.report.provenance import provenance
from batch_predict.report.report import Report, rows_wanted
from batch_predict.storage.staging import sha256


def write_report(
    csv: str,
    about: Mapping[str, Any],
    evaluation: Evaluation,
    json_path: str,
    html_path: str,
    *,
    comparison: Comparison | None = None,
) -> dict[str, Any]:
    """Write both files on the finished CSV at `csv`, of which `about` is the manifest.

    Returns what the manifest says of them. Raises OSError where one can't be written.
    """
    words = texts(csv, rows_wanted(evaluation, comparison))
    report = Report(evaluation, comparison, provenance(about), words)
    with open(json_path, "w", encoding="utf-8") as file:
        json.dump(document(report), file, indent=2, allow_nan=False)
        file.write("\n")
    # A labels file may hold bytes that are no text; the page shows them escaped.
    with open(html_path, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(render(report, _pictures(about)))
    counts = evaluation.counts
    return {
        "accuracy": counts.accuracy,
        "accuracy_interval": counts.accuracy_interval,
        "with_truth": counts.n,
        "report_sha256": [sha256(json_path), sha256(html_path)],
    }


def _pictures(about: Mapping[str, Any]) -> Pictures:
    """Read and prepared again, as the run did it; without its manifest there are none."""
    if "arguments" not in about:
        return lambda path: None
    said = about["arguments"]
    preprocess, polarity = Preprocess(said["preprocess"]), Polarity(said["polarity"])
    prepare = Prepare(said["in_dir"], said["max_pixels"], preprocess, polarity)
    return lambda path: prepare.pair(ImageRef(path))
