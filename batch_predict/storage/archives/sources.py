"""Sources of pictures that are one file, or a folder or bucket whose archives are opened, too."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from errno import EFBIG, ENOENT
from functools import lru_cache
from io import BufferedReader, BytesIO
from itertools import groupby
from typing import Final, cast

from batch_predict.errors import InputError
from batch_predict.records import ImageRef
from batch_predict.shard import Shard
from batch_predict.storage.archive_names import is_archive_name
from batch_predict.storage.archives.index import Index
from batch_predict.storage.archives.reader import ArchiveReader
from batch_predict.storage.archives.walk import Members
from batch_predict.storage.file_list import FileList
from batch_predict.storage.given_listing import GivenListing
from batch_predict.storage.overlooked import Overlooked
from batch_predict.storage.registry import Content, Listing, Storage
from batch_predict.storage.selection import Selection
from batch_predict.tables.csv_paths import from_csv, to_csv

_MOST_UNASKED: Final = 512 << 20  # bytes of a member by path alone, whose size nobody looked at
_INDEXED: Final = 4  # archives whose members' places are known at a time


class SingleFile:
    """See `Source`: the picture `file`, which lies in `storage`; `in_dir` is as it was given."""

    def __init__(self, in_dir: str, storage: Storage, file: ImageRef) -> None:
        self.in_dir = in_dir
        self.address = os.path.join(storage.address, from_csv(file.path))
        self.survives_fork = storage.survives_fork
        self._storage = storage
        self._file = file
        self._repeats = False

    def walk(self, selection: Selection) -> Listing:
        """See `Source`: what is named by itself is taken, whatever its name."""
        return GivenListing(
            self.in_dir,
            lambda listing: self._listed(listing, selection),
            self._check_present,
            Overlooked(lambda _: b""),
            is_local="://" not in self.address,
            repeats=self._repeats,
        )

    def _listed(self, listing: Listing, selection: Selection) -> Iterator[ImageRef]:
        return iter((self._file,))

    def listed(self, files: FileList, selection: Selection) -> Listing:
        """See `Source`: there is one file, and no list of others."""
        raise files.error(f"in_dir is to be a folder or bucket, and {self.in_dir} is one file")

    def found(self, path: str) -> ImageRef | None:
        """See `Source`."""
        return self._file if path == self._file.path else None

    def _check_present(self) -> None:
        found = self._storage.found(self._file.path)
        if found is None:
            raise InputError(f"{self.in_dir} went away")
        if found != self._file:
            raise InputError(f"{self.in_dir} is another file now")

    def read(self, ref: ImageRef) -> bytes:
        """See `Source`."""
        return self._storage.read(ref)

    def read_each(self, refs: Iterable[ImageRef]) -> Iterator[Content]:
        """See `Source`."""
        return self._storage.read_each(refs)

    def fetched(self, name: str, *beside: str) -> AbstractContextManager[str | None]:
        """See `Source`: what lies beside the file is no part of the input."""
        return nullcontext()

    def open(self, name: str) -> BufferedReader | None:
        """See `Source`."""
        return self._storage.open(name)


class ArchiveFile(SingleFile):
    """See `Source`: the archive `file`, which lies in `storage`.

    Raises:
        InputError: it is none that can be opened.
        MissingExtraError: the library for it is not installed.
    """

    def __init__(self, in_dir: str, storage: Storage, file: ImageRef) -> None:
        super().__init__(in_dir, storage, file)
        self._members = _MembersOf(storage)
        try:
            archive = self._members.reader.open(file).archive
        except OSError as error:
            raise InputError(f"can't open {in_dir}: {error.strerror or error}") from error
        self._repeats = archive.has_names  # numbers do not

    def _listed(self, listing: Listing, selection: Selection) -> Iterator[ImageRef]:
        members = Members(self._members.reader, listing, selection)
        return members.of(self._file, "")

    def found(self, path: str) -> ImageRef | None:
        """See `Source`."""
        return self._members.found(self._file, "", path)

    def read(self, ref: ImageRef) -> bytes:
        """See `Source`."""
        return _or_raise(next(self.read_each((ref,))))

    def read_each(self, refs: Iterable[ImageRef]) -> Iterator[Content]:
        """See `Source`."""
        return self._members.read_each(self._file, "", list(refs))

    def open(self, name: str) -> BufferedReader | None:
        """See `Source`: a member is read whole."""
        return _opened(self.read, name)


class WithArchives:
    """See `Source`: what lies in `storage`, and what the archives there hold."""

    def __init__(self, in_dir: str, storage: Storage) -> None:
        self.address = storage.address
        self.survives_fork = storage.survives_fork
        self._in_dir = in_dir
        self._storage = storage
        self._members = _MembersOf(storage)
        self._is_file = lru_cache(lambda path: storage.found(path) is not None)

    def walk(self, selection: Selection) -> Listing:
        """See `Source`."""
        return self._over(self._storage.walk(selection._replace(archives=True)), selection)

    def listed(self, files: FileList, selection: Selection) -> Listing:
        """See `Source`: of a listed archive, all members."""
        base = self._storage.listed(files, selection._replace(archives=True))
        return self._over(base, selection)

    def _over(self, base: Listing, selection: Selection) -> GivenListing:
        """What `base` lists, and what is in its archives."""

        def share(shard: Shard) -> GivenListing | None:
            part = base.share(shard)
            return None if part is None else self._over(part, selection)

        def listed(listing: Listing) -> Iterator[ImageRef]:
            base.skipped = listing.skipped
            members = Members(self._members.reader, listing, selection)
            for ref in base:
                if is_archive_name(ref.path):
                    yield from members.of(ref, f"{from_csv(ref.path)}/")
                else:
                    yield ref

        found = GivenListing(
            self._in_dir, listed, base.check_present, base.overlooked, is_local=base.is_local
        )
        found.cut, found.share = base.cut, share
        return found

    def found(self, path: str) -> ImageRef | None:
        """See `Source`."""
        archive = self._archive_of(ImageRef(path))
        if archive is None:
            return self._storage.found(path)
        file = self._storage.found(archive)
        return None if file is None else self._members.found(file, f"{from_csv(archive)}/", path)

    def read(self, ref: ImageRef) -> bytes:
        """See `Source`."""
        return _or_raise(next(self.read_each((ref,))))

    def read_each(self, refs: Iterable[ImageRef]) -> Iterator[Content]:
        """See `Source`."""
        for archive, group in groupby(refs, self._archive_of):
            if archive is None:
                yield from self._storage.read_each(group)
            else:
                members = list(group)
                file = ImageRef(archive, None, members[0].version)
                yield from self._members.read_each(file, f"{from_csv(archive)}/", members)

    def fetched(self, name: str, *beside: str) -> AbstractContextManager[str | None]:
        """See `Source`."""
        return self._storage.fetched(name, *beside)

    def open(self, name: str) -> BufferedReader | None:
        """See `Source`: a member is read whole."""
        if self._archive_of(ImageRef(to_csv(name))) is None:
            return self._storage.open(name)
        return _opened(self.read, name)

    def _archive_of(self, ref: ImageRef) -> str | None:
        """The path of the archive that `ref` is a member of; None: it is a file of its own."""
        name = from_csv(ref.path)
        end = name.find("/")
        while end > 0:
            if is_archive_name(name[:end]) and self._is_file(path := to_csv(name[:end])):
                return path
            end = name.find("/", end + 1)
        return None


class _MembersOf:
    """Reads members of archives in `storage`, also by their paths alone."""

    def __init__(self, storage: Storage) -> None:
        self.reader = ArchiveReader(storage)
        self._storage = storage
        self._index = lru_cache(_INDEXED)(self._listed)

    def read_each(self, file: ImageRef, prefix: str, refs: list[ImageRef]) -> Iterator[Content]:
        """The contents of members `refs` of the archive `file`, in order.

        Where one does not say where it is, all of the archive are listed once.
        """
        if any(ref.place is None for ref in refs):
            found = self._storage.found(file.path)
            if found is None:
                yield from [FileNotFoundError()] * len(refs)
                return
            index = self._index(found, prefix)
            located = [_located(index, ref) for ref in refs]
            members = [each for each in located if isinstance(each, ImageRef)]
            contents = self.reader.read_each(found, members)
            for each in located:
                yield next(contents) if isinstance(each, ImageRef) else each
            return
        yield from self.reader.read_each(file, refs)

    def found(self, file: ImageRef, prefix: str, path: str) -> ImageRef | None:
        """The member at `path` of the archive `file`; None where there is none."""
        return self._index(file, prefix).located(ImageRef(path, None, file.version))

    def _listed(self, file: ImageRef, prefix: str) -> Index:
        nothing = Overlooked(lambda _: b"")
        listing = GivenListing("", lambda _: iter(()), lambda: None, nothing, is_local=True)
        members = Members(self.reader, listing, Selection(all_files=True))
        return Index(members.of(file, prefix))


def _located(index: Index, ref: ImageRef) -> ImageRef | OSError:
    found = index.located(ref)
    if found is None:
        return FileNotFoundError(ENOENT, os.strerror(ENOENT))
    if ref.size is None and (found.size or 0) > _MOST_UNASKED:
        return OSError(EFBIG, os.strerror(EFBIG))
    return found


def _or_raise(content: Content) -> bytes:
    if isinstance(content, OSError):
        raise content
    return content


def _opened(read: Callable[[ImageRef], bytes], name: str) -> BufferedReader | None:
    try:
        return BufferedReader(cast("BufferedReader", BytesIO(read(ImageRef(to_csv(name))))))
    except FileNotFoundError:
        return None
