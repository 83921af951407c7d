"""The work file: one SQLite database that holds what was found and what is scored so far."""

import os
import sqlite3
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress
from types import TracebackType
from typing import Final

from batch_predict.errors import OutputError
from batch_predict.records import CLASSES, ImageRef, Row, Status

_SCHEMA: Final = """
CREATE TABLE found (
    path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, truth INTEGER
) WITHOUT ROWID;
CREATE TABLE rows (
    path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER,
    label INTEGER, confidence REAL, status TEXT, reason TEXT, probabilities BLOB, ink REAL
) WITHOUT ROWID;
"""
_PENDING: Final = """
SELECT found.path, found.size, found.mtime_ns, found.truth FROM found LEFT JOIN rows USING (path)
WHERE rows.path IS NULL AND found.path > ? ORDER BY found.path LIMIT ?
"""
_ROWS: Final = """
SELECT path, found.size, found.mtime_ns, truth,
       label, confidence, status, reason, probabilities, ink
FROM found JOIN rows USING (path) ORDER BY path
"""
_PAGE: Final = 10_000  # refs fetched at a time: rows may be added between two pages
_TEN: Final = struct.Struct(f"<{CLASSES}d")


class WorkFile:
    """What a run has found and scored so far; a context manager that closes the database.

    Paths compare byte by byte in UTF-8, which is the order of code points.
    """

    def __init__(self, path: str) -> None:
        """Raises OutputError where the file can't be created."""
        self.path = path
        self.remove()
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.executescript(
                "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;" + _SCHEMA
            )
        except sqlite3.Error as error:
            raise OutputError(f"can't write {path}: {error}") from error

    def __enter__(self) -> "WorkFile":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._db.close()

    def remove(self) -> None:
        """Delete the file; a missing one is no error."""
        with suppress(FileNotFoundError):
            os.unlink(self.path)

    def find(self, refs: Iterable[ImageRef]) -> None:
        """Keep what the walk found."""
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO found VALUES (?, ?, ?, ?)", refs)
        self._db.execute("COMMIT")

    @property
    def found(self) -> int:
        """How many pictures the walk found."""
        return int(self._db.execute("SELECT count(*) FROM found").fetchone()[0])

    def pending(self) -> Iterator[ImageRef]:
        """The refs that have no row yet, in order."""
        last = ""
        while page := self._db.execute(_PENDING, (last, _PAGE)).fetchall():
            yield from map(ImageRef._make, page)
            last = page[-1][0]

    def add(self, rows: Iterable[Row]) -> None:
        """Keep finished rows."""
        self._db.execute("BEGIN")
        self._db.executemany(
            "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_pack, rows)
        )
        self._db.execute("COMMIT")

    def rows(self) -> Iterator[Row]:
        """Every row, in order."""
        return map(_unpack, self._db.execute(_ROWS))

    def counts(self) -> dict[Status, int]:
        """How many rows there are of each status."""
        counted = dict(self._db.execute("SELECT status, count(*) FROM rows GROUP BY status"))
        return {status: counted.get(status, 0) for status in Status}


def _pack(row: Row) -> tuple[object, ...]:
    ref = row.ref
    ten = None if row.probabilities is None else _TEN.pack(*row.probabilities)
    scored = (row.label, row.confidence, row.status, row.reason, ten, row.ink)
    return (ref.path, ref.size, ref.mtime_ns, *scored)


def _unpack(line: tuple[object, ...]) -> Row:
    ref = ImageRef._make(line[:4])
    label, confidence, status, reason, ten, ink = line[4:]
    probabilities = None if ten is None else _TEN.unpack(ten)  # type: ignore[arg-type]
    return Row(ref, label, confidence, Status(status), reason, probabilities, ink)  # type: ignore[arg-type]
