"""A time of a person's file: one form, and its order is that of its text."""

from datetime import UTC, datetime, timedelta, timezone
from time import tzset

import pytest

from batch_predict.tables.times import is_time_text, time_after, time_text, unix_ms

TIME = "2026-11-27T08:30:00Z"


def test_a_time_is_that_of_greenwich(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever this machine stands."""
    there = timezone(timedelta(hours=2))
    with monkeypatch.context() as here:
        here.setenv("TZ", "Asia/Kathmandu")
        tzset()
        found = time_text(datetime(2026, 11, 27, 10, 30, tzinfo=there))
    tzset()
    assert found == TIME


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        pytest.param(TIME, True, id="as it is written"),
        pytest.param("2026-11-27T08:30:00+00:00", False, id="an offset: its text has no order"),
        pytest.param("2026-11-27T08:30:00.5Z", False, id="a part of a second"),
        pytest.param("2026-11-27 08:30:00Z", False, id="a space"),
        pytest.param("2026-11-31T08:30:00Z", False, id="no such day"),
        pytest.param("2026-11-27T08:30:00", False, id="no zone"),
        pytest.param("\u0662026-11-27T08:30:00Z", False, id="a digit of another script"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_what_is_a_time(text: str, is_one: bool) -> None:
    assert is_time_text(text) is is_one


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("2026-11-27T08:00:00Z", TIME, id="before"),
        pytest.param(TIME, "2026-11-27T08:30:01Z", id="in the same second"),
        pytest.param("2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", id="by a wrong clock"),
        pytest.param("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z", id="the last there is"),
    ],
)
def test_what_is_said_later_comes_later(before: str, after: str) -> None:
    assert time_after(datetime(2026, 11, 27, 8, 30, tzinfo=UTC), before) == after


def test_a_time_of_a_script() -> None:
    assert unix_ms("1970-01-01T00:00:01Z") == 1000
