"""How far a run is, for who looks from outside."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from batch_predict import job
from batch_predict.errors import UsageError
from batch_predict.options import Options
from batch_predict.process import run_status as module
from batch_predict.process.run_status import run_status
from tests.conftest import noise, save
from tests.support.here import OneByOne


class Clock:
    """Stands for the module's clock."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def states(path: Path, clock: Clock, *, every_s: float) -> Iterator[dict[str, Any] | None]:
    """What the file holds after each of six batches of 10 pictures, which take `every_s`."""
    with run_status(str(path)) as status:
        status.begin("scoring", done=40, total=100)
        for _ in status.counted([10] * 6, lambda size: size):
            yield json.loads(path.read_text()) if path.exists() else None
            clock.now += every_s


def test_it_tells_the_phase_and_how_much_is_done(tmp_path: Path, clock: Clock) -> None:
    *_, last = states(tmp_path / "out.status.json", clock, every_s=2)
    assert last is not None
    for name in ("host", "started", "updated"):
        assert last.pop(name)
    assert last == {
        "schema": "batch_predict.status/1",
        "phase": "scoring",
        "done": 90,
        "total": 100,
        "pictures_per_s": 5.0,
        "seconds_left": 2,
        "process": os.getpid(),
    }
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("every_s", "seen"),
    [
        pytest.param(0.1, [], id="a-run-of-half-a-second"),
        pytest.param(0.4, [70], id="once-a-second"),
        pytest.param(1.0, [50, 60, 70, 80, 90], id="slow-batches"),
    ],
)
def test_it_is_written_once_a_second_at_most(
    tmp_path: Path, clock: Clock, every_s: float, seen: list[int]
) -> None:
    found = [state["done"] for state in states(tmp_path / "x", clock, every_s=every_s) if state]
    assert sorted(set(found)) == seen


@pytest.mark.usefixtures("clock")
def test_it_goes_with_an_error_and_so_does_one_of_a_killed_run(tmp_path: Path) -> None:
    stale, temporary = tmp_path / "out.status.json", tmp_path / ".out.status.json.tmp"
    for path in (stale, temporary):
        path.write_text("{}")

    def interrupted() -> None:
        with run_status(str(stale)):
            assert not stale.exists()
            stale.write_text("{}")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_costs_the_state_alone(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replace(source: str, target: str) -> None:
        raise OSError(28, "No space left on device", target)

    monkeypatch.setattr(os, "replace", replace)
    assert list(states(tmp_path / "x", clock, every_s=2)) == [None] * 6


def test_a_run_has_one_while_it_is_on(
    tmp_path: Path,
    options: Callable[..., Options],
    engine: OneByOne,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_EVERY_S", 1e-9)
    path = tmp_path / "out.status.json"
    found = {}
    engine.before = lambda name, number: found.update({name: json.loads(path.read_text())})
    for name in "ab":
        save(tmp_path / "in" / f"{name}.png", noise(0))
    job.run(options(engine="here"))
    assert [state["phase"] for state in found.values()] == ["walking", "scoring"]
    assert found["b.png"]["done"] == 1
    assert found["b.png"]["total"] == 2
    assert not path.exists()


def test_one_of_somebody_else_is_left_alone(
    tmp_path: Path, options: Callable[..., Options], engine: OneByOne
) -> None:
    save(tmp_path / "in" / "a.png", noise(0))
    path = tmp_path / "out.status.json"
    path.write_text('{"mine": 1}')
    with pytest.raises(UsageError, match=r"out\.status\.json is there already and is not an"):
        job.run(options(engine="here"))
    assert path.read_text() == '{"mine": 1}'
    path.write_text('{"schema": "batch_predict.status/1", "process": 1}')
    job.run(options(engine="here"))
    assert not path.exists()
