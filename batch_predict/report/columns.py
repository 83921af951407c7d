"""The outputs of a run, of any form, read back some rows at a time."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from batch_predict.errors import InputError, MissingExtraError

CHUNK: Final = 200_000  # rows read at a time
DIGITS: Final = ("label", "truth")
STRINGS: Final = ("path", "status", "reason")


def header(output: str) -> list[str]:
    """The names of the columns; raises OSError, or ValueError for what is no table."""
    return _form(output).header(output)


def chunks(output: str, columns: list[str]) -> Iterator[pd.DataFrame]:
    """`columns` of `output`, CHUNK rows at most at a time.

    Digits are `Int8`, strings `str`, all else float32. Raises OSError or ValueError.
    """
    for chunk in _form(output).chunks(output, columns):
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


def _csv_header(output: str) -> list[str]:
    return [str(name) for name in pd.read_csv(output, nrows=0)]


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


def _parquet_header(output: str) -> list[str]:
    names: list[str] = _parquet_file(output).schema_arrow.names
    return names


def _parquet_chunks(output: str, columns: list[str]) -> Iterator[pd.DataFrame]:
    file = _parquet_file(output)
    absent = set(columns) - set(file.schema_arrow.names)
    if absent:
        raise ValueError(f"columns not found: {', '.join(sorted(absent))}")
    yield file.schema_arrow.empty_table().select(columns).to_pandas()
    for batch in file.iter_batches(CHUNK, columns=columns):
        yield batch.to_pandas()


def _parquet_file(output: str) -> Any:
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise MissingExtraError("a report on a Parquet output", "parquet") from error
    return ParquetFile(output)


def _lines_header(output: str) -> list[str]:
    with open(output, encoding="utf-8") as file:
        return list(json.loads(file.readline()))


def _lines_chunks(output: str, columns: list[str]) -> Iterator[pd.DataFrame]:
    # A picture may be called "1e3": no string is taken for a number.
    with pd.read_json(output, lines=True, dtype=False, chunksize=CHUNK) as reader:
        for chunk in reader:
            yield chunk[columns]


class _Form(NamedTuple):
    """How the outputs of one writer are read."""

    header: Callable[[str], list[str]]
    chunks: Callable[[str, list[str]], Iterator[pd.DataFrame]]


#: how a file begins -> its form. By the content: a run's report is made while its output still has
#: a name of its own.
_FORMS: Final = {
    b"PAR1": _Form(_parquet_header, _parquet_chunks),
    b"{": _Form(_lines_header, _lines_chunks),
    b"": _Form(_csv_header, _csv_chunks),
}


def _form(output: str) -> _Form:
    with open(output, "rb") as file:
        start = file.read(max(map(len, _FORMS)))
    return next(form for magic, form in _FORMS.items() if start.startswith(magic))
