"""The checkpoint, which holds what was found and what is scored so far."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from typing import Final

from batch_predict.checkpoint.database import Database, Stored, remove
from batch_predict.checkpoint.schema import (
    ADOPT_FINISHED,
    ADOPT_ROW,
    COUNT_GONE,
    DELETE_OUTDATED,
    FORGET,
    FORGET_GONE,
    INSERT_ANSWERED,
    INSERT_FINISHED,
    INSERT_REPEATED,
    INSERT_ROW,
    REPLACE_ROW,
    SELECT_PENDING,
    SELECT_ROW,
    SELECT_ROWS,
    SELECT_SCORED,
    SELECT_UNANSWERED,
    SELECT_WALKED,
    SELECT_WITHOUT_VERSION,
    TABLES,
    VERSION,
    Fingerprint,
    as_listed,
    as_text,
    from_listed,
    is_intact,
    of_an_earlier_run,
    pack,
    sealed,
    unpack,
    with_content,
)
from batch_predict.errors import InputError, printable
from batch_predict.records import Code, ImageRef, Reason, join_reasons
from batch_predict.rows import AT_A_TIME, Rows
from batch_predict.runtimes.scale import Scale

_TWICE: Final = (
    "two files have the path {}: it was listed twice, or two keys of a bucket differ only in a"
    " slash at their beginning or end; rename one, or leave both out with --exclude"
)
_PAGE: Final = 10_000  # refs fetched at a time: rows may be added between two pages
_DOUBLE: Final = join_reasons(
    (Reason(Code.UNSUPPORTED, "several members of its archive have this name"),)
)


class Checkpoint:
    """What runs of one fingerprint have found and scored so far.

    A context manager that keeps finished rows, however it is left; without any, the file goes.
    Paths compare byte by byte in UTF-8, which is the order of code points. Every method raises
    OutputError where the file can't be written; LockedError where another process writes to it.
    """

    def __init__(
        self, path: str, fingerprint: Fingerprint, settle: Callable[[], str] | None = None
    ) -> None:
        """Goes on with the file at `path`, which `resume` found fit, or makes a new one.

        With `settle` the file is one for the time being, which goes unless a row is added. Before
        the first is, `settle` puts the file in its place, and returns that.
        """
        self._settle = settle
        self._db = Database(path)
        try:
            if not self._db.count("sqlite_master"):
                self._begin(fingerprint)
            self._db.commit()
            self.has_finished = self._db.is_any("finished")
        except BaseException:
            self._db.close()  # left open, it would lock out the next run of this process
            raise

    def __enter__(self) -> "Checkpoint":
        return self

    def __exit__(self, *error: object) -> None:
        try:
            self._db.commit()
            is_kept = self._db.is_any("rows") or self.has_finished
        finally:
            self._db.close()  # what is not committed is not kept
        if self._settle is not None or not is_kept:
            with suppress(OSError):  # there is nothing in it: the next run goes on with it
                remove(self.path)

    @property
    def path(self) -> str:
        """Where the file lies."""
        return self._db.path

    @property
    def is_new(self) -> bool:
        """Whether it holds nothing of an earlier run."""
        return not (self.has_finished or self._db.is_any("rows"))

    @property
    def is_settled(self) -> bool:
        """Whether the file is in its place; see `__init__`."""
        return self._settle is None

    def store_walk(self, refs: Iterable[ImageRef], *, repeats: bool = False) -> None:
        """Keep all that the walk finds until `set_refs`.

        A picture's truth may depend on the names of all others, so truths come after this. Where
        the walk `repeats` paths, one that comes twice, as in a list of files, is kept once, and one
        that comes from two places of an archive has a fault: which one is meant can't be told.

        Raises:
            InputError: two have one path, where the walk does not repeat any.
        """
        with self._db.whole():
            self._db.execute("DELETE FROM walk")
            if repeats:
                self._db.execute_each(INSERT_REPEATED, ((*as_listed(r), _DOUBLE) for r in refs))
            else:
                self._insert("walk", refs)

    def store_answered(self) -> None:
        """Keep, after the stored walk, what it does not hold and has a row that can be used again.

        How large it is now is not known, nor whether it is as it was.
        """
        with self._db.whole():
            self._db.execute(INSERT_ANSWERED)

    def unanswered(self) -> Iterator[list[str]]:
        """The paths of the last finished run's pictures that are not in the stored walk, in parts.

        Those that were gone then are gone. What a part is of may be added before the next comes.
        """
        last = ""
        while found := self._db.execute(SELECT_UNANSWERED, (last, _PAGE)):
            paths = [path for (path,) in found]
            yield paths
            last = paths[-1]

    def add_to_walk(self, refs: Iterable[ImageRef]) -> None:
        """Keep `refs`, which it does not hold, after the stored walk."""
        with self._db.whole():
            self._insert("walk", refs)

    def stored_walk(self) -> Iterator[ImageRef]:
        """What `store_walk` keeps, in its order."""
        for page in self._db.pages(SELECT_WALKED, _PAGE):
            yield from map(from_listed, page)

    def set_refs(self, refs: Iterable[ImageRef]) -> None:
        """Keep `refs` in place of those of an earlier run; drop the stored walk and old rows.

        The rows of pictures that were there when a run finished stay until `finish`, and those in
        a folder that can't be listed, whose ref is `name/`, or without a version, which could not
        be had, stay in any case.

        Raises:
            InputError: two of them have one path.
        """
        with self._db.whole():
            self._db.execute("DELETE FROM refs")
            self._insert("refs", refs)
            self._db.execute("DELETE FROM walk")
            if self.ref_count:  # an empty folder may be a disk that is not mounted
                self._db.execute(DELETE_OUTDATED)

    @property
    def ref_count(self) -> int:
        """How many pictures there are to score, those that have a row too."""
        return self._db.count("refs")

    @property
    def row_count(self) -> int:
        """How many of them have a row."""
        return self._db.count("refs JOIN rows USING (path, version)")

    @property
    def gone(self) -> tuple[int, int]:
        """How many pictures of the last finished run are not there now, and how many it had.

        What is in folders that can't be listed is not gone. A run that did not accept the loss is
        none to compare with.
        """
        ((count,),) = self._db.execute(COUNT_GONE)
        return count, self._db.count("finished")

    def finish(self, *, accepts_gone: bool) -> None:
        """The outputs are written: what was found is what the next run is compared with.

        Unless it `accepts_gone`, that is what it was before. Were new pictures counted too, a loss
        that nobody accepted would be a smaller share every night, and pass in the end.
        """
        with self._db.whole():
            for statement in (*FORGET_GONE, INSERT_FINISHED) if accepts_gone else ():
                self._db.execute(statement)
            self._forget_no_version()
        self.has_finished = self._db.is_any("finished")

    @property
    def scale(self) -> Scale | None:
        """That on which the model took the pixels of the rows; None: it was not kept yet."""
        found = self._db.execute("SELECT * FROM scale")
        return Scale(*found[0][:-1]) if found and is_intact(found[0]) else None

    @scale.setter
    def scale(self, scale: Scale) -> None:
        ends = tuple(float(end) + 0.0 for end in scale)  # as it is read: no -0, no integer
        with self._db.whole():
            self._db.execute("DELETE FROM scale")
            self._db.execute("INSERT INTO scale VALUES (?, ?, ?)", sealed(ends))

    def pending(self) -> Iterator[ImageRef]:
        """The refs that have no row yet, in the order of the walk."""
        last = 0
        while page := self._db.execute(SELECT_PENDING, (last, _PAGE)):
            yield from (from_listed(each) for _, *each in page)
            last = page[-1][0]

    def add(self, rows: Rows) -> None:
        """Keep finished rows."""
        if self._settle is not None:
            self._db.commit()
            path, self._settle = self._settle(), None
            self._db.move(path)
        self._db.execute_each(INSERT_ROW, pack(rows))
        self._db.commit_if_due()

    def scored(self, paths: Iterable[str]) -> list[ImageRef]:
        """Those of `paths` that have a row, with the content that was scored, where it is known."""
        found = (self._db.execute(SELECT_SCORED, (path,)) for path in paths)
        return list(map(from_listed, chain.from_iterable(found)))

    def forget(self, paths: Iterable[str]) -> None:
        """Drop the rows of `paths`: they are pending again.

        One of `store_answered` is read as it is now.
        """
        for path in paths:
            for statement in FORGET:
                self._db.execute(statement, (path,))

    def set_contents(self, contents: Mapping[str, bytes]) -> None:
        """Keep the `contents`, by path, of pictures that have a row."""
        for path, content in contents.items():
            (row,) = self._db.execute(SELECT_ROW, (path,))
            self._db.execute(REPLACE_ROW, with_content(row, content))

    def adopt(self, packed: Iterable[tuple[Stored, ...]]) -> None:
        """Keep rows that another checkpoint has, as it stores them; all are on the disk then."""
        self._db.execute_each(ADOPT_ROW, packed)
        self._db.commit()

    def adopt_finished(self, path: str) -> None:
        """Compare with what was found by the last finished run of the checkpoint at `path`."""
        self._db.commit()
        self._db.execute("ATTACH DATABASE ? AS other", (path,))
        self._db.execute(ADOPT_FINISHED)
        self._db.commit()
        self._db.execute("DETACH DATABASE other")
        self.has_finished = self._db.is_any("finished")

    def rows(self) -> Iterator[Rows]:
        """All rows, in order, some at a time; they are on the disk before the first come."""
        self._db.commit()
        yield from map(unpack, self._db.pages(SELECT_ROWS, AT_A_TIME))

    def _begin(self, fingerprint: Fingerprint) -> None:
        self._db.execute("BEGIN")  # of itself it only begins before a change of rows
        for statement in (*TABLES, f"PRAGMA user_version = {VERSION}"):
            self._db.execute(statement)
        text = sealed((as_text(fingerprint),))
        self._db.execute("INSERT INTO fingerprint VALUES (?, ?)", text)

    def _insert(self, table: str, refs: Iterable[ImageRef]) -> None:
        path = ""

        def listed() -> Iterator[tuple[Stored, ...]]:
            nonlocal path
            for ref in refs:
                path = ref.path
                yield as_listed(ref)

        try:
            self._db.execute_each(f"INSERT INTO {table} VALUES (?, ?, ?, ?, ?, ?)", listed())
        except sqlite3.IntegrityError as error:
            raise InputError(_TWICE.format(printable(path))) from error

    def _forget_no_version(self) -> None:
        last = ""
        while rows := self._db.execute(SELECT_WITHOUT_VERSION, (last, _PAGE)):
            paths = [row[:1] for row in rows]
            self._db.execute_each("DELETE FROM rows WHERE path = ?", paths)
            self._db.execute_each(INSERT_ROW, map(of_an_earlier_run, rows))
            (last,) = paths[-1]
