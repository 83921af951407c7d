"""The work file: one SQLite database that holds what was found and what is scored so far."""

import json
import os
import sqlite3
import struct
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import starmap
from typing import Any, Final

from batch_predict.errors import OutputError
from batch_predict.records import CLASSES, ImageRef, Row, Status, join_reasons, parse_reasons

#: what decides a row, by name; rows of two different ones are never mixed
Fingerprint = Mapping[str, object]

# The rollback journal, SQLite's default: its write-ahead log fails on network file systems.
_SETTINGS: Final = "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;"
#: of the schema, in the file's `user_version`; add 1 where the schema changes. 1.0.0's has 0.
VERSION: Final = 1
_SCHEMA: Final = (
    f"PRAGMA user_version = {VERSION}",
    "CREATE TABLE about (fingerprint TEXT)",
    "CREATE TABLE walked (path TEXT, size INTEGER, version TEXT)",
    "CREATE TABLE found (path TEXT PRIMARY KEY, size INTEGER, version TEXT, truth INTEGER)"
    " WITHOUT ROWID",
    "CREATE TABLE rows (path TEXT PRIMARY KEY, version TEXT, is_transient INTEGER, label INTEGER,"
    " confidence REAL, status TEXT, reasons TEXT, probabilities BLOB, ink REAL,"
    " cause TEXT) WITHOUT ROWID",
)
# IS, not =: a file whose version could not be had has NULL.
_OUTDATED: Final = """
DELETE FROM rows WHERE NOT EXISTS (
    SELECT 1 FROM found WHERE found.path = rows.path
    AND found.version IS rows.version
) OR is_transient
"""
_PENDING: Final = """
SELECT found.path, found.size, found.version, found.truth FROM found LEFT JOIN rows USING (path)
WHERE rows.path IS NULL AND found.path > ? ORDER BY found.path LIMIT ?
"""
_ROWS: Final = """
SELECT path, size, found.version, truth,
       label, confidence, status, reasons, probabilities, ink, cause
FROM found JOIN rows USING (path) ORDER BY path
"""
_PAGE: Final = 10_000  # refs fetched at a time: rows may be added between two pages
_COMMIT_EVERY_S: Final = 1.0  # what a killed run may lose
_STATUSES: Final = {str(status): status for status in Status}  # faster than Status(...)
_TEN: Final = struct.Struct(f"<{CLASSES}d")


class WorkFile:
    """What runs of one fingerprint have found and scored so far.

    A context manager that keeps finished rows, however it is left; without any, the file goes.
    Paths compare byte by byte in UTF-8, which is the order of code points. Every method raises
    OutputError where the file can't be written.
    """

    def __init__(self, path: str, fingerprint: Fingerprint) -> None:
        """Goes on with the file at `path`, which `resume` found fit, or makes a new one."""
        self.path = path
        with mapped(path):
            self._db = sqlite3.connect(path)
            self._db.executescript(_SETTINGS)
            if not self._count("sqlite_master"):
                self._db.execute("BEGIN")  # of itself it only begins before a change of rows
                for statement in _SCHEMA:
                    self._db.execute(statement)
                self._db.execute("INSERT INTO about VALUES (?)", (json.dumps(fingerprint),))
            self._commit()

    def __enter__(self) -> "WorkFile":
        return self

    def __exit__(self, *error: object) -> None:
        with mapped(self.path):
            try:
                self._commit()
                empty = not self._count("rows")
            finally:
                self._db.close()
        if empty:
            remove(self.path)

    def put_walk(self, refs: Iterable[ImageRef]) -> int:
        """Put all that the walk finds aside for `find`; returns how much that is.

        What a picture's truth is may depend on the names of all others, so truths come after this.
        """
        with mapped(self.path):
            self._commit()
            with self._db:  # all of it or nothing
                self._db.execute("DELETE FROM walked")
                walked = ((ref.path, ref.size, ref.version) for ref in refs)
                self._db.executemany("INSERT INTO walked VALUES (?, ?, ?)", walked)
                return self._count("walked")

    def walked(self) -> Iterator[ImageRef]:
        """What `put_walk` put aside, in its order, without truth."""
        with mapped(self.path):
            yield from starmap(ImageRef, self._db.execute("SELECT * FROM walked ORDER BY rowid"))

    def find(self, refs: Iterable[ImageRef]) -> None:
        """Keep `refs` in place of those of an earlier walk; drop what was put aside, old rows."""
        with mapped(self.path):
            self._commit()
            with self._db:  # all of it or nothing
                self._db.execute("DELETE FROM found")
                self._db.executemany("INSERT INTO found VALUES (?, ?, ?, ?)", refs)
                self._db.execute("DELETE FROM walked")
                if self.found:  # an empty folder may be a disk that is not mounted
                    self._db.execute(_OUTDATED)

    @property
    def found(self) -> int:
        """How many pictures the walk found."""
        return self._count("found")

    @property
    def done(self) -> int:
        """How many of them have a row; rows that wait for an empty folder to fill don't count."""
        return self._count("rows") if self.found else 0

    def pending(self) -> Iterator[ImageRef]:
        """The refs that have no row yet, in order."""
        last = ""
        while page := self._page(last):
            yield from map(ImageRef._make, page)
            last = page[-1][0]

    def add(self, rows: Iterable[Row]) -> None:
        """Keep finished rows."""
        with mapped(self.path):
            self._db.executemany(
                "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_pack, rows)
            )
            if time.monotonic() - self._committed > _COMMIT_EVERY_S:
                self._commit()

    def rows(self) -> Iterator[Row]:
        """Every row, in order; all of them are on the disk before the first comes."""
        with mapped(self.path):
            self._commit()
            yield from map(_unpack, self._db.execute(_ROWS))

    def _page(self, last: str) -> list[tuple[str, int | None, str | None, int | None]]:
        with mapped(self.path):
            return self._db.execute(_PENDING, (last, _PAGE)).fetchall()

    def _commit(self) -> None:
        self._db.commit()
        self._committed = time.monotonic()

    def _count(self, table: str) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def remove(path: str) -> None:
    """Delete a closed work file; a missing one is no error."""
    for name in (path, f"{path}-journal"):
        with suppress(FileNotFoundError):
            os.unlink(name)


@contextmanager
def mapped(path: str) -> Iterator[None]:
    """Turns what SQLite raises for a file it can't write or read into OutputError."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # a bug
    except sqlite3.DatabaseError as error:
        raise OutputError(f"can't write the work file {path}: {error}") from error


def _pack(row: Row) -> tuple[object, ...]:
    ref = row.ref
    ten = None if row.probabilities is None else _TEN.pack(*row.probabilities)
    scored = (row.label, row.confidence, row.status, join_reasons(row.reasons), ten, row.ink)
    return (ref.path, ref.version, row.is_transient, *scored, row.cause)


def _unpack(line: tuple[Any, ...]) -> Row:
    path, size, version, truth, label, confidence, status, text, ten, ink, cause = line
    probabilities = None if ten is None else _TEN.unpack(ten)
    ref = ImageRef(path, size, version, truth)
    reasons = parse_reasons(text)
    return Row(ref, label, confidence, _STATUSES[status], reasons, probabilities, ink, cause)
