"""The default writer: CSV after RFC 4180, UTF-8, `\\n` at line ends."""

import csv
from collections.abc import Iterable, Iterator

from batch_predict.records import ImageRef, Row, Status, parse_reasons
from batch_predict.tables.columns import columns


def write(path: str, rows: Iterable[Row], *, truth: bool, probabilities: bool) -> None:
    """See `Writer`."""
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        known = columns(truth=truth, probabilities=probabilities)
        writer.writerow(known)
        quoting = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for row in rows:
            # Before Python 3.13 the csv module leaves a bare carriage return unquoted.
            chosen = quoting if "\r" in row.ref.path else writer
            chosen.writerow(_line(of(row) for of in known.values()))


def read(path: str) -> Iterator[Row]:
    """The rows of a CSV that `write` wrote; of a ref only path and truth are known.

    Raises:
        OSError: the file can't be read.
        ValueError: it is no such CSV.
    """
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        truth = "truth" in next(reader)
        for name, label, confidence, status, text, *rest in reader:
            ref = ImageRef(name, truth=int(rest[0]) if truth and rest[0] else None)
            reasons = parse_reasons(text)
            ten = tuple(map(float, filter(None, rest[truth:]))) or None
            if label:
                yield Row(ref, int(label), float(confidence), Status(status), reasons, ten)
            else:
                yield Row(ref, None, None, Status(status), reasons)


def _line(values: Iterable[object]) -> list[object]:
    return [f"{value:.6f}" if isinstance(value, float) else value for value in values]
