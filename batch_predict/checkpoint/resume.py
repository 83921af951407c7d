"""What an earlier run has scored already: a run goes on from it, or sets it aside and says why."""

import json
import logging
import os
import sqlite3
from contextlib import suppress
from typing import Final

from batch_predict.checkpoint.checkpoint_file import (
    VERSION,
    Checkpoint,
    Fingerprint,
    as_output_error,
    remove,
)
from batch_predict.errors import OutputError, causes
from batch_predict.options import Options
from batch_predict.storage.output_paths import cache_file, checkpoint_file

_LOGGER: Final = logging.getLogger(__name__)

_PRIMARY: Final = 0xFF  # the part of SQLite's extended result codes that says what is wrong
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})


def open_checkpoint(options: Options, ours: Fingerprint) -> Checkpoint:
    """That of a run that was cut short, or with `--incremental` the cache; else a new one.

    Raises:
        OutputError: a file can't be read, renamed or written.
    """
    target, cache = checkpoint_file(options.output), cache_file(options.output)
    for path in (target, *([cache] if options.incremental else [])):
        if not os.path.exists(path):
            continue
        try:
            _check_usable(path, ours)
        except _UnusableError as error:
            _rename(path, f"{path}.old")
            _LOGGER.warning("%s is set aside as %s.old: %s", path, path, error)
            for cause in causes(error):
                _LOGGER.info("caused by %s", cause)
        else:
            _rename(path, target)
            break
    return Checkpoint(target, ours)


def close_checkpoint(options: Options) -> None:
    """After a finished run: keep its rows as the cache with `--incremental`, else drop them.

    Raises:
        OutputError: the file can't be renamed.
    """
    path = checkpoint_file(options.output)
    if options.incremental and os.path.exists(path):  # an empty shard has none
        _rename(path, cache_file(options.output))
    else:
        try:
            remove(path)
        except OSError as error:  # all else is in place, and the next run can go on from it
            _LOGGER.warning("can't remove %s: %s", path, error.strerror)


class _UnusableError(Exception):
    """Why a run can't go on with a file."""


def _check_usable(path: str, ours: Fingerprint) -> None:
    """Raises _UnusableError where a run of fingerprint `ours` can't go on with the file at `path`.

    Raises:
        OutputError: the file can't be read.
    """
    damaged = _UnusableError("it is damaged")
    with as_output_error(path):
        db = sqlite3.connect(path, isolation_level=None)
        try:
            if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return  # its run ended before it began
            if db.execute("PRAGMA user_version").fetchone() != (VERSION,):
                raise _UnusableError("it was made with another version of batch_predict")
            (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
            if verdict != "ok":
                raise damaged from sqlite3.DatabaseError(verdict)
            theirs = json.loads(db.execute("SELECT json FROM fingerprint").fetchone()[0])
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & _PRIMARY not in _DAMAGED:
                raise
            raise damaged from error
        except ValueError as error:
            raise damaged from error
        finally:
            db.close()
    ours = json.loads(json.dumps(ours, default=str))
    differing = sorted(k for k in theirs.keys() | ours.keys() if theirs.get(k) != ours.get(k))
    if differing:
        raise _UnusableError(f"it was made with another {' and '.join(differing)}")


def _rename(path: str, target: str) -> None:
    """Rename a closed checkpoint, with the journal that a kill may have left."""
    try:
        with suppress(FileNotFoundError):
            os.replace(f"{path}-journal", f"{target}-journal")
        os.replace(path, target)
    except OSError as error:
        raise OutputError(f"can't rename {path}: {error.strerror}") from error
