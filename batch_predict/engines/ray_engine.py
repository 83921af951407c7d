"""A cluster, through Ray Data: tasks prepare, actors hold the model, rows stream back."""

import glob
import logging
import os
import pickle
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from itertools import islice, repeat
from typing import Final

from batch_predict.engines import ray_stages
from batch_predict.engines.tasks import cut
from batch_predict.errors import BatchPredictError, MissingExtraError, UsageError
from batch_predict.options import Options
from batch_predict.prepare import PrepareStep
from batch_predict.process.held_stderr import quiet_stderr
from batch_predict.records import ImageRef
from batch_predict.rows import Rows
from batch_predict.scoring import Scorer
from batch_predict.temporary_folders import remove_with_process

# Before Ray is imported: no messages, no progress bars and no reports to its makers.
os.environ |= {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_DATA_DISABLE_PROGRESS_BARS": "1",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}
try:
    import ray
    import ray.data
    from ray import cloudpickle
except ImportError as error:
    raise MissingExtraError("the Ray engine", "ray") from error

_FOLDER_VARIABLE: Final = "BATCH_PREDICT_RAY_FOLDER"
WAVE: Final = 1 << 20  # refs handed to Ray at a time: some 100 MiB of its object store
_BATCHES: Final = 4  # of a task
_TASK_BYTES: Final = 64 << 20  # of files, of a task: large pictures go in smaller groups
_PROBE_S: Final = 5  # seconds for a cluster to answer
_REMOVALS: Final = 50  # tries to remove the folder of a cluster
_REMOVAL_PAUSE_S: Final = 0.1  # seconds between them


def run(
    refs: Iterable[ImageRef],
    prepare: PrepareStep,
    make_scorer: Callable[[], Scorer],
    options: Options,
) -> Generator[Rows, None, None]:
    """See `Engine`; a lost process, actor or node costs retries, which Ray does."""
    left = iter(refs)
    step = cloudpickle.dumps(prepare)  # type: ignore[no-untyped-call]
    with _cluster(options.ray_address):
        while wave := list(islice(left, WAVE)):
            sizes = repeat(_BATCHES * options.batch_size)
            groups = [*map(pickle.dumps, cut(wave, sizes, lambda ref: ref.size or 0, _TASK_BYTES))]
            scored = (
                ray.data.from_items([{"refs": g} for g in groups], override_num_blocks=len(groups))
                .map(
                    ray_stages.prepare,  # type: ignore[arg-type]  # it does take more
                    fn_args=(step, options.image_timeout),
                    concurrency=min(options.workers or len(groups), len(groups)),
                )
                .map(
                    ray_stages.Scoring,  # type: ignore[arg-type]  # an actor's class
                    fn_constructor_args=(make_scorer, options.batch_size),
                    concurrency=(1, len(ray.nodes())),  # type: ignore[no-untyped-call]
                    num_cpus=0,  # the model takes what the tasks leave
                )
            )
            for row in scored.iter_rows():
                answer = pickle.loads(row["answer"])
                if isinstance(answer, BatchPredictError):
                    raise answer
                yield from answer


@contextmanager
def _cluster(address: str | None) -> Iterator[None]:
    """The cluster at `address`, or one of this machine that ends with the run.

    Raises:
        UsageError: there is no cluster at `address`.
    """
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if address is not None:
        _probe(address)
    with nullcontext() if address else _temporary_folder() as folder:
        try:
            with quiet_stderr(), _uninterrupted():
                ray.init(
                    address or "local",
                    include_dashboard=False,
                    log_to_driver=False,
                    logging_level=logging.CRITICAL,
                    _temp_dir=folder,
                )
            ray.data.DataContext.get_current().enable_progress_bars = False
            yield
        finally:
            with _uninterrupted():
                ray.shutdown()


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
