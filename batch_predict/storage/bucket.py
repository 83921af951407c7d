"""A bucket of an object store: S3, Google Cloud Storage or Azure, through obstore."""

import errno
import io
import logging
import os
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import cache, cached_property, partial
from hashlib import blake2b
from typing import Any, ClassVar, Final

import platformdirs

from batch_predict.errors import InputError, MissingExtraError, OutputError, UsageError
from batch_predict.records import Code, ImageRef, Reason
from batch_predict.storage.archives.archive import MemberError
from batch_predict.storage.file_list import FileList
from batch_predict.storage.listed_files import in_bucket, in_inventory
from batch_predict.storage.listing import Listing
from batch_predict.storage.registry import Content, Opened, content
from batch_predict.storage.selection import Selection
from batch_predict.storage.side_by_side import side_by_side
from batch_predict.tables.csv_paths import from_csv
from batch_predict.temporary_folders import temporary_folder

try:
    from obstore.exceptions import BaseError
    from obstore.store import AzureStore, GCSStore, S3Store
except ImportError as error:
    raise MissingExtraError("an object store", "cloud") from error

from batch_predict.storage.bucket_errors import as_os_error, changed
from batch_predict.storage.bucket_object import BucketObject
from batch_predict.storage.bucket_settings import (
    allows_http,
    check_settings,
    profile_credentials,
)
from batch_predict.storage.bucket_walk import BucketWalk
from batch_predict.storage.object_version import has_version, is_as_listed, version_of

_LOGGER: Final = logging.getLogger(__name__)
STORES: Final = {"s3": S3Store, "gs": GCSStore, "az": AzureStore}
#: of any of the stores; `$web` and its like are Azure's. In others obstore ends in a Rust panic
_BUCKET_NAME: Final = re.compile(r"[A-Za-z0-9._$-]+")
_BUFFER: Final = 1 << 16  # bytes of an object that is read in parts
AT_ONCE: Final = 128  # requests of a process: 20 ms each, they are 6,400 a second
_MOST_UNLISTED: Final = 1 << 30  # bytes of an object whose size nobody has compared with a limit
_REQUEST_TIMEOUT: Final = timedelta(seconds=10)
# Tried again after throttling, resets and time-outs; all in all under `--image-timeout`'s default.
_RETRIES: Final = {"max_retries": 8, "retry_timeout": timedelta(seconds=15)}


