"""The file of a checkpoint: a SQLite database."""

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeAlias

from batch_predict.errors import LockedError, OutputError

# The rollback journal, SQLite's default: its write-ahead log fails on network file systems.
_SETTINGS: Final = "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY;"
_COMMIT_EVERY_S: Final = 1.0  # what a killed run may lose

#: a value in a table of the database
Stored: TypeAlias = str | int | float | bytes | None


class Database:
    """The one at `path`, which is made where there is none.

    Every method raises OutputError where the file can't be written or read, and those that write
    to it LockedError where another process has done so since it was opened. What is not committed
    yet is lost then, so that the other goes on undisturbed.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._db, self._opened = _connected(path)
        self._committed = time.monotonic()

    def close(self) -> None:
        """Leave the file; what is not committed is lost."""
        self._db.close()

    def move(self, path: str) -> None:
        """Go on with the file at `path`, where it lies now: its journal is looked for beside it."""
        self.path = path
        before = self._db
        self._db, self._opened = _connected(path)
        before.close()

    def execute(self, statement: str, values: Sequence[Stored] = ()) -> list[tuple[Any, ...]]:
        """Do `statement`; returns the rows that it gives."""
        with as_output_error(self.path):
            return self._db.execute(statement, values).fetchall()

    def execute_each(self, statement: str, rows: Iterable[Sequence[Stored]]) -> None:
        """Do `statement` for each of `rows`, as they come."""
        with as_output_error(self.path):
            try:
                self._db.executemany(statement, rows)
            except sqlite3.IntegrityError:
                self._check_alone()
                raise

    def pages(self, query: str, size: int) -> Iterator[list[tuple[Any, ...]]]:
        """The rows that `query` gives, `size` of them at a time."""
        with as_output_error(self.path):
            left = self._db.execute(query)
            while some := left.fetchmany(size):
                yield some

    def count(self, table: str) -> int:
        """How many rows `table` has."""
        return int(self.execute(f"SELECT count(*) FROM {table}")[0][0])

    def is_any(self, table: str) -> bool:
        """Whether `table` has a row."""
        return bool(self.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")[0][0])

    def commit(self) -> None:
        """All that was done is on the disk then."""
        with as_output_error(self.path):
            self._check_alone()
            self._db.commit()
            self._committed = time.monotonic()

    def commit_if_due(self) -> None:
        """Commit, if that is longer ago than what a killed run may lose."""
        if time.monotonic() - self._committed > _COMMIT_EVERY_S:
            self.commit()

    @contextmanager
    def whole(self) -> Iterator[None]:
        """What is done in the block is done whole or not at all; all before it is on the disk."""
        self.commit()
        with as_output_error(self.path), self._db:
            yield
            self._check_alone()

    def _check_alone(self) -> None:
        """Raises LockedError where another run, which found no lock, has written to the file."""
        with as_output_error(self.path):
            now = _data_version(self._db)
        if now != self._opened:
            raise LockedError(
                f"another run is writing this output: it has changed {self.path}, for the lock"
                " file of this run was removed"
            )


def _connected(path: str) -> tuple[sqlite3.Connection, int]:
    """The database at `path`, closed again where that fails, and its `_data_version` now."""
    with as_output_error(path):
        db = sqlite3.connect(path)
        try:
            db.executescript(_SETTINGS)
            return db, _data_version(db)
        except BaseException:
            db.close()
            raise


def _data_version(db: sqlite3.Connection) -> int:
    """A number that changes when another connection has written to the file."""
    return int(db.execute("PRAGMA data_version").fetchone()[0])


def remove(path: str) -> None:
    """Delete the closed database at `path`; a missing one is no error. Raises OSError."""
    for name in (path, f"{path}-journal"):
        with suppress(FileNotFoundError):
            os.unlink(name)


@contextmanager
def as_output_error(path: str) -> Iterator[None]:
    """Turns what SQLite raises for a file it can't write or read into OutputError."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # a bug
    except sqlite3.DatabaseError as error:
        raise OutputError(f"can't write the work file {path}: {error}") from error
