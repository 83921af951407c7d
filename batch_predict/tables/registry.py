"""Writers: the forms of the output. One module and one line here make a new one."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Protocol

from batch_predict.errors import UsageError
from batch_predict.plugins import resolve

if TYPE_CHECKING:  # NumPy: not for --help, which names the forms
    from batch_predict.records import Row

WRITERS: Final = {
    ".csv": "batch_predict.tables.csv_table:write",
    ".jsonl": "batch_predict.tables.jsonl_table:write",
    ".parquet": "batch_predict.tables.parquet_table:write",
}


class Writer(Protocol):
    """What a writer's function looks like."""

    def __call__(
        self, path: str, rows: "Iterable[Row]", *, truth: bool, probabilities: bool
    ) -> None:
        """Write `rows`, as they come in order, to a new file; the caller puts it in place.

        `truth` and `probabilities` say which optional columns there are.

        Raises:
            OSError: the file can't be written.
        """
        ...


def find_writer(output: str) -> Writer:
    """The writer for `output`.

    Raises:
        UsageError: no writer has its suffix.
        MissingExtraError: the writer's library is not installed.
    """
    suffix = os.path.splitext(output)[1].lower()
    if suffix not in WRITERS:
        raise UsageError(f"the output ends in {' or '.join(WRITERS)}, received {output}")
    writer: Writer = resolve("writer", WRITERS, suffix)
    return writer
