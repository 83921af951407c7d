"""Whether a run can go on with a checkpoint that lies on the disk, and what of it is garbled."""

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from typing import Final

from batch_predict.checkpoint.database import Stored, as_output_error
from batch_predict.checkpoint.schema import (
    TABLES,
    VERSION,
    Fingerprint,
    as_text,
    is_intact,
)
from batch_predict.errors import OutputError

_PRIMARY: Final = 0xFF  # the part of SQLite's extended result codes that says what is wrong
#: what a garbled file is to SQLite; all else (no space, no access) is no fault of the file
_DAMAGED: Final = frozenset(
    {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR, sqlite3.SQLITE_TOOBIG}
)
_JOURNALS: Final = slice(18, 20)  # of the header: how the file is written, and how it is read
_ROLLBACK: Final = b"\x01\x01"  # both by a rollback journal; SQLite refuses or obeys other values
# Text that is no UTF-8 comes too: its checksum does not fit, and no exception ends the rest.
_read_text: Final = partial(str, encoding="utf-8", errors="surrogateescape")


class UnusableError(Exception):
    """Why a run can't go on with a file.

    `is_of_same_folder`: what it was made of is the folder of the run all the same.
    """

    is_of_same_folder = False


def damaged_rows(path: str, ours: Fingerprint) -> tuple[int, int]:
    """How many rows of the checkpoint at `path` are garbled, and how many there are.

    Raises:
        UnusableError: a run of fingerprint `ours` can't go on with it.
        OutputError: it can't be read.
    """
    damaged = total = 0
    with _reading(path) as db:
        has_begun = bool(_schema(db))
        if has_begun:
            _check_form(db)
        # Not the quick one: it passes an index that does not fit its table, as of `refs` by path.
        (verdict,) = db.execute("PRAGMA integrity_check(1)").fetchone()
        if verdict != "ok":
            raise _damaged(verdict)
        if not has_begun:
            return 0, 0  # its run ended before it made the tables
        _check_fingerprint(db, ours)
        for _, intact in _rows(db):
            total += 1
            damaged += not intact
    return damaged, total


def intact_rows(path: str) -> Iterator[tuple[Stored, ...]]:
    """The rows of the checkpoint at `path` that are not garbled, as `INSERT_ROW` takes them.

    Raises as `damaged_rows`, of which it passed.
    """
    with _reading(path) as db:
        yield from (row for row, intact in _rows(db) if intact)


def _rows(db: sqlite3.Connection) -> Iterator[tuple[tuple[Stored, ...], bool]]:
    """Each row as it is stored, and whether it is what was written, where it was written."""
    last: tuple[str, str] = ("", "")
    for row in db.execute("SELECT * FROM rows"):  # by path and version: so the table is sorted
        path, version = row[:2]
        are_text = isinstance(path, str) and isinstance(version, str)
        intact = are_text and (path, version) > last and is_intact(row)
        yield row, intact
        if intact:
            last = (path, version)


def _check_header(path: str) -> None:
    try:
        if not os.path.isfile(path):
            raise OutputError(f"can't write the work file {path}: it is no regular file")
        with open(path, "rb") as file:
            journals = file.read(_JOURNALS.stop)[_JOURNALS]
    except OSError as error:
        raise OutputError(f"can't read the work file {path}: {error.strerror}") from error
    if journals not in (b"", _ROLLBACK):
        raise _damaged("it is no file of this program")


def _check_form(db: sqlite3.Connection) -> None:
    if db.execute("PRAGMA user_version").fetchone() != (VERSION,):
        raise UnusableError("it was made with another version of batch_predict")
    with closing(sqlite3.connect(":memory:")) as pristine:
        for statement in TABLES:
            pristine.execute(statement)
        if _schema(db) != _schema(pristine):
            raise _damaged("its tables are not those of this version")


def _schema(db: sqlite3.Connection) -> list[tuple[object, ...]]:
    return db.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()


def _check_fingerprint(db: sqlite3.Connection, ours: Fingerprint) -> None:
    found = db.execute("SELECT * FROM fingerprint").fetchall()
    if len(found) != 1 or not is_intact(found[0]):
        raise _damaged("its fingerprint is garbled")
    try:
        theirs = json.loads(found[0][0])
    except (ValueError, TypeError, RecursionError) as error:
        raise UnusableError("it is damaged") from error
    mine = json.loads(as_text(ours))
    if not isinstance(theirs, dict):
        raise _damaged("its fingerprint is no object")
    differing = sorted(k for k in theirs.keys() | mine.keys() if theirs.get(k) != mine.get(k))
    if differing:
        other = UnusableError(f"it was made with another {' and '.join(differing)}")
        other.is_of_same_folder = "in_dir" not in differing
        raise other


def _damaged(why: str) -> UnusableError:
    error = UnusableError("it is damaged")
    error.__cause__ = sqlite3.DatabaseError(why)
    return error


@contextmanager
def _reading(path: str) -> Iterator[sqlite3.Connection]:
    """The database at `path`; raises as `damaged_rows`."""
    _check_header(path)
    with as_output_error(path):
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as db:
                db.text_factory = _read_text
                yield db
        except sqlite3.DatabaseError as error:
            if getattr(error, "sqlite_errorcode", 0) & _PRIMARY not in _DAMAGED:
                raise
            raise UnusableError("it is damaged") from error
        except UnicodeDecodeError as error:  # SQLite's message quotes a garbled schema
            raise UnusableError("it is damaged") from error
