"""A time as a file of a person's answers has it: UTC, to the second.

Texts in order are times in order.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

FORM_OF_TIME: Final = "a time in UTC such as 2026-11-27T08:30:00Z"
_FORM: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


def time_text(when: datetime) -> str:
    """`when`, a time with a zone, as such a file has it."""
    return f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def is_time_text(text: str) -> bool:
    """Whether `text` is such a time."""
    if not _FORM.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:  # the 31st of a month that has 30
        return False
    return True


def unix_ms(text: str) -> float:
    """The time `text` in milliseconds since 1970, as a page's script has it."""
    return datetime.fromisoformat(text).timestamp() * 1000


def time_after(when: datetime, before: str) -> str:
    """`when` as such a file has it, but a second after the time `before` where that is not over.

    So what is said later comes later, also after a clock that was wrong. Nothing is after 9999.
    """
    try:
        next_second = time_text(datetime.fromisoformat(before) + timedelta(seconds=1))
    except OverflowError:
        return before
    return max(time_text(when), next_second)
