"""JSON Lines: one object a row, the CSV's columns as its names."""

import json
from collections.abc import Iterable

from batch_predict.records import CLASSES, Row


def write(path: str, rows: Iterable[Row], *, truth: bool, probabilities: bool) -> None:
    """See `Writer`."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    with open(path, "w", encoding="utf-8", newline="") as file:
        for row in rows:
            file.write(f"{encode(_object(row, truth, probabilities))}\n")


def _object(row: Row, truth: bool, probabilities: bool) -> dict[str, object]:
    known: dict[str, object] = {
        "path": row.ref.path,
        "label": row.label,
        "confidence": row.confidence,
        "status": row.status,
        "reason": row.reason,
    }
    if truth:
        known["truth"] = row.ref.truth
    if probabilities:
        ten = row.probabilities or (None,) * CLASSES
        known |= {f"p{digit}": p for digit, p in enumerate(ten)}
    return known
