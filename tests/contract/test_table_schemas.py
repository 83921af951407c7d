"""The Table Schemas (Frictionless) that ship say what the table and a decisions file hold."""

import csv
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import pytest

from batch_predict.decisions.decision import Decision
from batch_predict.decisions.decisions_file import HEADER, parse_decisions
from batch_predict.records import Status
from batch_predict.tables.columns import COLUMNS, ColumnType
from tests.conftest import ROOT

TABLE, DECISIONS = (
    json.loads(files(f"batch_predict.{package}").joinpath(name).read_text(encoding="utf-8"))
    for package, name in (("tables", "table.schema.json"), ("decisions", "decisions.schema.json"))
)
GOLDEN = [ROOT / "tests" / "golden" / name for name in ("rows.csv", "tables_1_0_0/rows.csv")]
SHARE = {"minimum": 0, "maximum": 1}
#: the type of a column -> that of its field, and what a cell may be
TYPES: Mapping[ColumnType, tuple[str, Mapping[str, Any]]] = {
    ColumnType.TEXT: ("string", {"required": True, "unique": True}),
    ColumnType.STATUS: ("string", {"required": True, "enum": list(Status)}),
    ColumnType.REASONS: ("string", {}),
    ColumnType.DIGIT: ("integer", {"minimum": 0, "maximum": 9}),
    ColumnType.PROBABILITY: ("number", SHARE),
    ColumnType.BYTES: ("integer", {"minimum": 0}),
}


def test_every_type_of_a_column_is_known_here() -> None:
    assert set(TYPES) == set(ColumnType)


def test_the_table_has_these_columns_in_this_order_and_no_other() -> None:
    said = [(each["name"], each["type"], each.get("constraints", {})) for each in TABLE["fields"]]
    assert said == [(column.name, *TYPES[column.type]) for column in COLUMNS]
    assert (TABLE["primaryKey"], TABLE["fieldsMatch"]) == (["path"], "superset")


def test_the_decisions_have_these_columns_and_words() -> None:
    assert tuple(each["name"] for each in DECISIONS["fields"]) == HEADER
    said = {each["name"]: each.get("constraints", {}) for each in DECISIONS["fields"]}
    assert said["decision"]["enum"] == list(Decision)
    assert [name for name in said if said[name].get("required")] == list(HEADER[:4])
    good = ("a.png", "0" * 63 + "A", "none", "2026-11-27T08:30:00Z", "", "")
    assert re.fullmatch(said["content"]["pattern"], good[1])
    assert list(parse_decisions(f"{','.join(HEADER)}\n{','.join(good)}\n".encode()))


@pytest.mark.parametrize("schema", [TABLE, DECISIONS], ids=["table", "decisions"])
def test_every_field_is_explained(schema: dict[str, Any]) -> None:
    assert [each["name"] for each in schema["fields"] if not each["description"]] == []


@pytest.mark.parametrize("path", GOLDEN, ids=["now", "1.0.0"])
def test_what_was_written_is_as_the_schema_says(path: Any) -> None:
    by_name = {each["name"]: each for each in TABLE["fields"]}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert set(rows[0]) <= set(by_name)
    for row in rows:
        for name, cell in row.items():
            fits(by_name[name], cell)
    assert len({row["path"] for row in rows}) == len(rows)


def fits(field: Mapping[str, Any], cell: str) -> None:
    """Fails where `cell` is not what `field` of a Table Schema may hold."""
    limits = field.get("constraints", {})
    if cell in TABLE["missingValues"]:
        assert not limits.get("required")
        return
    assert cell in limits.get("enum", [cell])
    if field["type"] != "string":
        value = {"integer": int, "number": float}[field["type"]](cell)
        assert limits["minimum"] <= value <= limits.get("maximum", value)


def test_the_example_of_a_data_package_has_both() -> None:
    package = json.loads((ROOT / "docs" / "datapackage.json").read_text(encoding="utf-8"))
    found = {each["path"]: each.get("schema") for each in package["resources"]}
    assert (found["out.csv"], found["out.decisions.csv"]) == (TABLE, DECISIONS)
    assert set(found) == {"out.csv", "out.decisions.csv", "out.run.json", "out.report.json"}
