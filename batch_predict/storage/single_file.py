"""The source that is one file."""

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from io import BufferedReader

from batch_predict.errors import InputError
from batch_predict.records import ImageRef
from batch_predict.storage.file_list import FileList
from batch_predict.storage.listing import Listing
from batch_predict.storage.overlooked import Overlooked
from batch_predict.storage.registry import Content, Storage
from batch_predict.storage.selection import Selection
from batch_predict.tables.csv_paths import from_csv


class SingleFile:
    """See `Source`: the picture at `path` in `storage`; `in_dir` is as it was given."""

    def __init__(self, in_dir: str, storage: Storage, path: str) -> None:
        self.address = os.path.join(storage.address, from_csv(path))
        self.survives_fork = storage.survives_fork
        self._in_dir = in_dir
        self._storage = storage
        self._path = path

    def walk(self, selection: Selection) -> Listing:
        """See `Source`: what is named by itself is taken, whatever its name."""
        return _OneFile(self._in_dir, self._storage, self._path)

    def listed(self, files: FileList, selection: Selection) -> Listing:
        """See `Source`: there is one file, and no list of others."""
        raise files.error(f"in_dir is to be a folder or bucket, and {self._in_dir} is one file")

    def found(self, path: str) -> ImageRef | None:
        """See `Source`."""
        return self._storage.found(path) if path == self._path else None

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


class _OneFile(Listing):
    """See `Listing`: the file at `path`, as it is now."""

    def __init__(self, in_dir: str, storage: Storage, path: str) -> None:
        nothing = Overlooked(lambda _: b"")
        super().__init__(in_dir, nothing, is_local="://" not in storage.address)
        self._storage = storage
        self._path = path
        self._file = self._found()

    def __iter__(self) -> Iterator[ImageRef]:
        """See `Listing`."""
        return iter((self._file,))

    def check_present(self) -> None:
        """See `Listing`."""
        if self._found() != self._file:
            raise InputError(f"{self.in_dir} is another file now")

    def _found(self) -> ImageRef:
        found = self._storage.found(self._path)
        if found is None:
            raise InputError(f"{self.in_dir} went away")
        return found
