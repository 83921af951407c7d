"""Parquet, in row groups: the columns, with types."""

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, Final

from batch_predict.errors import MissingExtraError
from batch_predict.rows import Rows
from batch_predict.tables.block import Block
from batch_predict.tables.cells import cells_of
from batch_predict.tables.columns import Column, ColumnType, check_single

try:
    import pyarrow as pa
    from pyarrow import parquet
except ImportError as error:
    raise MissingExtraError("a Parquet output", "parquet") from error

ROW_GROUP: Final = 65_536  # rows: all that is in memory at a time

_TYPES: Final = {
    ColumnType.TEXT: pa.string(),
    ColumnType.STATUS: pa.dictionary(pa.int8(), pa.string()),  # few values, many rows
    ColumnType.REASONS: pa.string(),
    ColumnType.DIGIT: pa.int8(),
    ColumnType.PROBABILITY: pa.float32(),
    ColumnType.BYTES: pa.int64(),
}


def write(path: str, rows: Iterable[Rows], columns: Sequence[Column]) -> None:
    """See `Writer`."""
    schema = pa.schema([(c.name, _TYPES[c.type]) for c in columns])
    with open(path, "wb") as file, parquet.ParquetWriter(file, schema) as writer:
        for group in _groups(rows):
            batches = [
                pa.record_batch(
                    [pa.array(cells_of(some, c), _TYPES[c.type]) for c in columns], schema
                )
                for some in group
            ]
            writer.write_table(pa.Table.from_batches(batches, schema))


def _groups(rows: Iterable[Rows]) -> Iterator[list[Rows]]:
    """`rows` in groups of ROW_GROUP, or a few more."""
    group: list[Rows] = []
    for some in rows:
        group.append(some)
        if sum(map(len, group)) >= ROW_GROUP:
            yield group
            group = []
    if group:
        yield group


def read_names(file: BinaryIO) -> list[str]:
    """The names in the schema; raises as `registry.read_names`."""
    return list(parquet.read_schema(file).names)


def read_blocks(path: str, columns: Sequence[Column], block_rows: int) -> Iterator[Block]:
    """See `Reader`."""
    try:
        file = parquet.ParquetFile(path)
        names = file.schema_arrow.names
        found = [column.name for column in columns if column.name in names]
        check_single(names, columns)
        yield Block.of(columns, {name: [] for name in found})
        for batch in file.iter_batches(block_rows, columns=found):
            yield Block.of(columns, batch.to_pydict())
    except pa.ArrowException as error:  # some are no ValueError
        raise ValueError(str(error)) from error
    except OSError as error:
        if error.errno is None:  # pyarrow's, of the content
            raise ValueError(str(error)) from error
        raise
