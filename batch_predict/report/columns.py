"""The outputs of a run, CSV or Parquet, read back some rows at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
import pandas as pd

from batch_predict.errors import InputError, MissingExtraError

CHUNK: Final = 200_000  # rows read at a time
PARQUET_MAGIC: Final = b"PAR1"
DIGITS: Final = ("label", "truth")
STRINGS: Final = ("path", "status", "reason")


def header(output: str) -> list[str]:
    """The names of the columns; raises OSError, or ValueError for what is no table."""
    if _is_parquet(output):
        names: list[str] = _parquet_file(output).schema_arrow.names
        return names
    return [str(name) for name in pd.read_csv(output, nrows=0)]


def chunks(output: str, columns: list[str]) -> Iterator[pd.DataFrame]:
    """`columns` of `output`, CHUNK rows at most at a time.

    Digits are `Int8`, strings `str`, all else float32. Raises OSError or ValueError.
    """
    read: Callable[[str, list[str]], Iterator[pd.DataFrame]]
    read = _parquet_chunks if _is_parquet(output) else _csv_chunks
    for chunk in read(output, columns):
        yield chunk.astype({name: _kind(name) for name in columns})


@contextmanager
def foreign(output: str) -> Iterator[None]:
    """Around the reading of a file that may be no output; raises InputError for such a one."""
    try:
        yield
    except OSError as error:
        raise InputError(f"can't read {output}: {error.strerror}") from error
    except ValueError as error:  # pandas, pyarrow and our own checks
        raise InputError(f"{output} is no CSV of batch_predict: {error}") from error


def _kind(name: str) -> Any:
    if name in DIGITS:
        return "Int8"
    return str if name in STRINGS else np.float32


def _csv_chunks(output: str, columns: list[str]) -> Iterator[pd.DataFrame]:
    # A picture may be called "NA": only a number can be missing.
    missing: dict[Any, Any] = {name: [""] for name in columns if name not in STRINGS}
    with pd.read_csv(
        output,
        usecols=columns,
        dtype={name: _kind(name) for name in columns},
        na_values=missing,
        keep_default_na=False,
        chunksize=CHUNK,
    ) as reader:
        yield from reader


def _parquet_chunks(output: str, columns: list[str]) -> Iterator[pd.DataFrame]:
    file = _parquet_file(output)
    absent = set(columns) - set(file.schema_arrow.names)
    if absent:
        raise ValueError(f"columns not found: {', '.join(sorted(absent))}")
    yield file.schema_arrow.empty_table().select(columns).to_pandas()
    for batch in file.iter_batches(CHUNK, columns=columns):
        yield batch.to_pandas()


def _is_parquet(output: str) -> bool:
    # By the content: a run's report is made while its output still has a name of its own.
    with open(output, "rb") as file:
        return file.read(len(PARQUET_MAGIC)) == PARQUET_MAGIC


def _parquet_file(output: str) -> Any:
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise MissingExtraError("a report on a Parquet output", "parquet") from error
    return ParquetFile(output)
