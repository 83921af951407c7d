"""Parquet, in row groups: the CSV's columns, with types."""

from collections.abc import Callable, Iterable
from itertools import islice
from operator import attrgetter
from typing import Any, Final

from batch_predict.errors import MissingExtraError
from batch_predict.records import CLASSES, Row

try:
    import pyarrow as pa
    from pyarrow import parquet
except ImportError as error:
    raise MissingExtraError("a Parquet output", "parquet") from error

ROW_GROUP: Final = 65_536  # rows: all that is in memory at a time

_DIGIT: Final = pa.int8()
_NAME: Final = pa.dictionary(pa.int8(), pa.string())  # few values, many rows


def write(path: str, rows: Iterable[Row], *, truth: bool, probabilities: bool) -> None:
    """See `Writer`."""
    columns = _columns(truth, probabilities)
    schema = pa.schema([(name, kind) for name, (kind, _) in columns.items()])
    left = iter(rows)
    with open(path, "wb") as file, parquet.ParquetWriter(file, schema) as writer:
        while group := list(islice(left, ROW_GROUP)):
            arrays = [pa.array(map(of, group), kind) for kind, of in columns.values()]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def _columns(
    truth: bool, probabilities: bool
) -> dict[str, tuple[pa.DataType, Callable[[Row], Any]]]:
    """Name -> its type, and its value of a row."""
    columns: dict[str, tuple[pa.DataType, Callable[[Row], Any]]] = {
        "path": (pa.string(), attrgetter("ref.path")),
        "label": (_DIGIT, attrgetter("label")),
        "confidence": (pa.float32(), attrgetter("confidence")),
        "status": (_NAME, attrgetter("status.value")),
        "reason": (pa.string(), attrgetter("reason")),
    }
    if truth:
        columns["truth"] = (_DIGIT, attrgetter("ref.truth"))
    if probabilities:
        columns |= {f"p{digit}": (pa.float32(), _probability(digit)) for digit in range(CLASSES)}
    return columns


def _probability(digit: int) -> Callable[[Row], float | None]:
    return lambda row: None if row.probabilities is None else row.probabilities[digit]
