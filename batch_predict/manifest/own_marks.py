"""How a file that this program wrote is known again: each kind carries a mark."""

import json
import os
import re
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, Final

from batch_predict.audit.plan import SCHEMA as AUDIT_SCHEMA
from batch_predict.errors import MissingExtraError
from batch_predict.process.run_status import SCHEMA as STATUS_SCHEMA
from batch_predict.tables.columns import begins_as_ours
from batch_predict.tables.registry import WRITERS, read_names

GENERATOR: Final = "batch_predict"  # of a page, in its head; of a sheet, its text `Software`
SCHEMA: Final = "batch_predict.report/1"  # of the report's figures
_SCHEMAS: Final = (SCHEMA, STATUS_SCHEMA, AUDIT_SCHEMA)
METRIC: Final = "batch_predict_"  # every metric's name begins so
_PAGE_MARK: Final = f'<meta name="generator" content="{GENERATOR}'.encode()
_SHEET_MARK: Final = f"tEXtSoftware\0{GENERATOR}".encode()
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_HEAD: Final = 4096  # bytes: the marks are at the beginning
_LONGEST: Final = 1 << 26  # bytes of JSON or metrics of ours; what is longer is none
_METRIC_LINE: Final = re.compile(rf"(?:# (?:HELP|TYPE|UNIT) )?{METRIC}|# EOF$|$")
# The sheets of 1.0.0 have no text: four cells of two pictures of 140 pixels across, RGB.
_SHEET_OF_1_0: Final = re.compile(
    rb"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (1120).to_bytes(4, "big") + rb"[\s\S]{4}\x08\x02\0\0\0"
)


def has_mark(file: BinaryIO, name: str) -> bool:
    """Whether the `file` of this name, read from its start, has the mark of what it is to be."""
    is_ours = _MARKS.get(os.path.splitext(name)[1].lower())
    return is_ours is not None and is_ours(file)


def is_sheet_of_1_0(file: BinaryIO) -> bool:
    """Whether `file` may be a sheet of 1.0.0, which has no mark."""
    return _SHEET_OF_1_0.match(file.read(_HEAD)) is not None


def json_object(file: BinaryIO) -> dict[str, Any]:
    """The object in `file`; empty where it holds something else."""
    try:
        form = json.loads(file.read(_LONGEST))
    except (ValueError, RecursionError):
        return {}
    return form if isinstance(form, dict) else {}


def _is_table(file: BinaryIO) -> bool:
    try:
        return begins_as_ours(read_names(file))
    except (ValueError, MissingExtraError):
        return False


def _is_json(file: BinaryIO) -> bool:
    form = json_object(file)
    return "manifest_version" in form or form.get("schema") in _SCHEMAS


def _is_page(file: BinaryIO) -> bool:
    return _PAGE_MARK in file.read(_HEAD)


def _is_metrics(file: BinaryIO) -> bool:
    try:
        lines = file.read(_LONGEST).decode().splitlines()
    except ValueError:
        return False
    return any(lines) and all(map(_METRIC_LINE.match, lines))


def _is_sheet(file: BinaryIO) -> bool:
    head = file.read(_HEAD)
    return head.startswith(_PNG) and _SHEET_MARK in head


#: the suffix of an output -> whether a file has the mark of its kind
_MARKS: Final[Mapping[str, Callable[[BinaryIO], bool]]] = {
    **dict.fromkeys(WRITERS, _is_table),
    ".json": _is_json,
    ".html": _is_page,
    ".prom": _is_metrics,
    ".png": _is_sheet,
}
