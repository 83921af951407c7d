"""The tables of a checkpoint, and the checksums by which what was garbled on the disk is found."""

import json
import marshal
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias
from zlib import crc32

from batch_predict.records import Row
from batch_predict.tables.cells import cells_maker, row_maker
from batch_predict.tables.columns import COLUMNS, Cell, Column, ColumnType

#: what decides a row, by name; rows of two different ones are never mixed
Fingerprint: TypeAlias = Mapping[str, object]

_REF_COLUMNS: Final = (
    Column("path", ColumnType.TEXT, "ref.path"),
    Column("size", ColumnType.BYTES, "ref.size"),
    Column("version", ColumnType.TEXT, "ref.version"),
    Column("truth", ColumnType.DIGIT, "ref.truth"),
)
#: all that a table can hold of a row, and what the run's profile and `--verbose` need
_ROW_COLUMNS: Final = (
    *(column for column in COLUMNS if not column.field.startswith("ref.")),
    Column("ink", ColumnType.PROBABILITY, "ink"),
    Column("cause", ColumnType.TEXT, "cause"),
)
_SQL_TYPES: Final = {
    ColumnType.TEXT: "TEXT",
    ColumnType.STATUS: "TEXT",
    ColumnType.REASONS: "TEXT",
    ColumnType.DIGIT: "INTEGER",
    ColumnType.BYTES: "INTEGER",
    ColumnType.PROBABILITY: "REAL",
}


def _declared(columns: Iterable[Column]) -> str:
    return ", ".join(f"{column.name} {_SQL_TYPES[column.type]}" for column in columns)


# What is kept from run to run has a checksum, but for the paths of finished runs: a garbled one is
# gone, no more. Walk and refs are written anew by each run. A version that is not known is "" here:
# no part of a key may be NULL.
TABLES: Final = (
    "CREATE TABLE fingerprint (json TEXT, checksum INTEGER)",
    "CREATE TABLE walk (path TEXT, size INTEGER, version TEXT)",
    f"CREATE TABLE refs ({_declared(_REF_COLUMNS)}, PRIMARY KEY (path)) WITHOUT ROWID",
    "CREATE TABLE rows (path TEXT, version TEXT, is_transient INTEGER,"
    f" {_declared(_ROW_COLUMNS)}, checksum INTEGER, PRIMARY KEY (path, version)) WITHOUT ROWID",
    "CREATE TABLE finished (path TEXT PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE scale (low REAL, high REAL, checksum INTEGER)",
)
#: of the tables, in the file's `user_version`: a column more makes another one. 1.0.0's is 0.
VERSION: Final = crc32("".join(TABLES).encode()) >> 1  # SQLite takes 31 bits
INSERT_ROW: Final = f"INSERT INTO rows VALUES ({', '.join('?' * (4 + len(_ROW_COLUMNS)))})"
ADOPT_ROW: Final = INSERT_ROW.replace("INSERT", "INSERT OR IGNORE")
ADOPT_FINISHED: Final = """
INSERT OR IGNORE INTO finished SELECT path FROM other.finished WHERE typeof(path) = 'text'
"""
SELECT_ROWS: Final = f"""
SELECT path, size, nullif(version, ''), truth, {", ".join(c.name for c in _ROW_COLUMNS)}
FROM refs JOIN rows USING (path, version) ORDER BY path
"""
SELECT_PENDING: Final = """
SELECT path, size, nullif(refs.version, ''), truth
FROM refs LEFT JOIN rows USING (path, version)
WHERE rows.path IS NULL AND refs.path > ? ORDER BY refs.path LIMIT ?
"""
_MARSHAL_VERSION: Final = 2  # the last one without references: equal values are equal bytes
_cells_of: Final = cells_maker(_ROW_COLUMNS)
#: what `SELECT_ROWS` gives of a row -> the row
make_row: Final = row_maker((*_REF_COLUMNS, *_ROW_COLUMNS))


def pack(row: Row) -> tuple[Cell, ...]:
    """What `INSERT_ROW` takes of `row`, its checksum the last."""
    return sealed((row.ref.path, row.ref.version or "", int(row.is_transient), *_cells_of(row)))


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


def sealed(values: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """`values`, and after them their checksum."""
    return (*values, crc32(marshal.dumps(values, _MARSHAL_VERSION)))


def is_intact(stored: Sequence[Cell]) -> bool:
    """Whether `stored`, as the database gives it, is what `sealed` made once."""
    return crc32(marshal.dumps(tuple(stored[:-1]), _MARSHAL_VERSION)) == stored[-1]


def as_text(fingerprint: Fingerprint) -> str:
    """`fingerprint` as the file keeps it; what is no plain value is written as its text."""
    return json.dumps(fingerprint, default=str)
