"""The schemas that ship, and what a run wrote held against them."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

MANIFEST: Final[dict[str, Any]] = json.loads(
    files("batch_predict.manifest").joinpath("manifest.schema.json").read_text(encoding="utf-8")
)
REPORT: Final[dict[str, Any]] = json.loads(
    files("batch_predict.report").joinpath("report.schema.json").read_text(encoding="utf-8")
)


def faults(schema: dict[str, Any], form: object) -> list[str]:
    """What of `form` is not as `schema` says: where, and why."""
    found = Draft202012Validator(schema).iter_errors(form)
    return [f"{error.json_path}: {error.message}" for error in found]


def read_json(path: Path) -> Any:
    """What is in the JSON file at `path`; raises ValueError where it has what JSON has not."""

    def refuse(name: str) -> None:
        raise ValueError(f"{path} holds {name}")

    return json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def check_below(folder: Path) -> set[str]:
    """The names of all manifests and JSON reports below `folder`, which are as the schemas say."""
    names = set()
    for schema, pattern in ((MANIFEST, "*.run.json"), (REPORT, "*.report.json")):
        for path in folder.rglob(pattern):
            assert faults(schema, read_json(path)) == [], path
            names.add(path.name)
    return names
