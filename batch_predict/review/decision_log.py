"""A decisions file while a person adds to it: each one is on the disk before it is answered."""

import csv
import logging
import os
from collections.abc import Callable, Iterable, Sequence
from errno import ENOSPC
from threading import Lock
from typing import Final, NamedTuple

from batch_predict.decisions.decision import Decided, in_order
from batch_predict.decisions.decisions_file import HEADER, header_line, read_decisions, row_line
from batch_predict.errors import OutputError
from batch_predict.storage.not_offered import where_offered
from batch_predict.storage.staging import check_target, staging

_LOGGER: Final = logging.getLogger(__name__)
_CUT_SHOWN: Final = 80  # characters of a line that a crash cut off


class Own(NamedTuple):
    """A decision that was made while a log is open."""

    time: int  # the same for those that were made together, later for later ones
    decided: Decided


class DecisionLog:
    """The decisions in the file at `path`, which need not be there yet; threads may share one.

    New decisions are lines at the end, in one write, flushed to disk. For what is taken back or
    decided anew while this log is open, the file is written anew without its line, and renamed.

    Raises:
        UsageError: the file is no file of decisions.
        OutputError: it can't be written.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = Lock()
        self._writing(self._cut_off_half_a_line)
        self._before = _by_content(self._read())
        self._own: dict[str, list[Own]] = {}
        self._time = 0

    def before(self, content: str) -> list[Decided]:
        """What was decided on `content` before this log was opened, in the order of the file."""
        return list(self._before.get(content, []))

    def own(self, content: str) -> list[Own]:
        """What was decided on `content` since, and not taken back, in order."""
        return list(self._own.get(content, []))

    def latest(self, content: str) -> Decided | None:
        """What counts for `content` now; None: nothing was decided on it."""
        own = (each.decided for each in self.own(content))
        return next(reversed(in_order([*self.before(content), *own])), None)

    def __len__(self) -> int:
        """How many pictures are decided."""
        return len(self._before.keys() | self._own.keys())

    @property
    def made(self) -> int:
        """How many pictures were decided since this log was opened, and not taken back."""
        return len(self._own)

    def add(self, decided: Sequence[Decided]) -> None:
        """Keep `decided`: when this returns, on the disk; when it raises, without a trace.

        What the file said already when this log was opened is not said twice: a page sends again
        what a killed program had kept, but not answered.

        Raises:
            OutputError: they can't be kept.
        """
        with self._lock:
            new = [each for each in decided if not self._stood(each)]
            if not new:
                return
            former = [
                self._own[each.content][-1].decided for each in new if each.content in self._own
            ]
            if former or self._is_empty():
                self._replace(former, new)
            else:
                self._writing(lambda: self._append("".join(map(row_line, new))))
            self._time += 1
            for each in new:
                self._own.setdefault(each.content, []).append(Own(self._time, each))

    def drop(self, contents: Iterable[str]) -> None:
        """Take back the last of `own` for each of `contents`: the one before it counts again.

        Raises:
            OutputError: it can't be written.
            UsageError: somebody has written to the file what is no decision.
        """
        with self._lock:
            own = {content: self.own(content) for content in contents}
            taken = [made.pop().decided for made in own.values() if made]
            self._replace(taken, [made[-1].decided for made in own.values() if made])
            self._own.update(own)
            self._own = {content: left for content, left in self._own.items() if left}

    def close(self) -> None:
        """Wait for what is being written; there is nothing to be written afterwards."""
        self._lock.acquire()

    def _stood(self, decided: Decided) -> bool:
        """Whether it is, but for its time, what counted for its picture before and still does."""
        before = self._before.get(decided.content)
        if not before or decided.content in self._own:
            return False
        return in_order(before)[-1]._replace(decided_at=decided.decided_at) == decided

    def _read(self) -> list[Decided]:
        if self._is_empty():
            return []
        found = read_decisions(self._path)
        return list(found.rows) if found else []

    def _replace(self, former: Iterable[Decided], new: Iterable[Decided]) -> None:
        """Write the file anew without the lines `former`, and with `new` at its end."""
        lines = self._read()
        for each in former:
            if each in lines:  # nobody has taken it out meanwhile
                del lines[len(lines) - 1 - lines[::-1].index(each)]
        lines += new
        with staging() as staged:
            with open(staged.add(self._path), "w", encoding="utf-8", newline="") as file:
                file.write(header_line() + "".join(map(row_line, lines)))
            staged.commit()

    def _writing(self, write: Callable[[], None]) -> None:
        try:
            write()
        except OSError as error:
            raise OutputError(f"can't write {self._path}: {error.strerror}") from error

    def _append(self, line: str) -> None:
        """One write at the end; where it or the flush fails, the file is as long as before."""
        file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
        try:
            size = os.fstat(file).st_size
            if os.pread(file, 1, size - 1) != b"\n":  # as some editors leave it
                line = f"\n{line}"
            try:
                _write_whole(file, line.encode())
                with where_offered():
                    os.fsync(file)
            except OSError:
                os.ftruncate(file, size)
                raise
        finally:
            os.close(file)

    def _is_empty(self) -> bool:
        """Whether there is no file yet, or nothing in it: no run takes such a one."""
        try:
            return not os.path.getsize(self._path)
        except FileNotFoundError:
            return True

    def _cut_off_half_a_line(self) -> None:
        """Of a power cut in the middle of a write; nobody was told that this decision is kept.

        A whole line without its end, as some editors leave it, stays; so does a file of others.
        """
        if not os.path.exists(self._path):
            return
        check_target(self._path, self._path)
        header = header_line().encode()
        with open(self._path, "rb") as file:
            data = file.read()
        last = data.rpartition(b"\n")[2]
        if not (data.startswith(header) or header.startswith(data)) or _is_whole(last):
            return
        with open(self._path, "r+b") as file:
            file.truncate(len(data) - len(last))
            os.fsync(file.fileno())
        shown = last[:_CUT_SHOWN].decode(errors="backslashreplace")
        _LOGGER.warning("the last line of %s was cut off, it is removed: %s", self._path, shown)


def _by_content(lines: Iterable[Decided]) -> dict[str, list[Decided]]:
    found: dict[str, list[Decided]] = {}
    for each in lines:
        found.setdefault(each.content, []).append(each)
    return found


def _write_whole(file: int, line: bytes) -> None:
    """Raises OSError also where only a part of `line` found room."""
    if os.write(file, line) < len(line):
        raise OSError(ENOSPC, os.strerror(ENOSPC))


def _is_whole(last: bytes) -> bool:
    """Whether the bytes behind the last line end are none, or all cells of a line."""
    try:
        cells = next(csv.reader([last.decode()], strict=True))
    except (UnicodeDecodeError, csv.Error):
        return False
    return not cells or len(cells) == len(HEADER)
