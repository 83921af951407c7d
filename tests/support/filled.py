"""An instance of a type with every field filled, whatever fields it has; and a schema's fields."""

import types
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, ClassVar, Union, get_args, get_origin, get_type_hints


def filled(hint: Any, given: Mapping[Any, Any]) -> Any:
    """An instance of the type `hint`; those of the types in `given` are as said there.

    What may be None is there, a sequence has one element, a mapping by an enum all its members.
    """
    if hint in given:
        return given[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return filled(inner[0], given)
    if origin is tuple:
        return tuple(filled(each, given) for each in inner if each is not Ellipsis)
    if origin is not None and issubclass(origin, Mapping):
        key, value = inner
        is_enum = isinstance(key, type) and issubclass(key, Enum)
        keys = list(key) if is_enum else [filled(key, given)]
        return {each: filled(value, given) for each in keys}
    if origin is not None:
        return (filled(inner[0], given),)
    fields = get_type_hints(hint)
    return hint(
        **{
            name: filled(each, given)
            for name, each in fields.items()
            if get_origin(each) is not ClassVar
        }
    )


Path = tuple[str, ...]


class Schema:
    """A JSON Schema, as a tree of the fields that it knows."""

    def __init__(self, root: Mapping[str, Any]) -> None:
        self._root = root

    def fields(self) -> set[Path]:
        """The path of every field; `*` is an element, or a field of a name of its own."""
        return set(self._fields(self._root, ()))

    def met(self, value: object) -> set[Path]:
        """The path of every field that `value` has, with the names of those that are not known."""
        return set(self._met(self._root, value, ()))

    def _inside(self, part: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
        """What lies directly below a part of the schema, by name."""
        for choice in ({"$ref": part.get("$ref")}, *part.get("anyOf", ())):
            if choice.get("$ref"):
                part = self._root["$defs"][choice["$ref"].removeprefix("#/$defs/")]
                break
        below = dict(part.get("properties", {}))
        others = part.get("additionalProperties") or part.get("items")
        return below | {"*": others} if others else below

    def _fields(self, part: Mapping[str, Any], path: Path) -> Iterator[Path]:
        for name, each in self._inside(part).items():
            yield (*path, name)
            yield from self._fields(each, (*path, name))

    def _met(self, part: Mapping[str, Any], value: object, path: Path) -> Iterator[Path]:
        inside = self._inside(part)
        is_list = isinstance(value, list)
        items = value.items() if isinstance(value, dict) else enumerate(value) if is_list else ()
        for key, each in items:
            name = key if key in inside or "*" not in inside else "*"
            yield (*path, name)
            yield from self._met(inside.get(name, {}), each, (*path, name))
