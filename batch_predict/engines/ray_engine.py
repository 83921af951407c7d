"""A cluster, through Ray Data: tasks prepare, an actor a node holds the model, rows stream back.

Over 150 lines: all that is particular to Ray is in one file.
"""

import logging
import os
import pickle
import socket
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import Final

from batch_predict.engines.crew import Crew
from batch_predict.engines.local_engine import tasks
from batch_predict.errors import BatchPredictError, InputError, MissingExtraError
from batch_predict.options import Options
from batch_predict.prepare import PrepareStep
from batch_predict.records import Batch, ImageRef, Row
from batch_predict.scoring import Scorer
from batch_predict.streams import quiet_stderr

# Before Ray is imported: its chatter, its progress bars and its reports to its makers are off.
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

WAVE: Final = 1 << 20  # refs handed to Ray at a time: some 100 MiB of its object store
_BATCHES: Final = 4  # of a task
_PROBE_S: Final = 5  # seconds for a cluster to answer
_TASK_BYTES: Final = 64 << 20  # of files, of a task: large pictures go in smaller groups


def run(
    refs: Iterable[ImageRef],
    prepare: PrepareStep,
    make_scorer: Callable[[], Scorer],
    options: Options,
) -> Generator[list[Row], None, None]:
    """See `Engine`; a lost process, actor or node costs retries, which Ray does."""
    waiting = iter(refs)
    step = cloudpickle.dumps(prepare)
    with _cluster(options.ray_address):
        while wave := list(islice(waiting, WAVE)):
            groups = [pickle.dumps(each) for each in _groups(wave, _BATCHES * options.batch_size)]
            scored = (
                ray.data.from_items([{"refs": g} for g in groups], override_num_blocks=len(groups))
                .map(
                    _prepare,  # type: ignore[arg-type]  # it does take more
                    fn_args=(step, options.image_timeout),
                    concurrency=min(options.workers or len(groups), len(groups)),
                )
                .map(
                    _Scoring,  # type: ignore[arg-type]  # an actor's class
                    fn_constructor_args=(make_scorer, options.batch_size),
                    concurrency=(1, len(ray.nodes())),  # type: ignore[no-untyped-call]
                    num_cpus=0,  # the model takes what the tasks leave
                )
            )
            for row in scored.iter_rows():
                answer = pickle.loads(row["answer"])
                if isinstance(answer, BatchPredictError):
                    raise answer
                yield answer


def _groups(refs: Iterable[ImageRef], most: int) -> Iterator[list[ImageRef]]:
    group: list[ImageRef] = []
    size = 0
    for ref in refs:
        group.append(ref)
        size += ref.size
        if len(group) == most or size >= _TASK_BYTES:
            yield group
            group, size = [], 0
    if group:
        yield group


def _prepare(row: dict[str, bytes], prepare: bytes, image_timeout: float) -> dict[str, bytes]:
    """A task: a process of its own reads and prepares, so that no picture can end Ray's."""
    refs = pickle.loads(row["refs"])
    batch, unscored = Batch.of([]), list[Row]()
    crew, todo = _crew(prepare, image_timeout), tasks(refs)
    while not crew.feed(todo, len(refs)):
        for answer in crew.receive():
            batch += answer.batch
            unscored += answer.unscored
    return {"batch": pickle.dumps(batch), "unscored": pickle.dumps(unscored)}


@cache
def _crew(prepare: bytes, image_timeout: float) -> Crew:
    """The one process beside Ray's, for all its tasks: it ends when Ray's does.

    A fork of Ray's for each task costs three times what the task's pictures do.
    """
    return Crew(pickle.loads(prepare), 1, image_timeout).__enter__()


class _Scoring:
    """An actor: the model is loaded once, for the first picture."""

    def __init__(self, make_scorer: Callable[[], Scorer], batch_size: int) -> None:
        self._make_scorer = make_scorer
        self._batch_size = batch_size
        self._scorer: Scorer | None = None

    def __call__(self, row: dict[str, bytes]) -> dict[str, bytes]:
        answer: list[Row] | BatchPredictError
        try:
            answer = self._rows(row)
        except BatchPredictError as error:  # as a value: Ray would wrap it and lose what it was
            answer = error
        return {"answer": pickle.dumps(answer)}

    def _rows(self, row: dict[str, bytes]) -> list[Row]:
        rest: Batch = pickle.loads(row["batch"])
        rows: list[Row] = pickle.loads(row["unscored"])
        while rest.refs:
            self._scorer = self._scorer or self._make_scorer()
            batch, rest = rest.split(self._batch_size)
            rows += self._scorer.rows(batch, self._scorer.predict(batch))
        return rows


@contextmanager
def _cluster(address: str | None) -> Iterator[None]:
    """The cluster at `address`, or one of this machine that ends with the run.

    Raises:
        InputError: there is no cluster at `address`.
    """
    for name in ("ray", "ray.data"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if address is not None:
        _probe(address)
    with quiet_stderr():
        ray.init(
            address or "local",
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.CRITICAL,
        )
    ray.data.DataContext.get_current().enable_progress_bars = False
    try:
        yield
    finally:
        ray.shutdown()


def _probe(address: str) -> None:
    """Ray itself would wait for minutes where nobody listens."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), _PROBE_S).close()
    except (OSError, ValueError) as error:
        raise InputError(f"there is no Ray cluster at {address}, which is HOST:PORT") from error
