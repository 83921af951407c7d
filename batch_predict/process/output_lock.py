"""A lock file, so that one run at a time writes an output."""

import logging
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from errno import EEXIST
from typing import Final

from filelock import FileLock, Timeout

from batch_predict.errors import LockedError, OutputError

_LOGGER: Final = logging.getLogger(__name__)
_BEGINNING: Final = "process "  # of what a lock file holds
_NAMING_S: Final = 10.0  # how long the holder may take to write its name, on a busy machine


@contextmanager
def locked(path: str, held: str = "another run is writing this output") -> Iterator[None]:
    """Hold a lock on the file at `path`; the kernel releases it when the process ends.

    `held` is what an error says of the process that holds it.

    Raises:
        LockedError: another process holds it.
        OutputError: it can't be written.
    """
    lock = FileLock(path, timeout=0, fallback_to_soft=False)
    try:
        os.stat(os.path.dirname(path))  # raises where it is missing: filelock would make it
        _check_replaceable(path)
        with suppress(FileExistsError):  # in /proc, where none can be made, filelock would wait
            open(path, "xb").close()
        lock.acquire()
        with open(path, "w", encoding="utf-8") as file:
            started = datetime.now(UTC).isoformat(timespec="seconds")
            ours = os.fstat(file.fileno())
            file.write(f"{_BEGINNING}{os.getpid()} on {platform.node()}, started {started}")
    except Timeout as error:
        raise LockedError(f"{held}: {_holder(path)}") from error
    except OSError as error:
        with suppress(OSError):
            lock.release()
        raise OutputError(f"can't write {error.filename or path}: {error.strerror}") from error
    try:
        yield
    finally:
        # Before the release, or the file might be one that another run has locked meanwhile; so it
        # may be where somebody has removed ours.
        try:
            if os.path.samestat(os.stat(path), ours):
                os.unlink(path)
        except OSError as error:  # SMB keeps a file that is open; nobody waits for it to go
            _LOGGER.info("can't remove %s: %s", path, error.strerror)
        try:
            lock.release()
        except OSError as error:  # of NFS; it goes with the process
            _LOGGER.info("can't release %s: %s", path, error.strerror)


def _check_replaceable(path: str) -> None:
    """Raises OSError where something lies at `path` that is no lock of this program."""
    no_lock = FileExistsError(EEXIST, "it is no lock of this program; move it away", path)
    if os.path.exists(path) and not os.path.isfile(path):
        raise no_lock
    with suppress(FileNotFoundError, PermissionError), open(path, "rb") as file:
        if not _BEGINNING.encode().startswith(file.read(len(_BEGINNING))):
            raise no_lock


def _holder(path: str) -> str:
    deadline = time.monotonic() + _NAMING_S
    while time.monotonic() < deadline:
        try:
            with open(path, encoding="utf-8") as file:
                if name := file.read():
                    return name
        except FileNotFoundError:  # it is ending
            break
        time.sleep(0.01)
    return "it is just starting or ending"
