"""Members of archives, also for who knows no more of them than their paths."""

import os
from collections.abc import Iterator
from errno import EFBIG, ENOENT
from functools import lru_cache
from hashlib import blake2b
from typing import Final

import numpy as np

from batch_predict.records import ImageRef
from batch_predict.storage.archives.archive import Archive, Member, MemberError
from batch_predict.storage.archives.reader import ArchiveReader
from batch_predict.storage.registry import Content, Storage
from batch_predict.tables.csv_paths import to_csv

_MOST_UNASKED: Final = 512 << 20  # bytes of a member by path alone, whose size nobody looked at
_INDEXED: Final = 4  # archives whose members' places are known at a time
_ENTRY: Final = np.dtype([("hash", "<i8"), ("place", "<i8"), ("size", "<i8")])
_UNKNOWN: Final = -1  # in place of a size


class MembersByPath:
    """Reads and finds members of archives in `storage`, which `reader` opens.

    The paths of an archive's members are `prefix` and their names.
    """

    def __init__(self, storage: Storage, reader: ArchiveReader) -> None:
        self._storage = storage
        self._reader = reader
        self._index = lru_cache(_INDEXED)(self._listed)

    def read_each(self, path: str, prefix: str, refs: list[ImageRef]) -> Iterator[Content]:
        """The contents of members `refs` of the archive at `path`, in order.

        Where one does not say where it is, all of the archive are listed once.
        """
        if all(ref.place is not None for ref in refs):
            yield from self._reader.read_each(ImageRef(path, None, refs[0].version), refs)
            return
        try:
            file = self._storage.found(path)
            if file is None:
                raise _absent()
            index = self._index(file.path, file.version, prefix)
        except OSError as error:
            yield from [error] * len(refs)
            return
        located = [_located(index, ref) for ref in refs]
        members = [each for each in located if isinstance(each, ImageRef)]
        contents = self._reader.read_each(file, members)
        for each in located:
            yield next(contents) if isinstance(each, ImageRef) else each

    def found(self, path: str, prefix: str, member: str) -> ImageRef | None:
        """The one at the path `member` of the archive at `path`; None where there is none.

        Raises:
            OSError: there may be one.
        """
        file = self._storage.found(path)
        if file is None:
            return None
        index = self._index(file.path, file.version, prefix)
        return index.located(ImageRef(member, None, file.version))

    def _listed(self, path: str, version: str | None, prefix: str) -> "_Index":
        archive = self._reader.opened(ImageRef(path, None, version)).archive
        return _Index(archive, prefix)


class _Index:
    """Where the members of `archive` are: 24 bytes for each.

    Raises:
        OSError: it can't be listed.
    """

    def __init__(self, archive: Archive, prefix: str) -> None:
        self._entries = np.fromiter(_entries(archive, prefix), _ENTRY)
        self._entries.sort(order="hash")

    def located(self, ref: ImageRef) -> ImageRef | None:
        """`ref` with size and place; None where there is no such member."""
        wanted = _hash(ref.path)
        at = int(np.searchsorted(self._entries["hash"], wanted))
        if at == len(self._entries) or self._entries["hash"][at] != wanted:
            return None
        size = int(self._entries["size"][at])
        place = int(self._entries["place"][at])
        return ref._replace(size=None if size == _UNKNOWN else size, place=place)


def _entries(archive: Archive, prefix: str) -> Iterator[tuple[int, int, int]]:
    """An _ENTRY of each member, as far as the archive goes."""
    try:
        for found in archive.members():
            if isinstance(found, Member):
                size = _UNKNOWN if found.size is None else found.size
                yield _hash(to_csv(f"{prefix}{found.name}")), found.place, size
    except MemberError:  # it breaks off: what came before can be read
        pass


def _located(index: _Index, ref: ImageRef) -> ImageRef | OSError:
    found = index.located(ref)
    if found is None:
        return _absent()
    if ref.size is None and (found.size or 0) > _MOST_UNASKED:
        return OSError(EFBIG, os.strerror(EFBIG))
    return found


def _absent() -> FileNotFoundError:
    return FileNotFoundError(ENOENT, os.strerror(ENOENT))


def _hash(path: str) -> int:
    return int.from_bytes(blake2b(path.encode(), digest_size=8).digest(), signed=True)