class Bucket:
    """See `Storage`. An object has no real path: local files stand in for outputs until `put`.

    Credentials come from the environment, as for the store's own tools, and are never shown.

    Raises:
        UsageError: the address has no bucket or holds credentials.
        InputError: what the environment says of the store is not usable, or this process was forked
            after a bucket had been opened.
    """

    survives_fork: ClassVar = False  # obstore's threads, of which a process has one set, do not

    def __init__(self, address: str) -> None:
        scheme, _, rest = address.partition("://")
        name, _, prefix = rest.strip("/").partition("/")
        if not name or "@" in name:
            raise UsageError(f"an object store's address is {scheme}://bucket/folder, no more")
        if not _BUCKET_NAME.fullmatch(name):
            raise UsageError(f"no bucket can be named {name!r}")
        if prefix and not {"", ".", ".."}.isdisjoint(prefix.split("/")):
            raise UsageError(f"an object store's folder has no part '', '.' or '..': {prefix}")
        self.address = f"{scheme}://{rest.strip('/')}"
        if os.getpid() != _first_process():
            why = "object stores were in use when this process was forked"
            mend = 'start it with multiprocessing\'s "spawn"'
            raise InputError(f"can't open {self.address}: {why}; {mend}")
        check_settings(scheme, os.environ)
        try:
            self._store: Any = STORES[scheme](
                name,
                prefix=prefix or None,
                client_options={
                    "timeout": _REQUEST_TIMEOUT,
                    "allow_http": allows_http(scheme, os.environ),
                },
                retry_config=_RETRIES,
                credential_provider=profile_credentials(scheme, os.environ),
            )
        except (BaseError, ValueError) as error:
            words = "its account is not in the environment, or another variable there is not valid"
            raise InputError(f"can't open {self.address}: {words}") from error

    def walk(self, selection: Selection) -> BucketWalk:
        """See `Storage`."""
        return BucketWalk(self._store, self.address, selection)

    def listed(self, files: FileList, selection: Selection) -> Listing:
        """See `Storage`."""
        base = self.walk(selection)
        if files.is_manifest:
            return in_inventory(files, base)
        return in_bucket(files, base, selection)

    def found(self, path: str) -> ImageRef | None:
        """See `Storage`."""
        with suppress(FileNotFoundError), as_os_error(self.address):
            meta = self._store.head(from_csv(path))
            return ImageRef(path, meta["size"], version_of(meta))
        return None

    def open_found(self, ref: ImageRef) -> Opened:
        """See `Storage`; each part is asked for as one of this version."""
        with as_os_error(self.address):
            meta = self._store.head(from_csv(ref.path))
            if ref.version is not None and not has_version(ref.version, meta):
                raise changed(self.address)
            return Opened(
                self._opened(from_csv(ref.path), meta["size"], meta["e_tag"]), lambda: None
            )

    def read(self, ref: ImageRef) -> bytes:
        """See `Storage`."""
        with as_os_error(self.address):
            found = self._store.get(from_csv(ref.path))
            if ref.size is None:
                if found.meta["size"] > _MOST_UNLISTED:
                    raise MemberError(
                        Reason(Code.TOO_LARGE, f"a file of {found.meta['size']} bytes")
                    )
                return bytes(found.bytes())
            if not is_as_listed(ref, found.meta):
                raise changed(self.address)
            # One part, which ends at what is more than was listed, whatever the store says it sends
            whole = bytes(next(iter(found.stream(min_chunk_size=ref.size + 1)), b""))
        if len(whole) != ref.size:
            raise changed(self.address)
        return whole

    def read_each(self, refs: Iterable[ImageRef]) -> Iterator[Content]:
        """See `Storage`."""
        return side_by_side(self._readers, AT_ONCE, partial(content, self.read), refs)

    @contextmanager
    def fetched(self, name: str, *beside: str) -> Iterator[str | None]:
        """See `Storage`."""
        with temporary_folder() as folder:
            for other in beside:
                self._fetch(other, folder)
            yield self._fetch(name, folder)

    def _fetch(self, name: str, folder: str) -> str | None:
        path = os.path.join(folder, name)
        with suppress(FileNotFoundError), as_os_error(self.address), open(path, "wb") as file:
            found = self._store.get(name)
            for part in found:
                if file.tell() + len(part) > found.meta["size"]:
                    raise OSError(errno.EIO, "the store sends more than it says", self.address)
                file.write(part)
            return path
        return None

    def open(self, name: str) -> io.BufferedReader | None:
        """See `Storage`."""
        with suppress(FileNotFoundError), as_os_error(self.address):
            return self._opened(name, self._store.head(name)["size"])
        return None

    def _opened(self, name: str, size: int, e_tag: str | None = None) -> io.BufferedReader:
        """See `BucketObject`."""
        object_ = BucketObject(self._store, name, self.address, size, e_tag)
        return io.BufferedReader(object_, _BUFFER)

    def local(self, name: str) -> str:
        """See `Storage`: in the user's state folder, in a folder for this address alone.

        Raises:
            OutputError: that can't be made.
        """
        key = blake2b(self.address.encode(), digest_size=8).hexdigest()
        folder = os.path.join(platformdirs.user_state_dir("batch_predict"), key)
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
        except OSError as error:
            mend = "set XDG_STATE_HOME to a folder that takes lock and work file"
            raise OutputError(f"can't make {folder}: {error.strerror}; {mend}") from error
        return os.path.join(folder, name)

    def put(self, temp: str, name: str) -> None:
        """See `Storage`: an upload, which stores do whole or not at all."""
        with as_os_error(self.address), open(temp, "rb") as file:
            self._store.put(name, file)
        os.unlink(temp)

    def delete(self, name: str) -> None:
        """See `Storage`; what is not there need not be allowed to go."""
        with suppress(FileNotFoundError), as_os_error(self.address):
            try:
                self._store.delete(name)
            except BaseError:
                self._store.head(name)
                raise

    def try_out(self, name: str) -> None:
        """See `Storage`: an empty object, hidden from walks, is put there and removed."""
        trial = f".{name}.tmp"
        with as_os_error(self.address):
            self._store.put(trial, b"")
        try:
            self.delete(trial)
        except OSError as error:  # a store may take files and let none go
            _LOGGER.info("can't remove %s/%s: %s", self.address, trial, error.strerror)

    def sync(self, name: str) -> None:
        """See `Storage`: an upload is durable when it ends."""

    @cached_property
    def _readers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(AT_ONCE, "read")


@cache
def _first_process() -> int:
    """The process that opened a bucket first: a fork of it would wait for its threads for ever."""
    return os.getpid()
