"""JSON that somebody edited: a field gone, or of another type."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

import pytest

DEEP: Final = "[" * 100_000 + "]" * 100_000  # more levels than a parser of JSON goes down

#: what a field may be replaced by
VALUES: Final = (
    pytest.param("text", id="a text"),
    pytest.param("", id="an empty text"),
    pytest.param("\ud800", id="half a character"),
    pytest.param(None, id="null"),
    pytest.param(True, id="true"),
    pytest.param(-1, id="a negative number"),
    pytest.param(0.5, id="a fraction"),
    pytest.param(10**400, id="a number above every float"),
    pytest.param(float("nan"), id="not a number"),
    pytest.param([], id="an empty list"),
    pytest.param([{"what": []}], id="a list of objects"),
    pytest.param({}, id="an empty object"),
    pytest.param({"ok": {"deeper": [[[[]]]]}}, id="an object in an object"),
)


def fields(form: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every field of `form`, however deep."""
    names = form if isinstance(form, dict) else range(len(form)) if isinstance(form, list) else ()
    for name in names:
        yield (*path, name)
        yield from fields(form[name], (*path, name))


def without(form: Any, path: tuple[Any, ...]) -> Any:
    """A copy of `form` without the field at `path`."""
    copy = deepcopy(form)
    del _parent(copy, path)[path[-1]]
    return copy


def replaced(form: Any, path: tuple[Any, ...], value: object) -> Any:
    """A copy of `form` with `value` as the field at `path`."""
    copy = deepcopy(form)
    _parent(copy, path)[path[-1]] = value
    return copy


def _parent(form: Any, path: tuple[Any, ...]) -> Any:
    for name in path[:-1]:
        form = form[name]
    return form
