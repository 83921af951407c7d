"""The Ray engine: faults cost retries, rows are the local engine's, and Ray says nothing."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import ray
from ray.cluster_utils import Cluster

from batch_predict import job
from batch_predict.engines import find_engine, ray_engine, ray_stages
from batch_predict.errors import ExitCode, ModelError, UsageError
from batch_predict.normalize.modes import Preprocess
from batch_predict.option_values import Limit
from batch_predict.options import Options
from batch_predict.records import Code, ImageRef, Prepared, Row, Status
from batch_predict.rows import Rows
from batch_predict.scoring import Scorer
from tests.conftest import noise
from tests.support import fakes
from tests.support.mixed import COUNT, csv_of
from tests.support.steps import Step

pytestmark = [pytest.mark.ray, pytest.mark.timeout(120)]

BATCH = 8
FEW = 200


def good(ref: ImageRef) -> Prepared:
    return Prepared(ref, noise(ref.size))


def make_scorer() -> Scorer:
    return fakes.scorer(BATCH)


def score(
    prepare: Callable[[ImageRef], Prepared] = good,
    make_scorer: Callable[[], Scorer] = make_scorer,
    address: str | None = None,
    engine: str = "ray",
) -> Iterator[Rows]:
    refs = [ImageRef(f"{n:05d}.png", n) for n in range(FEW)]
    run = find_engine(engine)
    options = Options("in", "out.csv", batch_size=BATCH, workers=2, ray_address=address)
    return run(refs, Step(prepare), make_scorer, options)


def rows_of(batches: Iterator[Rows]) -> list[Row]:
    return sorted(row for rows in batches for row in rows)


def test_a_picture_that_ends_its_process_is_one_row() -> None:
    def prepare(ref: ImageRef) -> Prepared:
        if ref.size == 77:
            os.kill(os.getpid(), signal.SIGSEGV)
        return good(ref)

    rows = rows_of(score(prepare))
    assert len(rows) == FEW
    (failed,) = (row for row in rows if row.status is Status.FAILED)
    assert (failed.ref.size, failed.reasons[0].code) == (77, Code.DECODER_CRASHED)


def test_a_task_whose_worker_is_killed_is_done_again(tmp_path: Path) -> None:
    def prepare(ref: ImageRef) -> Prepared:
        if ref.size == 50 and not (mark := tmp_path / "mark").exists():
            mark.touch()
            os.kill(os.getppid(), signal.SIGKILL)  # Ray's worker, of which this is a child
        return good(ref)

    assert rows_of(score(prepare)) == rows_of(score(engine="local"))


def test_an_actor_that_is_killed_is_started_again(tmp_path: Path) -> None:
    def dying() -> Scorer:
        if not (mark := tmp_path / "mark").exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return make_scorer()

    assert rows_of(score(make_scorer=dying)) == rows_of(score(engine="local"))


def test_what_the_model_raises_arrives() -> None:
    def bad() -> Scorer:
        raise ModelError("its outputs are no probabilities")

    with pytest.raises(ModelError, match="no probabilities"):
        rows_of(score(make_scorer=bad))


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """What the environment of every process holds that this one starts from now on."""
    monkeypatch.setenv("BATCH_PREDICT_TEST", name := uuid4().hex)
    return name.encode()


@pytest.fixture
def temporary_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where Ray makes its folders; its path is short, as those of Ray's sockets have to be."""
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as folder:
        monkeypatch.setenv("RAY_TMPDIR", folder)
        yield Path(folder)


def processes(mark: bytes) -> set[int]:
    """The processes whose environment holds `mark`."""
    found = set()
    for environment in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):  # it has ended, or is another user's
            if mark in environment.read_bytes():
                found.add(int(environment.parent.name))
    return found


@pytest.mark.parametrize("end", ["finished", "closed", "failed"])
def test_nothing_is_left_of_a_run(end: str, mark: bytes, temporary_folder: Path) -> None:
    def bad() -> Scorer:
        raise ModelError("its outputs are no probabilities")

    batches = score(make_scorer=bad if end == "failed" else make_scorer)
    with nullcontext() if end != "failed" else pytest.raises(ModelError):
        next(batches)
        assert processes(mark)
        assert os.listdir(temporary_folder)
        if end == "finished":
            list(batches)
    batches.close()  # type: ignore[attr-defined]
    assert os.listdir(temporary_folder) == []
    deadline = time.monotonic() + 30  # a worker of Ray's notices by and by that Ray has ended
    while processes(mark) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes(mark) == set()


def test_no_cluster_at_the_address() -> None:
    with pytest.raises(UsageError, match=r"there is no Ray cluster at 127\.0\.0\.1:1"):
        rows_of(score(address="127.0.0.1:1"))


def slow_and_noted(notes: Path) -> Callable[..., dict[str, bytes]]:
    """What Ray's tasks run, slow; each notes the node that it was done on."""
    prepare = ray_stages.prepare

    def noted(*arguments: Any) -> dict[str, bytes]:
        time.sleep(0.2)
        answer = prepare(*arguments)
        with notes.open("a") as file:
            file.write(f"{ray.get_runtime_context().get_node_id()}\n")
        return answer

    return noted


@pytest.fixture
def two_nodes() -> Iterator[tuple[str, str, Callable[[], None]]]:
    """A cluster on this machine: its address, its second node's id, and what kills that."""
    nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    second = nodes.add_node(num_cpus=1)
    nodes.wait_for_nodes()
    try:
        yield nodes.address, second.node_id, lambda: nodes.remove_node(second, False)
    finally:
        nodes.shutdown()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_node_that_is_lost_in_the_middle_costs_no_row(
    two_nodes: tuple[str, str, Callable[[], None]],
    mixed: Path,
    mixed_csv: bytes,
    options: Callable[..., Options],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, second, kill = two_nodes
    notes = tmp_path / "notes"
    tasks_before: list[int] = []

    def losing(*arguments: Any) -> Iterator[Rows]:
        for rows in run(*arguments):
            yield rows  # into the work file
            nodes = notes.read_text().split()
            if second in nodes and not tasks_before:
                kill()
                tasks_before.append(len(nodes))

    run = ray_engine.run
    monkeypatch.setattr(ray_engine, "run", losing)
    monkeypatch.setattr(ray_stages, "prepare", slow_and_noted(notes))
    given = {"in_dir": str(mixed), "preprocess": Preprocess.AUTO, "max_failures": Limit(100)}
    asked = options(engine="ray", ray_address=address, batch_size=16, **given)
    assert job.run(asked) == ExitCode.OK
    assert Path(asked.output).read_bytes() == mixed_csv
    assert 0 < tasks_before[0] < COUNT / (4 * asked.batch_size)  # pictures of a task


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_csv_is_the_local_one_and_ray_says_nothing(
    mixed: Path, mixed_csv: bytes, tmp_path: Path
) -> None:
    assert csv_of(mixed, tmp_path, "--engine", "ray") == mixed_csv
