"""What a run must reach."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from batch_predict.drift import Drift
from batch_predict.errors import ExitCode, UsageError
from batch_predict.job import run
from batch_predict.manifest.gates import judge, reaches
from batch_predict.manifest.manifest import Manifest
from batch_predict.manifest.run_record import RunRecord
from batch_predict.manifest.walk_counts import Gone
from batch_predict.options import Options
from batch_predict.records import Status
from tests.conftest import ROOT, noise, save
from tests.support.fakes import expected
from tests.support.here import OneByOne

RIGHT = 30  # pictures, all right: the 95% interval begins at 0.8865


@pytest.fixture
def options(options: Callable[..., Options], engine: OneByOne) -> Callable[..., Options]:
    """Its runs fork no workers, which are not what is tested here."""
    return partial(options, engine="here")


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        pytest.param(None, ExitCode.OK, id="no-gate"),
        pytest.param(0.88, ExitCode.OK, id="met"),
        pytest.param(0.99, ExitCode.GATE, id="all-right-but-too-few-to-know"),
    ],
)
def test_min_accuracy_holds_the_lower_end(
    options: Callable[..., Options], tmp_path: Path, wanted: float | None, code: ExitCode
) -> None:
    for seed in range(RIGHT):
        save(tmp_path / "in" / str(expected(noise(seed))[0]) / f"{seed}.png", noise(seed))
    assert run(options(min_accuracy=wanted)) is code


@pytest.mark.parametrize(
    ("interval", "met"),
    [
        pytest.param((0.9, 1.0), True, id="begins where it must"),
        pytest.param((0.8999, 1.0), False, id="begins below"),
        pytest.param(None, False, id="no truth"),
    ],
)
def test_an_interval_reaches(interval: tuple[float, float] | None, met: bool) -> None:
    assert reaches(interval, 0.9) is met


OF_1_0_0 = ROOT / "tests" / "golden" / "manifests_1_0_0" / "whole.run.json"
WHOLE = Manifest.from_json(json.loads(OF_1_0_0.read_text())).record
BY_STATUS = {**WHOLE.counts.by_status, Status.OK: 282, Status.REVIEW: 9, Status.FAILED: 7}
RECORD = replace(WHOLE, counts=replace(WHOLE.counts, by_status=BY_STATUS))  # of 298 pictures


def at_a_distance(psi: float) -> RunRecord:
    return replace(RECORD, drift=Drift("another run", 298, {"digits": 0.1, "ink": psi}))


def without(gone: int) -> RunRecord:
    return replace(RECORD, walk=replace(RECORD.walk, gone=Gone(gone, 20)))


@pytest.mark.parametrize(
    ("record", "limits", "missed"),
    [
        pytest.param(RECORD, {"max_failures": 7}, "", id="as many failed"),
        pytest.param(RECORD, {"max_failures": 6}, "7 of 298 pictures failed", id="one more"),
        pytest.param(RECORD, {"max_failures": "2.34%"}, "7 of 298", id="a larger share"),
        pytest.param(RECORD, {"max_failures": "2.35%"}, "", id="not so large a share"),
        pytest.param(RECORD, {"max_review": 9}, "", id="as many for review"),
        pytest.param(RECORD, {"max_review": 8}, "9 of 298 pictures are for review", id="and more"),
        pytest.param(at_a_distance(0.3), {"max_drift": 0.3}, "", id="as far"),
        pytest.param(at_a_distance(0.3), {"max_drift": 0.2999}, "drift 0.30 (ink)", id="farther"),
        pytest.param(without(10), {}, "", id="half of them gone"),
        pytest.param(without(11), {}, "--max-gone 50% is exceeded", id="more than half"),
        pytest.param(without(3), {"max_gone": 3}, "", id="as many gone"),
        pytest.param(without(4), {"max_gone": 3}, "4 are gone; their rows are", id="and more gone"),
        pytest.param(without(1), {"max_gone": 0}, "1 is gone; its row is", id="one gone"),
    ],
)
def test_a_gate_is_missed_above_its_limit(
    record: RunRecord, limits: dict[str, Any], missed: str
) -> None:
    options = Options("in", "out.csv", incremental=True, **{"max_failures": "100%", **limits})
    result = judge(options, record, None)
    failed = bool(missed) and "max_failures" in limits
    assert result.exit_code is (
        ExitCode.FAILURES if failed else ExitCode.GATE if missed else ExitCode.OK
    )
    assert len(result.missed) == bool(missed)
    assert missed in "".join(result.missed)


def test_failures_win_over_gates(options: Callable[..., Options], tmp_path: Path) -> None:
    save(tmp_path / "in" / "3" / "a.png", noise(0))
    (tmp_path / "in" / "3" / "b.png").write_bytes(b"no picture")
    assert run(options(min_accuracy=0.99)) is ExitCode.FAILURES


def test_without_truth_an_accuracy_is_refused_before_any_work(
    options: Callable[..., Options], engine: OneByOne, tmp_path: Path
) -> None:
    save(tmp_path / "in" / "a.png", noise(0))
    with pytest.raises(UsageError, match=r"--min-accuracy 0\.5 can't be met: no picture"):
        run(options(min_accuracy=0.5))
    assert engine.scored == []
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_with_truth_for_a_failed_picture_alone_the_gate_is_missed(
    options: Callable[..., Options], tmp_path: Path
) -> None:
    save(tmp_path / "in" / "a.png", noise(0))
    (tmp_path / "in" / "3").mkdir()
    (tmp_path / "in" / "3" / "b.png").write_bytes(b"no picture")
    assert run(options(min_accuracy=0.5, max_failures=1)) is ExitCode.GATE
