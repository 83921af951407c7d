"""The options of a run as its manifest holds them."""

from dataclasses import fields
from math import isfinite
from typing import Any, Final

from batch_predict.errors import UsageError
from batch_predict.manifest.json_object import JsonObject
from batch_predict.options import DEFAULTS, TYPES, Options

#: options that the manifests of 1.0.0 do not have yet; where one is missing, it has its default
ADDED_SINCE_1_0: Final[frozenset[str]] = frozenset(
    "exclude no_labels overwrite max_gone decisions max_error audit archives files_from"
    " null".split()
)

STORED: Final = tuple(each.name for each in fields(Options))


def options_to_json(options: Options) -> dict[str, Any]:
    """The field `arguments`: every option by name, as JSON or as the command line writes it.

    One that was added since 1.0.0 is left out where it has its default.
    """
    return {
        name: _plain(value)
        for name, value in ((name, getattr(options, name)) for name in STORED)
        if name not in ADDED_SINCE_1_0 or value != DEFAULTS[name]
    }


def options_from_json(manifest: JsonObject) -> Options:
    """The options of the run that `manifest` describes.

    `in_dir` and `output` are the manifest's own fields of these names, which who moves the files
    edits first.

    Raises:
        ValueError: one is missing, or is none that `Options` takes.
    """
    arguments = manifest.child("arguments")
    read: dict[str, Any] = {
        name: arguments.texts(name) if issubclass(TYPES[name], tuple) else arguments.scalar(name)
        for name in STORED
        if name in arguments or name not in ADDED_SINCE_1_0
    }
    read |= {"in_dir": manifest.text("in_dir"), "output": manifest.text("output")}
    try:
        return Options(**read)
    except UsageError as error:
        raise ValueError(f"arguments: {error}") from error


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and isfinite(value):
        return value
    return str(value)  # text, an enum, a limit, a shard; JSON has no number that is `inf`
