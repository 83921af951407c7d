"""The Ray engine: faults cost retries, rows are the local engine's, and Ray says nothing."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from pathlib import Path
from uuid import uuid4

import pytest
import ray
from ray.cluster_utils import Cluster

from batch_predict import job
from batch_predict.engines import blocks, find_engine, ray_cluster
from batch_predict.engines.ray_engine import _Shares, check_sees
from batch_predict.errors import ExitCode, InputError, ModelError, UsageError
from batch_predict.normalize.modes import Preprocess
from batch_predict.option_values import Limit
from batch_predict.options import Options
from batch_predict.records import Code, Failure, ImageRef, Prepared, Reason, Row, Status
from batch_predict.rows import Rows
from batch_predict.scoring import Scorer, unscored
from tests.conftest import noise
from tests.support import fakes
from tests.support.mixed import COUNT, csv_of
from tests.support.steps import Step

pytestmark = pytest.mark.ray

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


def test_what_a_killed_actor_has_not_answered_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "_FILES", 20)

    def prepare(ref: ImageRef) -> Prepared:
        if ref.size == 150 and not (mark := tmp_path / "mark").exists():
            mark.touch()
            os.kill(os.getppid(), signal.SIGKILL)  # the actor, of which this is a child
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
    deadline = time.monotonic() + 60  # a worker of Ray's notices by and by that Ray has ended
    while processes(mark) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes(mark) == set()


def test_no_cluster_at_the_address() -> None:
    with pytest.raises(UsageError, match=r"there is no Ray cluster at 127\.0\.0\.1:1"):
        rows_of(score(address="127.0.0.1:1"))


def test_a_cluster_that_can_not_be_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ConnectionError("no such cluster")

    monkeypatch.setattr(ray_cluster, "_probe", lambda address: None)
    monkeypatch.setattr(ray, "init", refuse)
    with pytest.raises(UsageError, match=r"can't join a Ray cluster at 10\.0\.0\.1:6379: "):
        rows_of(score(address="10.0.0.1:6379"))


@pytest.mark.parametrize(
    ("code", "name", "sees"),
    [
        pytest.param(Code.VANISHED, "here.png", False, id="gone there, not here"),
        pytest.param(Code.UNREADABLE, "here.png", False, id="another there"),
        pytest.param(Code.VANISHED, "gone.png", True, id="gone here, too"),
        pytest.param(Code.CORRUPT, "here.png", True, id="it was read"),
    ],
)
def test_a_node_that_does_not_see_the_folder(
    code: Code, name: str, sees: bool, tmp_path: Path
) -> None:
    (tmp_path / "here.png").write_bytes(b"here")
    rows = Rows.of([unscored(Failure(ImageRef(name), Reason(code, "words")))])
    with (
        nullcontext()
        if sees
        else pytest.raises(InputError, match=r"node b does not see /.*: every")
    ):
        check_sees("b", rows, Options(str(tmp_path), "out.csv"))


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
    lost: list[int] = []  # pictures
    begin, receive = _Shares._begin_missing, _Shares.receive

    def begin_all(self: _Shares) -> None:
        begin(self)
        if not lost:  # so that each gets a block
            calls = [share.calls[0] for share in self._shares.values()]
            ray.wait(calls, num_returns=len(calls))

    def losing(self: _Shares) -> Iterator[Rows]:
        if (left := self._shares[second].left if second in self._shares else {}) and not lost:
            kill()
            lost.append(len(left))
        return receive(self)

    monkeypatch.setattr(_Shares, "_begin_missing", begin_all)
    monkeypatch.setattr(_Shares, "receive", losing)
    monkeypatch.setattr(blocks, "_FILES", 100)
    given = {"in_dir": str(mixed), "preprocess": Preprocess.AUTO, "max_failures": Limit(100)}
    asked = options(engine="ray", ray_address=address, batch_size=16, **given)
    assert job.run(asked) == ExitCode.OK
    assert Path(asked.output).read_bytes() == mixed_csv
    assert 0 < lost[0] < COUNT / 4


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_csv_is_the_local_one_and_ray_says_nothing(
    mixed: Path, mixed_csv: bytes, tmp_path: Path
) -> None:
    assert csv_of(mixed, tmp_path, "--engine", "ray") == mixed_csv
