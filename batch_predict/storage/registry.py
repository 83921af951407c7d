"""The seam between a run and where its files lie: a folder, or a bucket of an object store."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from errno import ENOMEM
from functools import cache
from io import BufferedReader
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, Protocol, TypeAlias

from batch_predict.errors import InputError, OutputError, UsageError
from batch_predict.plugins import load
from batch_predict.storage.listing import Listing
from batch_predict.storage.selection import Selection

if TYPE_CHECKING:  # NumPy: not before the command line is right
    from batch_predict.records import ImageRef
    from batch_predict.storage.file_list import FileList

#: what a file holds, or why it can't be read
Content: TypeAlias = bytes | OSError


class ChangedError(OSError):
    """A file is not what the walk found: it grew, was cut, or was replaced meanwhile."""


#: an address before its `://` -> what opens it
STORAGES: Final = {
    "folder": "batch_predict.storage.folder:Folder",
    "s3": "batch_predict.storage.bucket:Bucket",
    "gs": "batch_predict.storage.bucket:Bucket",
    "az": "batch_predict.storage.bucket:Bucket",
}


class Opened(NamedTuple):
    """An open file that can be read from any place."""

    file: BinaryIO
    check: Callable[[], None]  # raises ChangedError where it is no longer what was opened


class Source(Protocol):
    """Where a run's pictures lie; `name` is a file's there, `path` is as the CSV writes it."""

    @property
    def address(self) -> str:
        """Absolute: the same however it was given."""

    @property
    def survives_fork(self) -> bool:
        """Whether a fork of a process that has used it can use it."""

    def walk(self, selection: Selection) -> Listing:
        """The pictures below that `selection` takes.

        Raises:
            InputError: it is missing or can't be listed.
        """

    def listed(self, files: "FileList", selection: Selection) -> Listing:
        """The pictures that `files` names, which is read on iteration; else as `walk`.

        Raises:
            UsageError: no list can name pictures of this source.
        """

    def found(self, path: str) -> "ImageRef | None":
        """The picture at `path` as a walk finds it; None where there is none, or what is no file.

        Raises:
            OSError: there may be one.
        """

    def read(self, ref: "ImageRef") -> bytes:
        """The whole content of a file, which is no longer than was listed.

        Raises:
            ChangedError: it has another size or version than `ref` says.
            OSError: it can't be read.
        """

    def read_each(self, refs: "Iterable[ImageRef]") -> Iterator[Content]:
        """The contents of files in order, read ahead where that hides latency."""

    def fetched(self, name: str, *beside: str) -> AbstractContextManager[str | None]:
        """In the block, a path at which `open` reads the file; None where there is none.

        The files that are named `beside` it lie beside it there, those that there are. Raises
        OSError.
        """

    def open(self, name: str) -> BufferedReader | None:
        """The file, to be read in parts; None where there is none. Raises OSError."""


class Storage(Source, Protocol):
    """A folder or what stands for one, to read from and to write to."""

    def open_found(self, ref: "ImageRef") -> Opened:
        """The file of `ref`; raises OSError, and ChangedError where it has another version."""

    def local(self, name: str) -> str:
        """The path on disk of the output `name`, or one that stands in for it until `put`."""

    def try_out(self, name: str) -> None:
        """Try whether outputs can be put beside the output `name`; raises OSError.

        It need not try what making a file at `local` has tried.
        """

    def put(self, temp: str, name: str) -> None:
        """Make the finished file at `temp` the output `name`, whole; raises OSError."""

    def delete(self, name: str) -> None:
        """Remove an output; a missing one is no error. Raises OSError."""

    def sync(self, name: str) -> None:
        """Flush the output `name` to stable storage: it survives a power cut. Raises OSError."""


def content(read: "Callable[[ImageRef], bytes]", ref: "ImageRef") -> Content:
    """What `read` gives of the file of `ref`, or the OSError that it raises."""
    try:
        return read(ref)
    except OSError as error:
        return error
    except MemoryError as error:
        found = OSError(ENOMEM, os.strerror(ENOMEM))
        found.__cause__ = error
        return found


def open_storage(address: str) -> Storage:
    """The folder or bucket at `address`.

    Raises:
        UsageError: the address has no known scheme or is not complete.
        MissingExtraError: the library for it is not installed.
    """
    return _open(address, os.getpid())  # connections do not survive a fork


@cache
def _open(address: str, process: int) -> Storage:
    storage: Storage = _class(address)(address)
    return storage


def survives_fork(address: str) -> bool:
    """See `Storage.survives_fork`, of the one at `address`; raises as `open_storage`."""
    return bool(_class(address).survives_fork)


def _class(address: str) -> Any:
    scheme, mark, _ = address.partition("://")
    if mark and scheme not in STORAGES:
        known = ", ".join(STORAGES)
        raise UsageError(f"unknown storage {scheme!r}: known are {known}")
    return load(STORAGES[scheme if mark else "folder"])


def locate(address: str) -> tuple[Storage, str]:
    """Where the file at `address` lies, and its name there; raises as `open_storage`."""
    folder, name = os.path.split(address)
    return open_storage(folder), name


def local(address: str) -> str:
    """See `Storage.local`, of an output.

    Raises:
        OutputError: the store for it can't be opened.
    """
    try:
        storage, name = locate(address)
    except InputError as error:
        raise OutputError(f"can't write {address}: {error}") from error
    return storage.local(name)


def fetched(address: str, *beside: str) -> AbstractContextManager[str | None]:
    """See `Storage.fetched`."""
    storage, name = locate(address)
    return storage.fetched(name, *beside)
