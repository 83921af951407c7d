"""The report's two files, from a CSV that is finished."""

import json
import os
from collections.abc import Mapping
from typing import Any

from batch_predict.evaluate import evaluate
from batch_predict.evaluate.evaluation import Evaluation
from batch_predict.prepare import Prepare
from batch_predict.records import ImageRef
from batch_predict.report.compare import Comparison
from batch_predict.report.document import document
from batch_predict.report.load import load, texts
from batch_predict.report.page import render
from batch_predict.report.pictures import Pictures
from batch_predict.report.provenance import Provenance, provenance
from batch_predict.report.report import Report, rows_wanted
from batch_predict.truth import Truth


def write_report(
    csv: str,
    about: Mapping[str, Any],
    truth: Truth,
    prepare: Prepare,
    json_path: str,
    html_path: str,
) -> dict[str, Any]:
    """Evaluate the finished CSV at `csv`, which `about`, the manifest, describes; write both files.

    Returns what the manifest says of it. Raises OSError where a file can't be written.
    """
    signed = provenance(os.path.basename(about["output"]), about, truth.source, truth.findings())
    evaluation = evaluate(load(csv, labels=truth.labels_file))
    return write_evaluation(csv, evaluation, signed, pictures_by(prepare), json_path, html_path)


def write_evaluation(
    csv: str,
    evaluation: Evaluation,
    signed: Provenance,
    pictures: Pictures,
    json_path: str,
    html_path: str,
) -> dict[str, Any]:
    """Write both files; returns what the manifest says of them."""
    write(assemble(csv, evaluation, None, signed), pictures, json_path, html_path)
    counts = evaluation.counts
    return {
        "accuracy": counts.accuracy,
        "accuracy_interval": counts.accuracy_interval,
        "with_truth": counts.n,
    }


def assemble(
    csv: str, evaluation: Evaluation, comparison: Comparison | None, signed: Provenance
) -> Report:
    """The figures, with the paths of the rows they list."""
    return Report(evaluation, comparison, signed, texts(csv, rows_wanted(evaluation, comparison)))


def write(report: Report, pictures: Pictures, json_path: str, html_path: str) -> None:
    """Write the report to both paths; raises OSError where one can't be written."""
    with open(json_path, "w", encoding="utf-8") as file:
        json.dump(document(report), file, indent=2, allow_nan=False)
        file.write("\n")
    # A labels file may hold bytes that are no text; the page shows them escaped.
    with open(html_path, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(render(report, pictures))


def pictures_by(prepare: Prepare) -> Pictures:
    """Pictures read and prepared again, as the run did it; None for one that can't be read now."""
    return lambda path: prepare.pair(ImageRef(path, 0, 0, None))
