"""Without a terminal there is at most a line a minute, and only where it is asked for."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from batch_predict.process import progress as module
from batch_predict.process.progress import progress

BATCHES = [[1, 2], [3], [4, 5, 6], [7]]


@pytest.fixture
def minutes(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets how many minutes pass between two looks at the clock."""
    now = 0.0

    def pass_by(each: float) -> None:
        def monotonic() -> float:
            nonlocal now
            now += each * 60
            return now

        monkeypatch.setattr(module.time, "monotonic", monotonic)

    return pass_by


@pytest.mark.parametrize(
    ("verbose", "each", "lines"),
    [
        pytest.param(False, 1.0, [], id="not asked for"),
        pytest.param(True, 0.001, [], id="a short run"),
        pytest.param(
            True,
            1.0,
            [f"{done} of 17 pictures" for done in (12, 13, 16, 17)],
            id="slow batches",
        ),
    ],
)
def test_lines(
    minutes: Callable[[float], None],
    caplog: pytest.LogCaptureFixture,
    verbose: bool,
    each: float,
    lines: list[Any],
) -> None:
    minutes(each)
    caplog.set_level(logging.INFO)
    assert list(progress(BATCHES, 10, 17, verbose=verbose, quiet=False)) == BATCHES
    assert caplog.messages == lines
