"""The storage of most runs: a folder on disk."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from errno import ENOLINK, ESTALE
from functools import partial
from io import BufferedReader
from stat import S_ISREG
from typing import ClassVar, Final

from batch_predict.errors import OutputError
from batch_predict.records import ImageRef
from batch_predict.storage.file_list import FileList
from batch_predict.storage.folder_walk import FolderWalk, version_of
from batch_predict.storage.listed_files import in_folder
from batch_predict.storage.listing import Listing
from batch_predict.storage.not_offered import NO_ANSWER, sync, where_offered
from batch_predict.storage.registry import ChangedError, Content, Opened, content
from batch_predict.storage.regular_file import check_regular_mode, open_regular
from batch_predict.storage.selection import Selection
from batch_predict.storage.system_names import to_system
from batch_predict.tables.csv_paths import from_csv

_AT_A_TIME: Final = 1 << 20  # bytes
_NO_CURRENT_FOLDER: Final = "the current folder is gone; enter it again, or name whole paths"


class Folder:
    """See `Storage`. An output that is a link is written where it leads."""

    survives_fork: ClassVar = True

    def __init__(self, address: str) -> None:
        self._path = address
        self._prefix = os.path.join(address, "")  # joining for each file takes as long as opening

    @property
    def address(self) -> str:
        """See `Storage`; a link on the way may lead elsewhere the next time."""
        return os.path.realpath(self._path)

    def walk(self, selection: Selection) -> FolderWalk:
        """See `Storage`."""
        return FolderWalk(self._path, selection)

    def listed(self, files: FileList, selection: Selection) -> Listing:
        """See `Storage`."""
        base = self.walk(Selection(all_files=selection.all_files))
        return in_folder(files, base, selection, self.found)

    def found(self, path: str) -> ImageRef | None:
        """See `Storage`."""
        try:
            stat = os.stat(self._prefix + to_system(from_csv(path)))
        except OSError:
            return None
        return ImageRef(path, stat.st_size, version_of(stat)) if S_ISREG(stat.st_mode) else None

    def open_found(self, ref: ImageRef) -> Opened:
        """See `Storage`."""
        name = self._prefix + to_system(from_csv(ref.path))
        file = open_regular(name)

        def check() -> None:
            if ref.version not in (None, version_of(os.fstat(file.fileno()))):
                raise _changed(ref.path)

        try:
            check()
        except OSError:
            file.close()
            raise
        return Opened(file, check)

    def read(self, ref: ImageRef) -> bytes:
        """See `Storage`."""
        name = self._prefix + to_system(from_csv(ref.path))
        try:
            # A pipe put in a file's place since the walk must not block for ever.
            handle = os.open(name, os.O_RDONLY | os.O_NONBLOCK)
        except FileNotFoundError:
            if os.path.islink(name):  # the file is elsewhere, and may be there again tomorrow
                raise OSError(ENOLINK, "the link leads nowhere", name) from None
            raise
        try:
            return _read_all(handle, name) if ref.version is None else _read_listed(handle, ref)
        finally:
            os.close(handle)

    def read_each(self, refs: Iterable[ImageRef]) -> Iterator[Content]:
        """See `Storage`; the kernel reads ahead."""
        return map(partial(content, self.read), refs)

    @contextmanager
    def fetched(self, name: str, *beside: str) -> Iterator[str | None]:
        """See `Storage`."""
        path = os.path.join(self._path, name)
        yield path if _is_there(path) else None

    def open(self, name: str) -> BufferedReader | None:
        """See `Storage`."""
        with suppress(FileNotFoundError):
            return open(os.path.join(self._path, name), "rb")
        return None

    def local(self, name: str) -> str:
        """See `Storage`."""
        path = os.path.join(self._path, name)
        try:
            return os.path.realpath(path)
        except FileNotFoundError as error:  # of all folders that can be gone, only this one says so
            raise OutputError(f"can't write {path}: {_NO_CURRENT_FOLDER}") from error

    def try_out(self, name: str) -> None:
        """See `Storage`."""

    def put(self, temp: str, name: str) -> None:
        """See `Storage`; a replaced file keeps its mode."""
        target = self.local(name)
        with suppress(FileNotFoundError), where_offered(and_allowed=True):
            os.chmod(temp, os.stat(target).st_mode)
        os.replace(temp, target)

    def delete(self, name: str) -> None:
        """See `Storage`."""
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(self._path, name))

    def sync(self, name: str) -> None:
        """See `Storage`; where nothing flushes a folder, its file system sees to that itself."""
        with where_offered(and_allowed=True):
            sync(os.path.dirname(self.local(name)))


def _is_there(path: str) -> bool:
    """As `os.path.exists`, but raises OSError where disk or server does not say."""
    try:
        os.stat(path)
    except OSError as error:
        if error.errno in NO_ANSWER:
            raise
        return False
    return True


def _read_all(handle: int, name: str) -> bytes:
    """The content of an open file; raises OSError where it is none: a device may never end."""
    check_regular_mode(os.fstat(handle).st_mode, name)
    return b"".join(iter(lambda: os.read(handle, _AT_A_TIME), b""))


def _read_listed(handle: int, ref: ImageRef) -> bytes:
    """The content of an open file; raises ChangedError where that is not what `ref` says."""
    size = ref.size or 0
    found = b""
    try:
        found = os.read(handle, size + 1)  # so that a file which grew shows, however much it grew
        while len(found) < size and (more := os.read(handle, size + 1 - len(found))):
            found += more
    except BlockingIOError:  # a pipe that nobody has written to
        pass
    # After the last read: what was written while it was read shows, too.
    if len(found) != size or version_of(os.fstat(handle)) != ref.version:
        raise _changed(ref.path)
    return found


def _changed(path: str) -> ChangedError:
    return ChangedError(ESTALE, "the file changed after it was listed", path)
