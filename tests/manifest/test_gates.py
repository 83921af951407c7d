"""What a run must reach."""

from collections.abc import Callable
from pathlib import Path

import pytest

from batch_predict.errors import ExitCode, UsageError
from batch_predict.job import run
from batch_predict.manifest.gates import reaches
from batch_predict.options import Options
from tests.conftest import noise, save
from tests.support.fakes import expected
from tests.support.here import OneByOne

RIGHT = 30  # pictures, all right: the 95% interval begins at 0.8865


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


def test_failures_win_over_gates(options: Callable[..., Options], tmp_path: Path) -> None:
    save(tmp_path / "in" / "3" / "a.png", noise(0))
    (tmp_path / "in" / "3" / "b.png").write_bytes(b"no picture")
    assert run(options(min_accuracy=0.99)) is ExitCode.FAILURES


def test_without_truth_an_accuracy_is_refused_before_any_work(
    options: Callable[..., Options], engine: OneByOne, tmp_path: Path
) -> None:
    save(tmp_path / "in" / "a.png", noise(0))
    with pytest.raises(UsageError, match=r"--min-accuracy 0\.5 can't be met: no picture"):
        run(options(min_accuracy=0.5, engine="here"))
    assert engine.scored == []
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_with_truth_for_a_failed_picture_alone_the_gate_is_missed(
    options: Callable[..., Options], tmp_path: Path
) -> None:
    save(tmp_path / "in" / "a.png", noise(0))
    (tmp_path / "in" / "3").mkdir()
    (tmp_path / "in" / "3" / "b.png").write_bytes(b"no picture")
    assert run(options(min_accuracy=0.5, max_failures=1)) is ExitCode.GATE
