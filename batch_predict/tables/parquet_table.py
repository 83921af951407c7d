"""Parquet, in row groups: the CSV's columns, with types."""

from collections.abc import Iterable
from itertools import islice
from typing import Final

from batch_predict.errors import MissingExtraError
from batch_predict.records import CLASSES, Row
from batch_predict.tables.columns import columns

try:
    import pyarrow as pa
    from pyarrow import parquet
except ImportError as error:
    raise MissingExtraError("a Parquet output", "parquet") from error

ROW_GROUP: Final = 65_536  # rows: all that is in memory at a time

_DIGIT: Final = pa.int8()
_TYPES: Final = {
    "path": pa.string(),
    "label": _DIGIT,
    "confidence": pa.float32(),
    "status": pa.dictionary(pa.int8(), pa.string()),  # few values, many rows
    "reason": pa.string(),
    "truth": _DIGIT,
    **{f"p{digit}": pa.float32() for digit in range(CLASSES)},
}


def write(path: str, rows: Iterable[Row], *, truth: bool, probabilities: bool) -> None:
    """See `Writer`."""
    known = columns(truth=truth, probabilities=probabilities)
    schema = pa.schema([(name, _TYPES[name]) for name in known])
    left = iter(rows)
    with open(path, "wb") as file, parquet.ParquetWriter(file, schema) as writer:
        while group := list(islice(left, ROW_GROUP)):
            arrays = [pa.array(map(of, group), _TYPES[name]) for name, of in known.items()]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
