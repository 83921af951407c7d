"""The rows of the parts of a sharded run, and the columns that all have."""

from collections.abc import Iterable, Iterator, Sequence

from batch_predict.errors import UsageError, printable
from batch_predict.merge.parts import Part
from batch_predict.merge.sums import sum_truth
from batch_predict.records import Row
from batch_predict.tables.columns import Column, columns_of
from batch_predict.tables.csv_table import read_names, read_rows


def rows_of(part: Part) -> Iterator[Row]:
    """The rows of `part`, in order.

    Raises:
        UsageError: its CSV is not one of this program, or of another version of it.
    """
    try:
        yield from read_rows(part.local)
    except ValueError as error:
        raise UsageError(f"{part.csv} is no CSV of batch_predict: {error}") from error


def once_each(rows: Iterable[Row]) -> Iterator[Row]:
    """`rows`, which come in order.

    Raises:
        UsageError: two have one path.
    """
    last = None
    for row in rows:
        if row.ref.path == last:
            raise UsageError(f"two parts hold {printable(row.ref.path)}: run both again")
        last = row.ref.path
        yield row


def columns_of_all(parts: Sequence[Part]) -> tuple[Column, ...]:
    """The columns of the CSVs of `parts`, which are of one run: parts of 1.0.0 lack newer ones.

    Raises:
        UsageError: one part has a column that another lacks, or its CSV is none or can't be read.
    """
    record = parts[0].record
    has_truth = sum_truth(parts).source is not None
    columns = columns_of(
        truth=has_truth,
        probabilities=record.options.probabilities,
        decisions=record.decisions is not None,
    )
    newer = {column.name for column in columns if column.since_1_1}
    having = [newer.intersection(_names(part)) for part in parts]
    for name in sorted(set().union(*having)):
        lacking = [part.csv for part, names in zip(parts, having, strict=True) if name not in names]
        if lacking:
            raise UsageError(
                f"only some parts have the column {name}: it is not in {' and '.join(lacking)},"
                " made by version 1.0.0; run that part again"
            )
    return tuple(c for c in columns if not c.since_1_1 or c.name in having[0])


def _names(part: Part) -> Sequence[str]:
    try:
        with open(part.local, "rb") as file:
            return read_names(file)
    except OSError as error:
        raise UsageError(f"can't read {part.csv}: {error.strerror}") from error
    except ValueError as error:
        raise UsageError(f"{part.csv} is no CSV of batch_predict: {error}") from error
