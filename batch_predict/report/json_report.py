"""Makes the JSON report; docs/reference/report.md describes it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

from batch_predict.evaluate.evaluation import Case, Group
from batch_predict.manifest.own_marks import SCHEMA
from batch_predict.report.compare import Change
from batch_predict.report.load import Text
from batch_predict.report.report import Report

_EARLIER: Final = ("csv", "csv_sha256", "model", "model_sha256")  # what is said of another CSV


def document(report: Report) -> dict[str, Any]:
    """Every figure by name, unrounded; None where it is undefined."""
    evaluation, comparison, texts = report.evaluation, report.comparison, report.texts
    pictures = report.record.counts if report.record else None
    expected = report.record.expected if report.record else None
    cases = {
        name: [_named(case, texts) for case in listed]
        for name, listed in vars(evaluation.cases).items()
    }
    report_json: dict[str, Any] = {
        "schema": SCHEMA,
        **asdict(evaluation.counts),
        "confusion_matrix": evaluation.confusion_matrix,
        "without_label_by_digit": evaluation.without_label_by_digit,
        "per_digit": [asdict(digit) for digit in evaluation.per_digit],
        "top_confusions": [asdict(confusion) for confusion in evaluation.top_confusions],
        **asdict(evaluation.calibration),
        "by_folder": _plain(evaluation.by_folder),
        "by_column": {name: _plain(groups) for name, groups in evaluation.by_column.items()},
        **cases,
        "expected": expected.to_json() if expected else None,
        "exact_copies": pictures.exact_copies if pictures else None,
        "seen_in_training": pictures.seen_in_training if pictures else None,
        "provenance": asdict(report.provenance),
    }
    if report.audited:
        report_json["audit"] = report.audited.to_json()
    if comparison and report.earlier:
        changed = [_named(change, texts) for change in comparison.changed]
        earlier = {name: getattr(report.earlier, name) for name in _EARLIER}
        report_json["comparison"] = asdict(comparison) | {"earlier": earlier, "changed": changed}
    return report_json


def _plain(groups: Iterable[Group]) -> list[dict[str, Any]]:
    return [asdict(group) for group in groups]


def _named(listed: Case | Change, texts: Mapping[int, Text]) -> dict[str, Any]:
    """`listed` with its path instead of its row's number, and its reason where it has no label."""
    text = texts[listed.row]
    named = {"path": text.path, **asdict(listed)}
    del named["row"]
    return named if listed.label is not None else named | {"reason": text.reason}
