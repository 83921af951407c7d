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


class OpenArchive(NamedTuple):
    """An archive, and what raises ChangedError once its file is no longer what was opened."""

    archive: Archive
    check_unchanged: Callable[[], None]


class ArchiveReader:
    """Opens archives that lie in `storage`, by the refs of their files."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._opened = lru_cache(_OPEN)(self.open)

    def open(self, file: ImageRef) -> OpenArchive:
        """The archive that `file` is; the file stays open as long as that is used.

        Raises:
            ChangedError: it is not what `file` says.
            MemberError: it is none that can be opened.
            MissingExtraError: the library for it is not installed.
            OSError: it can't be read.
        """
        opened = self._storage.open_found(file)
        with ExitStack() as on_error:
            on_error.callback(opened.file.close)
            kind = kind_of(opened.file, file.path)
            if kind is None:
                raise MemberError(Reason(Code.UNSUPPORTED, "no archive that is known"))
            archive = open_archive(kind, opened.file, self._beside(file))
            on_error.pop_all()
        finalize(archive, opened.file.close)
        return OpenArchive(archive, opened.check)

    def read_each(self, file: ImageRef, members: list[ImageRef]) -> Iterator[Content]:
        """The contents of `members` of the archive `file`, in order."""
        try:
            archive, check_unchanged = self._opened(file)
        except OSError as error:
            yield from [error] * len(members)
            return
        for content in archive.read_each(members):
            try:
                check_unchanged()
            except OSError as error:
                self._opened.cache_clear()
                yield error
            else:
                yield content

    def _beside(self, file: ImageRef) -> Beside:
        folder, slash, own_name = from_csv(file.path).rpartition("/")

        def open_beside(name: str) -> BinaryIO | None:
            found = self._storage.found(to_csv(f"{folder}{slash}{name}"))
            return None if found is None else self._storage.open_found(found).file

        return Beside(own_name, open_beside)
