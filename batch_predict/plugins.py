"""Tables of plug-ins: a name -> "module:attribute", imported only when asked for."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from batch_predict.errors import UsageError


def resolve(kind: str, table: Mapping[str, str], name: str) -> Any:
    """The attribute that `table` gives for `name`.

    Raises:
        UsageError: the table has no such name; the message lists those it has.
        MissingExtraError: the plug-in's module found its dependency missing.
    """
    if name not in table:
        raise UsageError(f"unknown {kind} {name!r}: known are {', '.join(table)}")
    return load(table[name])


def load(entry: str) -> Any:
    """The attribute that `entry`, "module:attribute", names; raises as its module does."""
    module, attribute = entry.split(":")
    return getattr(import_module(module), attribute)
