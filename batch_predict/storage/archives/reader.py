"""Archives of a folder or bucket, kept open from one task to the next."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import lru_cache
from typing import BinaryIO, Final, NamedTuple
from weakref import finalize

from batch_predict.records import Code, ImageRef, Reason
from batch_predict.storage.archives.archive import Archive, Beside, MemberError
from batch_predict.storage.archives.kinds import kind_of, open_archive
from batch_predict.storage.registry import Content, Storage
from batch_predict.tables.csv_paths import from_csv, to_csv

_OPEN: Final = 4  # archives at a time: the members of one come together


class NoArchiveError(MemberError):
    """It is of no kind that is known."""

    def __init__(self) -> None:
        super().__init__(Reason(Code.UNSUPPORTED, "no archive that is known"))


class OpenArchive(NamedTuple):
    """An archive, and what raises ChangedError once its file is no longer what was opened."""

    archive: Archive
    check_unchanged: Callable[[], None]


class ArchiveReader:
    """Opens archives that lie in `storage`, by the refs of their files."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._opened = lru_cache(_OPEN)(self._open)

    def opened(self, file: ImageRef) -> OpenArchive:
        """The archive that `file` is; the file stays open as long as that is used.

        Raises:
            ChangedError: it is not what `file` says.
            MemberError: it is none that can be opened.
            MissingExtraError: the library for it is not installed.
            OSError: it can't be read.
        """
        return self._opened(file.path, file.version)

    def forget(self) -> None:
        """Open anew what is asked for next: it may have changed."""
        self._opened.cache_clear()

    def _open(self, path: str, version: str | None) -> OpenArchive:
        opened = self._storage.open_found(ImageRef(path, None, version))
        with ExitStack() as on_error:
            on_error.callback(opened.file.close)
            kind = kind_of(opened.file, path)
            if kind is None:
                raise NoArchiveError
            archive = open_archive(kind, opened.file, self._beside(path))
            on_error.pop_all()
        finalize(archive, opened.file.close)
        return OpenArchive(archive, opened.check)

    def read_each(self, file: ImageRef, members: list[ImageRef]) -> Iterator[Content]:
        """The contents of `members` of the archive `file`, in order."""
        try:
            archive, check_unchanged = self.opened(file)
        except OSError as error:
            yield from [error] * len(members)
            return
        for content in archive.read_each(members):
            try:
                check_unchanged()
            except OSError as error:
                self.forget()
                yield error
            else:
                yield content

    def _beside(self, path: str) -> Beside:
        folder, slash, own_name = from_csv(path).rpartition("/")

        def open_beside(name: str) -> BinaryIO | None:
            found = self._storage.found(to_csv(f"{folder}{slash}{name}"))
            return None if found is None else self._storage.open_found(found).file

        return Beside(own_name, open_beside)
