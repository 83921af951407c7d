"""The tables of a checkpoint, and the checksums by which what was garbled on the disk is found."""

import json
import marshal
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias
from zlib import crc32

import numpy as np

from batch_predict.checkpoint.database import Stored
from batch_predict.records import ImageRef, join_reasons, parse_reasons
from batch_predict.rows import ANSWER, STATUSES, Rows

#: what decides a row, by name; rows of two different ones are never mixed
Fingerprint: TypeAlias = Mapping[str, object]

# What is kept from run to run has a checksum, but for the paths of finished runs: a garbled one is
# gone, no more. Walk and refs are written anew by each run, in the order of the walk, which is that
# of their rowid. A version that is not known is "" here: no part of a key may be NULL.
TABLES: Final = (
    "CREATE TABLE fingerprint (json TEXT, checksum INTEGER)",
    "CREATE TABLE walk (path TEXT PRIMARY KEY, size INTEGER, version TEXT, truth INTEGER,"
    " place INTEGER, fault TEXT)",
    "CREATE TABLE refs (path TEXT PRIMARY KEY, size INTEGER, version TEXT, truth INTEGER,"
    " place INTEGER, fault TEXT)",
    "CREATE TABLE rows (path TEXT, version TEXT, content BLOB, is_transient INTEGER, answer BLOB,"
    " reason TEXT, cause TEXT, checksum INTEGER, PRIMARY KEY (path, version)) WITHOUT ROWID",
    "CREATE TABLE finished (path TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE scale (low REAL, high REAL, checksum INTEGER)",
)
#: of the tables, of an `answer` and of what its numbers mean, in the file's `user_version`: a field
#: or a status more makes another one. 1.0.0's is 0.
VERSION: Final = crc32(f"{TABLES} {ANSWER.descr} {STATUSES}".encode()) >> 1  # SQLite: 31 bits
#: a path that was listed before stays where it was; another place for it is a fault of both, but
#: for a path alone: a list that names an archive may name a member of it, too
INSERT_REPEATED: Final = """
INSERT INTO walk VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET
size = coalesce(size, excluded.size),
version = CASE WHEN version = '' THEN excluded.version ELSE version END,
truth = coalesce(truth, excluded.truth),
place = coalesce(place, excluded.place),
fault = CASE
    WHEN place IS excluded.place THEN fault
    WHEN place IS NULL AND version = '' THEN excluded.fault
    WHEN excluded.place IS NULL AND excluded.version = '' THEN fault
    ELSE ?
END
"""
#: what has a row that can be used again, after the walk of a list that does not name it
INSERT_ANSWERED: Final = """
INSERT OR IGNORE INTO walk
SELECT path, NULL, max(version), NULL, NULL, NULL FROM rows
GROUP BY path HAVING NOT max(is_transient)
"""
#: what the last finished run found and has no such row, but for what was gone then
SELECT_UNANSWERED: Final = """
SELECT path FROM finished WHERE path > ? AND NOT EXISTS (
    SELECT 1 FROM walk WHERE walk.path = finished.path
) AND NOT EXISTS (
    SELECT 1 FROM rows WHERE rows.path = finished.path AND reason LIKE 'vanished:%'
) ORDER BY path LIMIT ?
"""
SELECT_WALKED: Final = """
SELECT path, size, nullif(version, ''), truth, NULL, place, fault FROM walk ORDER BY rowid
"""
INSERT_ROW: Final = "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
REPLACE_ROW: Final = INSERT_ROW.replace("INSERT", "REPLACE")
ADOPT_ROW: Final = INSERT_ROW.replace("INSERT", "INSERT OR IGNORE")
ADOPT_FINISHED: Final = """
INSERT OR IGNORE INTO finished SELECT path FROM other.finished WHERE typeof(path) = 'text'
"""
SELECT_ROWS: Final = """
SELECT path, size, nullif(version, ''), truth, content, answer, reason, cause
FROM refs JOIN rows USING (path, version) ORDER BY path
"""
SELECT_SCORED: Final = """
SELECT path, size, nullif(version, ''), truth, content, place, fault
FROM refs JOIN rows USING (path, version) WHERE path = ?
"""
SELECT_ROW: Final = "SELECT rows.* FROM refs JOIN rows USING (path, version) WHERE path = ?"
SELECT_PENDING: Final = """
SELECT refs.rowid, path, size, nullif(refs.version, ''), truth, NULL, place, fault
FROM refs LEFT JOIN rows USING (path, version)
WHERE rows.path IS NULL AND refs.rowid > ? ORDER BY refs.rowid LIMIT ?
"""
_SIZE_MAX: Final = (1 << 63) - 1  # bytes: SQLite's largest integer
_MARSHAL_VERSION: Final = 2  # the last one without references: equal values are equal bytes
_ONE_ANSWER: Final = f"V{ANSWER.itemsize}"  # its bytes


def pack(rows: Rows) -> Iterator[tuple[Stored, ...]]:
    """What `INSERT_ROW` takes of each of `rows`, its checksum the last."""
    columns = (
        [ref.path for ref in rows.refs],
        [ref.version or "" for ref in rows.refs],
        [ref.content_sha256 for ref in rows.refs],
        rows.are_transient().astype(int).tolist(),
        np.ascontiguousarray(rows.answers).view(_ONE_ANSWER).tolist(),
        list(map(join_reasons, rows.reasons)),
        rows.causes,
    )
    return zip(*columns, map(_checksum, zip(*columns, strict=True)), strict=True)


