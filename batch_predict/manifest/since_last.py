"""Compares what failed or is for review with the last run of the same output."""

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, TypeAlias

from batch_predict.errors import BatchPredictError
from batch_predict.manifest.new_since_last import MOST, SHOWN, Named, NewSinceLast
from batch_predict.manifest.read_write import read_manifest
from batch_predict.records import Status
from batch_predict.rows import Rows
from batch_predict.storage import fetched
from batch_predict.storage.output_paths import manifest_file
from batch_predict.tables.columns import columns_named
from batch_predict.tables.registry import read_blocks

_WATCHED: Final = (Status.FAILED, Status.REVIEW)  # what a person may have to see to
_COLUMNS: Final = columns_named(("path", "status"))
_LOGGER: Final = logging.getLogger(__name__)

#: path and status of the rows of a table that are watched, in the table's order
Watched: TypeAlias = Iterator[tuple[str, str]]


class SinceLast:
    """Compares the rows that pass on their way to the writer with those of the last run.

    Both come in the order of their paths, so that neither is in memory.
    """

    def __init__(self, last: str | None, before: Watched) -> None:
        """`last`: see `NewSinceLast`; `before`: the rows of that table."""
        self._last = last
        self._before = before
        self._new = {status: _Names(MOST) for status in _WATCHED}
        self._known_failed = _Names(SHOWN)

    def pass_through(self, rows: Iterable[Rows]) -> Iterator[Rows]:
        """`rows`, which are compared."""
        was = self._next()
        for some in rows:
            yield some
            found = [(index, status) for status in _WATCHED for index in some.with_status(status)]
            for index, status in sorted(found):
                path = some.refs[index].path
                while was is not None and was[0] < path:
                    was = self._next()
                if was != (path, status):
                    self._new[status].add(path)
                elif status is Status.FAILED:
                    self._known_failed.add(path)

    def found(self) -> NewSinceLast:
        """What came of the rows so far."""
        failed, review = (self._new[status].named() for status in _WATCHED)
        return NewSinceLast(self._last, failed, review, self._known_failed.named())

    def _next(self) -> tuple[str, str] | None:
        try:
            return next(self._before, None)
        except (OSError, ValueError) as error:
            _LOGGER.info("the last run's table can't be read to its end: %s", error)
            self._last = None
            return None


class _Names:
    """Counts paths, and keeps the first `most`."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0
        self._paths: list[str] = []

    def add(self, path: str) -> None:
        self._count += 1
        if self._count <= self._most:
            self._paths.append(path)

    def named(self) -> Named:
        return Named(self._count, tuple(self._paths))


@contextmanager
def since_last(output: str) -> Iterator[SinceLast]:
    """In the block, what compares with the table that lies at `output`.

    It must be the one that the manifest beside it tells of: else nothing is known of a last run.
    """
    with ExitStack() as until:
        try:
            csv = until.enter_context(fetched(output, os.path.basename(manifest_file(output))))
            digest, manifest = read_manifest(csv) if csv else ("", None)
        except (OSError, BatchPredictError) as error:
            _LOGGER.info("what is new since the last run is not known: %s", error)
            csv = manifest = None
        if csv and manifest:
            yield SinceLast(digest, _watched(csv))
        else:
            yield SinceLast(None, iter(()))


def _watched(csv: str) -> Watched:
    for block in read_blocks(csv, _COLUMNS):
        both = zip(block.texts["path"], block.texts["status"], strict=True)
        yield from (row for row in both if row[1] in _WATCHED)
