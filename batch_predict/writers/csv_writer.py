"""The default writer: CSV after RFC 4180, UTF-8, `\\n` at line ends."""

import csv
from collections.abc import Iterable

from batch_predict.records import CLASSES, Row


def write(path: str, rows: Iterable[Row], *, truth: bool, probabilities: bool) -> None:
    """See `Writer`."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(_header(truth, probabilities))
        quoting = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for row in rows:
            # Before Python 3.13 the csv module leaves a bare carriage return unquoted.
            chosen = quoting if "\r" in row.ref.path else writer
            chosen.writerow(_line(row, truth, probabilities))


def _header(truth: bool, probabilities: bool) -> list[str]:
    header = ["path", "label", "confidence", "status", "reason"]
    if truth:
        header.append("truth")
    if probabilities:
        header += [f"p{digit}" for digit in range(CLASSES)]
    return header


def _line(row: Row, truth: bool, probabilities: bool) -> list[object]:
    confidence = "" if row.confidence is None else f"{row.confidence:.6f}"
    line: list[object] = [row.ref.path, row.label, confidence, row.status, row.reason]
    if truth:
        line.append(row.ref.truth)
    if probabilities:
        line += [f"{p:.6f}" for p in row.probabilities or ()] or [""] * CLASSES
    return line
