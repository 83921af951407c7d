"""A time of a person's file: one form, and its order is that of its text."""

from datetime import datetime, timedelta, timezone
from time import tzset

import pytest

from batch_predict.tables.times import is_time_text, time_text

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
