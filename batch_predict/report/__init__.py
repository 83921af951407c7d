"""The evaluation report: a CSV with ground truth -> JSON and HTML beside it."""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd
from sklearn.metrics import classification_report, confusion_matrix

from batch_predict.prepare import Prepare
from batch_predict.records import CLASSES
from batch_predict.truth import Truth


def write_report(
    csv_path: str,
    about: Mapping[str, Any],
    truth: Truth,
    prepare: Prepare,
    json_path: str,
) -> dict[str, Any]:
    """Evaluate the CSV at `csv_path` and write the report's files.

    Returns what the manifest and the summary line say of it: `accuracy` and `with_truth`.
    """
    rows = pd.read_csv(csv_path, usecols=["label", "truth"], dtype="Int8").dropna(subset="truth")
    scored = rows.dropna()
    digits = list(range(CLASSES))
    said = {
        "accuracy": float((rows["label"] == rows["truth"]).fillna(False).mean()),
        "with_truth": len(rows),
    }
    report = {
        **said,
        "confusion_matrix": confusion_matrix(
            scored["truth"], scored["label"], labels=digits
        ).tolist(),
        "per_digit": classification_report(
            scored["truth"], scored["label"], labels=digits, output_dict=True, zero_division=0
        ),
    }
    with open(json_path, "w", encoding="utf-8") as file:
        json.dump(report, file, indent=2)
    return said
