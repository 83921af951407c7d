"""System calls that fail: the k-th call of a kind, on what lies in one folder, with one error.

`Faults` stands between the program and Python's `os`, `open`, `fcntl` and `sqlite3`, so that what
fails is what the kernel would answer, wherever in the program it is asked.
"""

import errno
import fcntl
import io
import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, NamedTuple
from unittest.mock import patch

_LOOK: Final = (errno.EIO, errno.EACCES, errno.ESTALE)
_MAKE: Final = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO)
_FILL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG)

#: kind of call -> the errors that the kernel gives there: see the manual page of each
ERRORS: Final[dict[str, tuple[int, ...]]] = {
    "open": (*_LOOK, errno.EMFILE, errno.ENFILE, errno.ELOOP),
    "create": (*_MAKE, errno.EMFILE, errno.ESTALE),
    "read": (errno.EIO, errno.ESTALE),
    "write": _FILL,
    "close": (errno.EIO, errno.ENOSPC, errno.EDQUOT),
    "fsync": (errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EINVAL, errno.ENOTSUP),
    "replace": (*_MAKE, errno.EBUSY, errno.EXDEV, errno.EPERM, errno.ESTALE),
    "mkdir": _MAKE,
    "unlink": (errno.EIO, errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY, errno.ESTALE),
    "chmod": (errno.EIO, errno.EPERM, errno.EROFS, errno.ENOTSUP),
    "stat": _LOOK,
    "lstat": _LOOK,
    "fstat": (errno.EIO, errno.ESTALE),
    "scandir": (*_LOOK, errno.EMFILE),
    "readdir": (errno.EIO, errno.ESTALE),
    "flock": (errno.EIO, errno.ENOLCK, errno.ENOSYS),
    "connect": (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR),
    "execute": (
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_PROTOCOL,
    ),
    "commit": (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY),
}
_SQLITE_KINDS: Final = frozenset({"connect", "execute", "commit"})
#: what fails with an error once goes on doing so: a full disk stays full, a lost one lost
LASTING: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.ESTALE})
_WRITES: Final = frozenset({"create", "write", "close", "fsync", "replace", "mkdir", "commit"})


class Fault(NamedTuple):
    """The `call`th call of a kind fails with `code`; a `lasting` one, what writes from then on."""

    kind: str
    call: int
    code: int
    lasting: bool = False

    def __str__(self) -> str:
        name = f"SQLite {self.code}" if self.kind in _SQLITE_KINDS else errno.errorcode[self.code]
        return f"{self.kind} {self.call} {name}{' and what follows' * self.lasting}"


def every_fault(calls: Mapping[str, int]) -> Iterator[Fault]:
    """Each that can meet what makes so many `calls` of each kind, call by call."""
    for kind, errors in ERRORS.items():
        for call in range(1, calls.get(kind, 0) + 1):
            for code in errors:
                yield Fault(kind, call, code)
                if code in LASTING:
                    yield Fault(kind, call, code, lasting=True)


