"""The Ray engine: faults cost retries, rows are the local engine's, and Ray says nothing."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from batch_predict.engines import find_engine
from batch_predict.errors import InputError, ModelError
from batch_predict.options import Options
from batch_predict.prepare import PrepareStep
from batch_predict.records import ImageRef, Prepared, Row, Status
from batch_predict.scoring import Scorer
from tests import fakes
from tests.conftest import MODEL_BYTES, ROOT, noise, save

pytestmark = [pytest.mark.ray, pytest.mark.timeout(120)]

BATCH = 8
COUNT = 200


def good(ref: ImageRef) -> Prepared:
    return Prepared(ref, noise(ref.size))


def make_scorer() -> Scorer:
    return Scorer(fakes.load("", BATCH, 0), BATCH, None)


def score(
    prepare: PrepareStep = good,
    make_scorer: Callable[[], Scorer] = make_scorer,
    address: str | None = None,
    engine: str = "ray",
) -> Iterator[list[Row]]:
    refs = [ImageRef(f"{n:05d}.png", n, 0, None) for n in range(COUNT)]
    run = find_engine(engine)
    options = Options("in", "out.csv", batch_size=BATCH, workers=2, ray_address=address)
    return run(refs, prepare, make_scorer, options)


def rows_of(batches: Iterator[list[Row]]) -> list[Row]:
    return sorted(row for rows in batches for row in rows)


def test_a_picture_that_ends_its_process_is_one_row() -> None:
    def prepare(ref: ImageRef) -> Prepared:
        if ref.size == 77:
            os.kill(os.getpid(), signal.SIGSEGV)
        return good(ref)

    rows = rows_of(score(prepare))
    assert len(rows) == COUNT
    (failed,) = (row for row in rows if row.status is Status.FAILED)
    assert (failed.ref.size, failed.reason.split(":")[0]) == (77, "decoder_crashed")


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


def test_no_cluster_at_the_address() -> None:
    with pytest.raises(InputError, match=r"there is no Ray cluster at 127\.0\.0\.1:1"):
        rows_of(score(address="127.0.0.1:1"))


@pytest.fixture
def cluster() -> Iterator[tuple[str, Callable[[], None]]]:
    """Two nodes on this machine: the address, and what kills the second."""
    from ray.cluster_utils import Cluster

    nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    second = nodes.add_node(num_cpus=1)
    nodes.wait_for_nodes()
    try:
        yield nodes.address, lambda: nodes.remove_node(second, allow_graceful=False)
    finally:
        nodes.shutdown()


def test_a_node_that_is_lost_costs_no_row(cluster: tuple[str, Callable[[], None]]) -> None:
    address, kill = cluster

    def slow(ref: ImageRef) -> Prepared:
        time.sleep(0.02)
        return good(ref)

    batches = score(slow, address=address)
    rows = next(batches)
    kill()
    assert sorted(rows + rows_of(batches)) == rows_of(score(engine="local"))


def test_the_csv_is_the_local_one_and_ray_says_nothing(tmp_path: Path) -> None:
    for n in range(2_996):
        save(tmp_path / "in" / str(n % 10) / f"{n}.png", noise(n))
    save(tmp_path / "in" / "wide.png", noise(1).repeat(100, 1))
    save(tmp_path / "in" / "huge.png", noise(2).repeat(80, 0).repeat(80, 1))  # 5 megapixels
    (tmp_path / "in" / "cut.png").write_bytes((tmp_path / "in/0/0.png").read_bytes()[:300])
    (tmp_path / "in" / "empty.png").touch()
    model = tmp_path / "fake.keras"
    model.write_bytes(MODEL_BYTES)
    for engine in ("local", "ray"):
        command = [sys.executable, "-m", "tests.s3.with_fake_runtime", str(tmp_path / "in")]
        command += [str(tmp_path / f"{engine}.csv"), "--engine", engine, "--model", str(model)]
        command += ["--max-failures", "3", "--batch-size", "64"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert len(done.stdout.splitlines()) == 1
    assert (tmp_path / "ray.csv").read_bytes() == (tmp_path / "local.csv").read_bytes()
