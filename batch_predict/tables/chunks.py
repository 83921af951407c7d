"""The outputs of a run, of any form, read back some rows at a time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd

from batch_predict.errors import InputError, MissingExtraError

CHUNK: Final = 200_000  # rows read at a time
DIGITS: Final = ("label", "truth")
STRINGS: Final = ("path", "status", "reason")


def chunks(
    output: str, columns: Sequence[str], optional: Sequence[str] = ()
) -> Iterator[pd.DataFrame]:
    """`columns` of `output`, and those of `optional` that it has, CHUNK rows at most at a time.

    Digits are `Int8`, strings `str`, all else float32. Raises OSError, or ValueError for what is no
    table or lacks one of `columns`.
    """
    try:
        for chunk in _reader(output)(output, [*columns, *optional]):
            absent = [name for name in columns if name not in chunk]
            if absent:
                raise ValueError(f"columns not found: {', '.join(absent)}")
            typed = chunk.astype({name: _kind(str(name)) for name in chunk})
            yield typed.fillna(dict.fromkeys(STRINGS, ""))
    except (TypeError, OverflowError) as error:  # pandas, of another type or too large
        raise ValueError(str(error)) from error


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


def _csv(output: str, names: list[str]) -> Iterator[pd.DataFrame]:
    # A picture may be called "NA": only a number can be missing.
    missing: dict[Any, Any] = {name: [""] for name in names if name not in STRINGS}
    with pd.read_csv(
        output,
        usecols=names.__contains__,
        dtype={name: _kind(name) for name in names},
        na_values=missing,
        keep_default_na=False,
        chunksize=CHUNK,
    ) as reader:
        yield from reader


def _parquet(output: str, names: list[str]) -> Iterator[pd.DataFrame]:
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise MissingExtraError("a report on a Parquet output", "parquet") from error
    file = ParquetFile(output)
    there = [name for name in names if name in file.schema_arrow.names]
    yield file.schema_arrow.empty_table().select(there).to_pandas()
    for batch in file.iter_batches(CHUNK, columns=there):
        yield batch.to_pandas()


def _lines(output: str, names: list[str]) -> Iterator[pd.DataFrame]:
    # A picture may be called "1e3": no string is taken for a number.
    with pd.read_json(output, lines=True, dtype=False, chunksize=CHUNK) as reader:
        for chunk in reader:
            yield chunk.filter(items=names)


#: reads those of the columns named that a file has
_Reader: TypeAlias = Callable[[str, list[str]], Iterator[pd.DataFrame]]

#: how a file begins -> what reads it. By the content: a run's report is made while its output still
#: has a name of its own.
_READERS: Final[dict[bytes, _Reader]] = {b"PAR1": _parquet, b"{": _lines, b"": _csv}


def _reader(output: str) -> _Reader:
    with open(output, "rb") as file:
        start = file.read(max(map(len, _READERS)))
    return next(reader for magic, reader in _READERS.items() if start.startswith(magic))
