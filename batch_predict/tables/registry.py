"""The forms of output: what writes and what reads each. One module and two lines here add one."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from batch_predict.errors import InputError, OptionError
from batch_predict.plugins import load

if TYPE_CHECKING:  # NumPy: not for --help, which names the forms
    from batch_predict.rows import Rows
    from batch_predict.tables.block import Block
    from batch_predict.tables.columns import Column

#: an output's suffix -> what writes it
WRITERS: Final = {
    ".csv": "batch_predict.tables.csv_table:write",
    ".jsonl": "batch_predict.tables.jsonl_table:write",
    ".parquet": "batch_predict.tables.parquet_table:write",
}
#: the first bytes of a file -> what reads it; a CSV may begin with any. Names tell nothing: a run's
#: report is made while its output still has a temporary one.
READERS: Final = {
    b"PAR1": "batch_predict.tables.parquet_table:read_blocks",
    b"{": "batch_predict.tables.jsonl_table:read_blocks",
    b"": "batch_predict.tables.csv_table:read_blocks",
}
#: the same for what reads the names of its columns
NAME_READERS: Final = {
    magic: f"{reader.partition(':')[0]}:read_names" for magic, reader in READERS.items()
}
BLOCK_ROWS: Final = 2_000  # rows read at a time: their cells stay in a processor's cache


class Writer(Protocol):
    """What a form's `write` looks like."""

    def __call__(self, path: str, rows: "Iterable[Rows]", columns: "Sequence[Column]") -> None:
        """Write `columns` of all `rows`, which come in order, some at a time, to a new file.

        The caller puts the file in place.

        Raises:
            OSError: the file can't be written.
        """
        ...


class Reader(Protocol):
    """What a form's `read_blocks` looks like."""

    def __call__(
        self, path: str, columns: "Sequence[Column]", block_rows: int
    ) -> "Iterator[Block]":
        """Those of `columns` that the file has, at most `block_rows` rows at a time.

        At least one block comes. Other columns are passed over; the order of the file's is free.

        Raises:
            OSError: the file can't be read.
            ValueError: it is no such table.
        """
        ...


def find_writer(output: str) -> Writer:
    """The writer for `output`.

    Raises:
        OptionError: no writer has its suffix.
        MissingExtraError: the writer's library is not installed.
    """
    suffix = os.path.splitext(output)[1].lower()
    if suffix not in WRITERS:
        raise OptionError("output", f"must end in {' or '.join(WRITERS)}, received {output}")
    writer: Writer = load(WRITERS[suffix])
    return writer


def find_reader(output: str) -> Reader:
    """The reader for the file `output`, by its first bytes.

    Raises:
        OSError: the file can't be read.
        MissingExtraError: the reader's library is not installed.
    """
    with open(output, "rb") as file:
        reader: Reader = load(READERS[_magic(file)])
    return reader


def read_names(file: BinaryIO) -> Sequence[str]:
    """The names of the columns of a table of any form, in their order.

    Raises:
        OSError: the file can't be read.
        ValueError: it is no table.
        MissingExtraError: the reader's library is not installed.
    """
    read: Callable[[BinaryIO], Sequence[str]] = load(NAME_READERS[_magic(file)])
    file.seek(0)
    return read(file)


def _magic(file: BinaryIO) -> bytes:
    """That one of READERS which `file` begins with."""
    start = file.read(max(map(len, READERS)))
    return next(magic for magic in READERS if start.startswith(magic))


def read_blocks(
    output: str, columns: "Sequence[Column]", optional: "Sequence[Column]" = ()
) -> "Iterator[Block]":
    """`columns` of a finished output of any form, and those of `optional` that it has.

    At least one block comes, each of BLOCK_ROWS rows at most.

    Raises:
        OSError: the file can't be read.
        ValueError: it is no table, lacks one of `columns`, or has a cell of another type.
        MissingExtraError: the reader's library is not installed.
    """
    for block in find_reader(output)(output, [*columns, *optional], BLOCK_ROWS):
        missing = [column.name for column in columns if column.name not in block.names]
        if missing:
            raise ValueError(f"columns not found: {', '.join(missing)}")
        yield block


@contextmanager
def input_errors(output: str) -> Iterator[None]:
    """Around the reading of a file that may be no output; raises InputError for such a one."""
    try:
        yield
    except OSError as error:
        raise InputError(f"can't read {output}: {error.strerror}") from error
    except ValueError as error:  # a library's, and our own checks
        raise InputError(f"{output} is no CSV of batch_predict: {error}") from error