class Faults:
    """Counts the calls of each kind on what lies in `folder`, and lets one fail."""

    def __init__(self, folder: str, fault: Fault | None = None) -> None:
        self.calls: Counter[str] = Counter()
        self.where = ""  # what the call that failed was about
        self._folder = f"{os.path.realpath(folder)}/"
        self._fault = fault
        self._handles: dict[int, str] = {}

    def check(self, kind: str, path: object) -> None:
        """Raises the error where this call is the one that fails."""
        if not self._is_inside(path):
            return
        self.calls[kind] += 1
        fault = self._fault
        if fault is None:
            return
        is_it = kind == fault.kind and self.calls[kind] == fault.call
        if is_it:
            self.where = str(path)
        elif not (fault.lasting and self.where and kind in _WRITES):
            return
        raise _error(kind, fault, path)

    def _is_inside(self, path: object) -> bool:
        try:
            text = os.fsdecode(path)  # type: ignore[arg-type]  # anything else is not inside
        except TypeError:
            return False
        return f"{text}/".startswith(self._folder)

    @contextmanager
    def injected(self) -> Iterator["Faults"]:
        """In the block the program's calls go through `check`; each database it opens is closed."""
        replaced = {
            "open": self._os_open,
            "read": self._by_handle("read", os.read),
            "fsync": self._by_handle("fsync", os.fsync),
            "fstat": self._by_handle("fstat", os.fstat),
            "replace": self._by_path("replace", os.replace),
            "mkdir": self._by_path("mkdir", os.mkdir),
            "unlink": self._by_path("unlink", os.unlink),
            "remove": self._by_path("unlink", os.remove),
            "chmod": self._by_path("chmod", os.chmod),
            "stat": self._by_path("stat", os.stat),
            "lstat": self._by_path("lstat", os.lstat),
            "scandir": self._scandir,
        }
        connect = sqlite3.connect
        faults = self

        opened: set[sqlite3.Connection] = set()

        class Connection(_Connection):
            def close(self) -> None:
                super().close()
                opened.discard(self)

        Connection.faults = faults

        def connect_checked(path: str, **options: Any) -> sqlite3.Connection:
            self.check("connect", path)
            Connection.path = path
            opened.add(made := connect(path, factory=Connection, **options))
            return made

        with (
            patch.multiple(os, **replaced),
            patch("builtins.open", self._open),
            patch.object(fcntl, "flock", self._by_handle("flock", fcntl.flock)),
            patch.object(sqlite3, "connect", connect_checked),
        ):
            yield self
        assert not opened, f"{self._fault} leaves a database open"

    def _by_path(self, kind: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: object, *arguments: Any, **keywords: Any) -> Any:
            self.check(kind, path if isinstance(path, str | bytes) else None)
            return real(path, *arguments, **keywords)

        return call

    def _by_handle(self, kind: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(handle: int, *arguments: Any) -> Any:
            self.check(kind, self._handles.get(handle))
            return real(handle, *arguments)

        return call

    def _os_open(self, path: Any, flags: int, *arguments: Any, **keywords: Any) -> int:
        self.check("create" if flags & os.O_CREAT else "open", path)
        handle = _OS_OPEN(path, flags, *arguments, **keywords)
        self._handles[handle] = str(path)
        return handle

    def _scandir(self, path: Any) -> Any:
        self.check("scandir", path)
        return _Entries(self, str(path), _SCANDIR(path))

    def _open(self, file: Any, mode: str = "r", buffering: int = -1, **options: Any) -> Any:
        if not self._is_inside(file):
            return _OPEN(file, mode, buffering, **options)
        self.check("create" if set(mode) & set("wxa") else "open", file)
        raw = _File(str(file), mode.replace("b", "").replace("t", ""))
        raw.faults = self
        self._handles[raw.fileno()] = str(file)
        buffered: Any = io.BufferedWriter(raw) if set(mode) & set("wxa") else io.BufferedReader(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, **options)


_OS_OPEN, _SCANDIR, _OPEN = os.open, os.scandir, open


class _File(io.FileIO):
    """A file whose reads and writes may fail, and whose end may: NFS says there what was lost."""

    faults: Faults

    def write(self, content: Any) -> int:
        self.faults.check("write", self.name)
        return super().write(content)

    def readinto(self, buffer: Any) -> int:
        self.faults.check("read", self.name)
        return super().readinto(buffer)

    def readall(self) -> bytes:
        self.faults.check("read", self.name)
        return super().readall()

    def close(self) -> None:
        is_first = not self.closed
        super().close()
        if is_first and self.mode != "rb":
            self.faults.check("close", self.name)


class _Entries:
    """What `os.scandir` gives, whose next entry may fail."""

    def __init__(self, faults: Faults, path: str, entries: Any) -> None:
        self._faults, self._path, self._entries = faults, path, entries

    def __enter__(self) -> "_Entries":
        return self

    def __exit__(self, *error: object) -> None:
        self._entries.close()

    def __iter__(self) -> "_Entries":
        return self

    def __next__(self) -> Any:
        self._faults.check("readdir", self._path)
        return next(self._entries)

    def close(self) -> None:
        self._entries.close()


class _Connection(sqlite3.Connection):
    """A connection whose statements and commits may fail."""

    faults: Faults
    path: str

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        self.faults.check("execute", self.path)
        return super().execute(*arguments)

    def executemany(self, *arguments: Any) -> sqlite3.Cursor:
        self.faults.check("execute", self.path)
        return super().executemany(*arguments)

    def executescript(self, *arguments: Any) -> sqlite3.Cursor:
        self.faults.check("execute", self.path)
        return super().executescript(*arguments)

    def commit(self) -> None:
        self.faults.check("commit", self.path)
        super().commit()

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> Any:
        if error_type is None:
            try:
                self.faults.check("commit", self.path)
            except sqlite3.Error:
                self.rollback()
                raise
        return super().__exit__(error_type, error, traceback)


def _error(kind: str, fault: Fault, path: object) -> Exception:
    if kind in _SQLITE_KINDS:
        code = fault.code if fault.kind in _SQLITE_KINDS else sqlite3.SQLITE_IOERR
        error = sqlite3.OperationalError("injected")
        error.sqlite_errorcode = code
        return error
    code = errno.EIO if fault.kind in _SQLITE_KINDS else fault.code
    return OSError(code, os.strerror(code), path)
