"""How long the parts of a run took together."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from batch_predict.manifest.clock import Times
from batch_predict.merge.sums import sum_times

NIGHT = datetime(2026, 11, 27, 22, tzinfo=UTC)


def part(start_s: float, duration_s: float) -> Any:
    started = NIGHT + timedelta(seconds=start_s)
    times = Times(started, started + timedelta(seconds=duration_s), duration_s)
    return SimpleNamespace(record=SimpleNamespace(times=times))


@pytest.mark.parametrize(
    ("parts", "seconds"),
    [
        pytest.param([(0, 60), (0, 60)], 60, id="side by side"),
        pytest.param([(0, 60), (20, 60)], 80, id="one began later"),
        pytest.param([(0, 60), (10, 20)], 60, id="one within another"),
        pytest.param([(0, 60), (60, 60)], 120, id="one after the other"),
        pytest.param([(0, 60), (86_400, 60)], 120, id="a day between"),
        pytest.param([(86_400, 60), (0, 60), (10, 100), (30, 1)], 170, id="in any order"),
        pytest.param([(0, 0.001), (0, 0.001)], 0.001, id="the shortest"),
    ],
)
def test_the_time_in_which_a_part_ran(parts: list[tuple[float, float]], seconds: float) -> None:
    found = sum_times([part(*each) for each in parts])
    assert found.duration_s == seconds
    assert found.started == NIGHT
    assert found.ended == NIGHT + timedelta(seconds=max(map(sum, parts)))
