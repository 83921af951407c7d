"""Sources whose archives are opened, too: a folder, a bucket, or an archive by itself."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, suppress
from functools import lru_cache
from io import BufferedReader, BytesIO
from itertools import groupby
from typing import cast

from batch_predict.errors import InputError
from batch_predict.records import ImageRef
from batch_predict.shard import Shard
from batch_predict.storage.archive_names import is_archive_name
from batch_predict.storage.archives.archive import Archive
from batch_predict.storage.archives.by_path import MembersByPath
from batch_predict.storage.archives.reader import ArchiveReader
from batch_predict.storage.archives.walk import Members
from batch_predict.storage.file_list import FileList
from batch_predict.storage.given_listing import GivenListing
from batch_predict.storage.listing import Listing
from batch_predict.storage.registry import Content, Source, Storage
from batch_predict.storage.selection import Selection
from batch_predict.storage.single_file import SingleFile
from batch_predict.tables.csv_paths import from_csv, to_csv


class WithArchives:
    """See `Source`: what `base` lists of `storage`, and what the archives there hold."""

    def __init__(self, base: Source, storage: Storage) -> None:
        self.address = base.address
        self.survives_fork = base.survives_fork
        self._base = base
        self._reader = ArchiveReader(storage)
        self._members = MembersByPath(storage, self._reader)
        self._is_file = lru_cache(lambda path: storage.found(path) is not None)

    def walk(self, selection: Selection) -> Listing:
        """See `Source`."""
        base = self._base.walk(selection._replace(archives=True))
        return self._over(base, selection)

    def listed(self, files: FileList, selection: Selection) -> Listing:
        """See `Source`: of a listed archive, all members."""
        base = self._base.listed(files, selection._replace(archives=True))
        return self._over(base, selection)

    def _over(self, base: Listing, selection: Selection, *, repeats: bool = True) -> GivenListing:
        """What `base` lists, and what is in its archives."""
        self._is_file.cache_clear()

        def share(shard: Shard) -> GivenListing | None:
            part = base.share(shard)
            return None if part is None else self._over(part, selection)

        def listed(listing: Listing) -> Iterator[ImageRef]:
            members = Members(self._reader, listing, selection)
            for ref in base:
                if self._is_archive(ref.path):
                    yield from members.of(ref, self._prefix(ref.path))
                else:
                    yield ref

        found = GivenListing(base, listed, share, repeats=repeats)
        found.cut, found.skipped, found.is_part = base.cut, base.skipped, base.is_part
        return found

    def found(self, path: str) -> ImageRef | None:
        """See `Source`."""
        archive = self._archive_of(path)
        if archive is None:
            return self._base.found(path)
        return self._members.found(archive, self._prefix(archive), path)

    def read(self, ref: ImageRef) -> bytes:
        """See `Source`."""
        (content,) = self.read_each((ref,))
        if isinstance(content, OSError):
            raise content
        return content

    def read_each(self, refs: Iterable[ImageRef]) -> Iterator[Content]:
        """See `Source`."""
        for archive, group in groupby(refs, lambda ref: self._archive_of(ref.path)):
            if archive is None:
                yield from self._base.read_each(group)
            else:
                yield from self._members.read_each(archive, self._prefix(archive), list(group))

    def fetched(self, name: str, *beside: str) -> AbstractContextManager[str | None]:
        """See `Source`."""
        return self._base.fetched(name, *beside)

    def open(self, name: str) -> BufferedReader | None:
        """See `Source`: a member is read whole."""
        path = to_csv(name)
        if self._archive_of(path) is None:
            return self._base.open(name)
        try:
            return BufferedReader(cast("BufferedReader", BytesIO(self.read(ImageRef(path)))))
        except FileNotFoundError:
            return None

    def _is_archive(self, path: str) -> bool:
        """Whether the file at `path` is listed as an archive."""
        return is_archive_name(path)

    def _prefix(self, archive: str) -> str:
        """What the names in the archive at that path get before them."""
        return f"{from_csv(archive)}/"

    def _archive_of(self, path: str) -> str | None:
        """The path of the archive that holds what is at `path`; None: it is a file of its own."""
        name = from_csv(path)
        end = name.find("/")
        while end > 0:
            if is_archive_name(name[:end]) and self._is_file(archive := to_csv(name[:end])):
                return archive
            end = name.find("/", end + 1)
        return None


class OneArchive(WithArchives):
    """See `Source`: what the archive at `path` in `storage` holds; `in_dir` is as it was given."""

    def __init__(self, in_dir: str, storage: Storage, path: str) -> None:
        super().__init__(SingleFile(in_dir, storage, path), storage)
        self._storage = storage
        self._path = path

    def walk(self, selection: Selection) -> Listing:
        """See `Source`; what can't be opened is an InputError, too."""
        base = self._base.walk(selection)
        (file,) = base
        try:
            archive = self.opened(file)
        except OSError as error:
            words = error.strerror or error
            raise InputError(f"can't open {base.in_dir}: {words}") from error
        return self._over(base, selection, repeats=archive.has_names)  # numbers do not repeat

    def opened(self, file: ImageRef) -> Archive:
        """It, as `file`, its ref, says; raises as `ArchiveReader.opened`."""
        return self._reader.opened(file).archive

    def has_beside(self, name: str) -> bool:
        """Whether a file of this name lies beside it, as far as its disk or store says."""
        with suppress(OSError):
            return self._storage.found(to_csv(name)) is not None
        return False

    def _is_archive(self, path: str) -> bool:
        return True

    def _prefix(self, archive: str) -> str:
        return ""

    def _archive_of(self, path: str) -> str | None:
        return self._path
