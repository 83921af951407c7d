"""JSON Lines: one object a row, the CSV's columns as its names."""

import json
from collections.abc import Iterable

from batch_predict.records import Row
from batch_predict.tables.columns import columns


def write(path: str, rows: Iterable[Row], *, truth: bool, probabilities: bool) -> None:
    """See `Writer`."""
    known = columns(truth=truth, probabilities=probabilities)
    encode = json.JSONEncoder(ensure_ascii=False).encode
    with open(path, "w", encoding="utf-8", newline="") as file:
        for row in rows:
            file.write(encode({name: of(row) for name, of in known.items()}) + "\n")
