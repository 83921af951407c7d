"""What a file system does not offer is no failure: SMB, FUSE and FAT lack some operations."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from errno import (
    EACCES,
    EHOSTDOWN,
    EINVAL,
    EIO,
    ENOSYS,
    ENOTCONN,
    ENOTSUP,
    ENOTTY,
    EOPNOTSUPP,
    EPERM,
    ESTALE,
    ETIMEDOUT,
)
from typing import Final

#: a disk or a server is in trouble: what is asked for may be there, or not
NO_ANSWER: Final = frozenset({EIO, ESTALE, ETIMEDOUT, ENOTCONN, EHOSTDOWN})
_NOT_OFFERED: Final = frozenset({EINVAL, ENOTSUP, EOPNOTSUPP, ENOSYS, ENOTTY})
_DENIED: Final = frozenset({EPERM, EACCES})


@contextmanager
def where_offered(*, and_allowed: bool = False) -> Iterator[None]:
    """End the block where the file system answers that it does not offer what was tried.

    `and_allowed`: also where it denies that, for what is done to files and folders that are ours to
    write: a mode that a mount fixes can't be changed, nor a folder be opened that nobody may list.

    Raises:
        OSError: it failed for another reason.
    """
    try:
        yield
    except OSError as error:
        if error.errno not in (_NOT_OFFERED | _DENIED if and_allowed else _NOT_OFFERED):
            raise


def sync(path: str) -> None:
    """Flush the file or folder at `path` to disk, where that is offered.

    Raises:
        OSError: `path` can't be opened, or what was written to it is not on the disk.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        with where_offered():
            os.fsync(handle)
    finally:
        os.close(handle)
