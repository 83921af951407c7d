"""What an earlier run has scored already: taken up where it is of the same kind, else set aside."""

import json
import logging
import os
import sqlite3
from contextlib import suppress
from typing import Final

from batch_predict.checkpoint.checkpoint_file import VERSION, Fingerprint, WorkFile, mapped
from batch_predict.errors import OutputError
from batch_predict.options import Options
from batch_predict.storage.output_paths import cache_file, work_file

_LOGGER: Final = logging.getLogger(__name__)

_PRIMARY: Final = 0xFF  # the part of SQLite's extended result codes that says what is wrong
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR})


def open_work(options: Options, ours: Fingerprint) -> WorkFile:
    """The work file of a run that was cut short, or with `--incremental` the cache; else a new one.

    Raises:
        OutputError: a file can't be read, renamed or written.
    """
    work, cache = work_file(options.output), cache_file(options.output)
    for path in (work, *([cache] if options.incremental else [])):
        if not os.path.exists(path):
            continue
        why = _strange(path, ours)
        if why is None:
            _move(path, work)
            break
        _move(path, f"{path}.old")
        _LOGGER.warning("%s is set aside as %s.old: %s", path, path, why)
    return WorkFile(work, ours)


def close_work(options: Options) -> None:
    """After a finished run: keep its rows as the cache with `--incremental`, else drop them.

    Raises:
        OutputError: the file can't be renamed.
    """
    work = work_file(options.output)
    if options.incremental and os.path.exists(work):  # an empty shard has none
        _move(work, cache_file(options.output))
    else:
        with suppress(FileNotFoundError):
            os.unlink(work)


def _strange(path: str, ours: Fingerprint) -> str | None:
    """Why a run of fingerprint `ours` can't go on with the file at `path`; None where it can."""
    damaged = "it is damaged"
    with mapped(path):
        db = sqlite3.connect(path, isolation_level=None)
        try:
            if not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                return None  # its run ended before it began
            if db.execute("PRAGMA user_version").fetchone() != (VERSION,):
                return "it was made with another version of batch_predict"
            if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                return damaged
            theirs = json.loads(db.execute("SELECT fingerprint FROM about").fetchone()[0])
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & _PRIMARY not in _DAMAGED:
                raise
            return damaged
        except ValueError:
            return damaged
        finally:
            db.close()
    ours = json.loads(json.dumps(ours, default=str))
    differing = sorted(k for k in theirs.keys() | ours.keys() if theirs.get(k) != ours.get(k))
    return f"it was made with another {' and '.join(differing)}" if differing else None


def _move(path: str, target: str) -> None:
    """Rename a closed work file, with the journal that a kill may have left."""
    try:
        with suppress(FileNotFoundError):
            os.replace(f"{path}-journal", f"{target}-journal")
        os.replace(path, target)
    except OSError as error:
        raise OutputError(f"can't rename {path}: {error.strerror}") from error
