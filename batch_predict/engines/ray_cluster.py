"""A Ray cluster for as long as a run takes: one that is there, or one of this machine."""

import glob
import logging
import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, Final

from batch_predict.errors import MissingExtraError, UsageError
from batch_predict.process.held_stderr import quiet_stderr
from batch_predict.temporary_folders import remove_with_process

# Before Ray is imported: no messages, and no reports to its makers.
os.environ |= {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}
try:
    import ray
except ImportError as error:
    raise MissingExtraError("the Ray engine", "ray") from error

__all__ = ["cluster", "ray"]

_LOGGER: Final = logging.getLogger(__name__)
_FOLDER_VARIABLE: Final = "BATCH_PREDICT_RAY_FOLDER"
_PROBE_S: Final = 5  # seconds for a cluster to answer
_REMOVALS: Final = 50  # tries to remove the folder of a cluster
_REMOVAL_PAUSE_S: Final = 0.1  # seconds between them


@contextmanager
def cluster(address: str | None) -> Iterator[None]:
    """The cluster at `address`, or one of this machine that ends with the run: `ray` uses it.

    Raises:
        UsageError: there is none at `address`, or none that this machine can join.
    """
    logging.getLogger("ray").setLevel(logging.CRITICAL)
    if address is not None:
        _probe(address)
    with _printing_nothing(), nullcontext() if address else _temporary_folder() as folder:
        try:
            with quiet_stderr(), _uninterrupted():
                _join(address or "local", folder)
            yield
        finally:
            with _uninterrupted():
                ray.shutdown()


@contextmanager
def _printing_nothing() -> Iterator[None]:
    """Log what Ray prints to stdout of an actor that died: no setting of its stops that."""
    worker: Any = ray._private.worker
    before, worker.print_to_stdstream = worker.print_to_stdstream, _log
    try:
        yield
    finally:
        worker.print_to_stdstream = before


def _log(message: dict[str, Any], *_: object, **__: object) -> None:
    """In place of what prints a message of Ray's to stdout."""
    for line in message["lines"]:
        _LOGGER.info("Ray: %s", line)


def _join(address: str, folder: str | None) -> None:
    before = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(
            address,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.CRITICAL,
            _temp_dir=folder,
        )
    except (ConnectionError, RuntimeError) as error:
        if address == "local":
            raise
        raise UsageError(
            f"can't join a Ray cluster at {address}: one must be there, this machine be one of its"
            " nodes, and all have the same Ray and Python"
        ) from error
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)  # Ray's ends the process at once


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A stop (see `StopSignals`) interrupts the run where this block ends.

    Within it, processes of Ray and their folder would be left.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGALRM,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _temporary_folder() -> Iterator[str]:
    """A folder for the logs and sockets of a cluster that ends with the run.

    Ray leaves its own for ever, one for each run. Its last processes may still write while they
    end, so that a folder that was just emptied can't be removed.
    """
    folder = tempfile.mkdtemp(prefix="ray-", dir=os.environ.get("RAY_TMPDIR"))
    remove_with_process(folder)
    os.environ[_FOLDER_VARIABLE] = folder  # all processes of the cluster have it
    try:
        yield folder
    finally:
        del os.environ[_FOLDER_VARIABLE]
        with _uninterrupted():
            for _ in range(_REMOVALS):
                _end_processes(folder)
                shutil.rmtree(folder, ignore_errors=True)
                if not os.path.exists(folder):
                    break
                time.sleep(_REMOVAL_PAUSE_S)


def _end_processes(folder: str) -> None:
    """End what is left of the cluster that has `folder` in its environment.

    A worker of Ray's takes seconds to notice that Ray has ended, and may make folders meanwhile.
    """
    for environment in glob.glob("/proc/[0-9]*/environ"):
        with suppress(OSError):  # it has ended, or is another user's
            with open(environment, "rb") as file:
                is_of_cluster = os.fsencode(folder) in file.read()
            if is_of_cluster:
                os.kill(int(environment.split("/")[2]), signal.SIGKILL)


def _probe(address: str) -> None:
    """Check that something listens at `address`; Ray itself would wait for minutes."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), _PROBE_S).close()
    except (OSError, ValueError) as error:
        raise UsageError(f"there is no Ray cluster at {address}, which is HOST:PORT") from error
