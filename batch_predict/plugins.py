"""Tables of plug-ins: a name -> "module:attribute", imported only when asked for."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from batch_predict.errors import OptionError


def resolve(option: str, table: Mapping[str, str], name: str) -> Any:
    """The attribute that `table` gives for `name`, the value of `option`.

    Raises:
        OptionError: the table has no such name; the message lists those it has.
        MissingExtraError: the plug-in's module found its dependency missing.
    """
    if name not in table:
        raise OptionError(option, f"must be one of {', '.join(table)}, received {name!r}")
    return load(table[name])


def load(entry: str) -> Any:
    """The attribute that `entry`, "module:attribute", names; raises as its module does."""
    module, attribute = entry.split(":")
    return getattr(import_module(module), attribute)
