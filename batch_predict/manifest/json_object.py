"""A JSON object of a file that anybody may have edited: fields are read with types checked."""

import json
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final, TypeGuard, TypeVar

from batch_predict.drift.profile import is_count

T = TypeVar("T")

_MOST_SHOWN: Final = 40  # characters of a value that a message repeats


class JsonObject:
    """One object of a file; `name` is its path in there, such as `model`, and empty for the whole.

    Every method that takes a field's name raises ValueError where the field is missing or of
    another type. The message names the field and shows what it is.
    """

    def __init__(self, form: object, name: str = "") -> None:
        if not isinstance(form, dict):
            raise ValueError(f"{name or 'it'} is {_shown(form)}, not an object")
        self._form: dict[str, Any] = form
        self._name = name

    def __iter__(self) -> Iterator[str]:
        """The names of the fields, in the order of the file."""
        return iter(self._form)

    def __contains__(self, field: object) -> bool:
        return field in self._form

    def value(self, field: str) -> object:
        """The field, of whatever type."""
        if field not in self._form:
            raise ValueError(f"{self._path(field)} is missing")
        value: object = self._form[field]
        return value

    def scalar(self, field: str) -> str | float | bool | None:
        """Null, true or false, a number or a string: an option may be `inf`."""
        value = self.value(field)
        if value is None or isinstance(value, str | bool | float) or _is_number(value):
            return value
        raise self.error(field, "a text or a number")

    def text(self, field: str) -> str:
        """A string."""
        value = self.value(field)
        if not isinstance(value, str) or not _is_whole(value):
            raise self.error(field, "text")
        return value

    def flag(self, field: str) -> bool:
        """True or false."""
        value = self.value(field)
        if not isinstance(value, bool):
            raise self.error(field, "true or false")
        return value

    def count(self, field: str) -> int:
        """A number of pictures."""
        value = self.value(field)
        if not is_count(value):
            raise self.error(field, "a count")
        return value

    def number(self, field: str) -> float:
        """A finite number; a whole one stays an int."""
        value = self.value(field)
        if not _is_number(value):
            raise self.error(field, "a number")
        return value

    def time(self, field: str) -> datetime:
        """A date and time in ISO 8601 with its offset from UTC; given in UTC."""
        text = self.text(field)
        try:
            found = datetime.fromisoformat(text)
            if found.tzinfo is not None:
                return found.astimezone(UTC)
        except (ValueError, OverflowError):
            pass  # the line below says what is expected
        raise self.error(field, "a time such as 2026-11-24T02:00:00+00:00")

    def optional(self, read: Callable[[str], T], field: str) -> T | None:
        """What `read`, a method of this object, makes of the field; None where it is null."""
        return None if self.value(field) is None else read(field)

    def given(self, read: Callable[[str], T], field: str) -> T | None:
        """What `read`, a method of this object, makes of the field; None where it is missing."""
        return read(field) if field in self else None

    def part(self, read: Callable[["JsonObject"], T], field: str) -> T | None:
        """What `read` makes of the object in the field; None where it is missing."""
        return read(self.child(field)) if field in self else None

    def child(self, field: str) -> "JsonObject":
        """An object."""
        return JsonObject(self.value(field), self._path(field))

    def children(self, field: str) -> list["JsonObject"]:
        """A list of objects."""
        forms = self._list(field, "a list of objects")
        return [JsonObject(form, f"{self._path(field)}[{n}]") for n, form in enumerate(forms)]

    def counts(self, field: str) -> dict[str, int]:
        """An object whose fields are counts."""
        found = self.child(field)
        return {name: found.count(name) for name in found}

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of strings."""
        found = self._list(field, "a list of texts")
        if not all(isinstance(each, str) and _is_whole(each) for each in found):
            raise self.error(field, "a list of texts")
        return tuple(found)

    def numbers(self, field: str) -> tuple[float, ...]:
        """A list of finite numbers."""
        found = self._list(field, "a list of numbers")
        if not all(map(_is_number, found)):
            raise self.error(field, "a list of numbers")
        return tuple(found)

    def error(self, field: str, expected: str) -> ValueError:
        """That the field, which is there, is not what is `expected`."""
        return ValueError(f"{self._path(field)} is {_shown(self._form[field])}, not {expected}")

    def _list(self, field: str, expected: str) -> list[Any]:
        value = self.value(field)
        if not isinstance(value, list):
            raise self.error(field, expected)
        return value

    def _path(self, field: str) -> str:
        return f"{self._name}.{field}" if self._name else field


def _is_whole(text: str) -> bool:
    """Whether `text` can be written: JSON may hold half a character, as `\\ud800`."""
    try:
        text.encode(errors="surrogateescape")  # bytes of a name that are no text
    except UnicodeEncodeError:
        return False
    return True


def _is_number(value: object) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number too large for a float
        return False


def _shown(value: object) -> str:
    """`value` in a few words: what is nested may be deep and long."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