def unpack(stored: Sequence[tuple[Stored, ...]]) -> Rows:
    """The rows of what `SELECT_ROWS` gives."""
    *of_refs, answers, reasons, causes = zip(*stored, strict=True)
    return Rows(
        list(map(ImageRef, *of_refs)),
        np.frombuffer(b"".join(answers), ANSWER),
        list(map(parse_reasons, reasons)),
        causes,
    )


def as_listed(ref: ImageRef) -> tuple[Stored, ...]:
    """`ref` as the tables `walk` and `refs` keep it."""
    fault = None if ref.fault is None else join_reasons((ref.fault,))
    return (ref.path, _bounded(ref.size), ref.version or "", ref.truth, ref.place, fault)


def from_listed(stored: Sequence[Any]) -> ImageRef:
    """The ref of its fields as they are stored, `fault` the last."""
    *fields, fault = stored
    return ImageRef(*fields, *parse_reasons(fault)) if fault else ImageRef(*fields)


def _bounded(size: int | None) -> int | None:
    """`size` as SQLite can hold it; a negative one is 2^63 bytes or more, wrapped in a driver.

    A file that says so is refused for its size either way; its version keeps what it said.
    """
    return size if size is None or 0 <= size <= _SIZE_MAX else _SIZE_MAX


def with_content(row: tuple[Stored, ...], content: bytes) -> tuple[Stored, ...]:
    """What `INSERT_ROW` takes of a `row` that `SELECT_ROW` gave, but with `content`."""
    path, version, _, *others, _ = row
    return sealed((path, version, content, *others))


#: rows of files whose version was not known when they were read
SELECT_WITHOUT_VERSION: Final = """
SELECT rows.* FROM refs JOIN rows USING (path, version)
WHERE version = '' AND NOT is_transient AND path > ? ORDER BY path LIMIT ?
"""
#: the version of such a row once its run is finished: no file has it, so that one that is named
#: again is read again, while the row lasts as long as the file is not named
_OF_AN_EARLIER_RUN: Final = "not known"


def of_an_earlier_run(row: tuple[Stored, ...]) -> tuple[Stored, ...]:
    """What `INSERT_ROW` takes of a `row` without a version, when its run is finished."""
    path, _, *others, _ = row
    return sealed((path, _OF_AN_EARLIER_RUN, *others))


def _has_ref(table: str) -> str:
    return f"EXISTS (SELECT 1 FROM refs WHERE refs.path = {table}.path)"


def _is_unreached(table: str) -> str:
    """Whether a path lies in a folder that could not be listed, whose ref is `name/`.

    Such a folder is the last ref before it: there is none of what is in the folder.
    """
    return f"""EXISTS (
        SELECT 1 FROM (
            SELECT path AS folder FROM refs WHERE path < {table}.path ORDER BY path DESC LIMIT 1
        ) WHERE folder LIKE '%/' AND substr({table}.path, 1, length(folder)) = folder
    )"""


#: rows that no run can use again; those of pictures that are out of reach or gone stay
DELETE_OUTDATED: Final = f"""
DELETE FROM rows WHERE is_transient OR NOT CASE WHEN {_has_ref("rows")} THEN EXISTS (
    SELECT 1 FROM refs WHERE refs.path = rows.path AND refs.version IN (rows.version, '')
) ELSE rows.path IN (SELECT path FROM finished) OR {_is_unreached("rows")} END
"""
#: what is known of the picture at a path; without its size and place, its version was a row's
FORGET: Final = (
    "DELETE FROM rows WHERE path = ?",
    "UPDATE refs SET version = '' WHERE path = ? AND size IS NULL AND place IS NULL",
)
#: pictures of the last finished run that are not there
COUNT_GONE: Final = f"""
SELECT count(*) FROM finished
WHERE NOT {_has_ref("finished")} AND NOT {_is_unreached("finished")}
"""
#: what a run whose loss is accepted forgets, and then what every finished run knows
FORGET_GONE: Final = tuple(
    f"DELETE FROM {table} WHERE NOT {_has_ref(table)} AND NOT {_is_unreached(table)}"
    for table in ("finished", "rows")
)
INSERT_FINISHED: Final = (
    "INSERT OR IGNORE INTO finished SELECT path FROM refs WHERE path NOT LIKE '%/'"
)


def sealed(values: tuple[Stored, ...]) -> tuple[Stored, ...]:
    """`values`, and after them their checksum."""
    return (*values, _checksum(values))


def is_intact(stored: tuple[Stored, ...]) -> bool:
    """Whether `stored`, as the database gives it, is what was sealed once."""
    return _checksum(stored[:-1]) == stored[-1]


def _checksum(values: tuple[Stored, ...]) -> int:
    return crc32(marshal.dumps(values, _MARSHAL_VERSION))


def as_text(fingerprint: Fingerprint) -> str:
    """`fingerprint` as the file keeps it; what is no plain value is written as its text."""
    return json.dumps(fingerprint, default=str)
