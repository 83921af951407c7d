"""Labels that an archive keeps in members of their own, as WebDataset does: key and value."""

import json
import re
from typing import Final

LABELS_NAME: Final = "labels.csv"  # a table of truth beside pictures
_FIELDS: Final = ("cls", "json")  # of a sample, as WebDataset has them
_BYTES_MAX: Final = 64 << 10  # of a label: what is longer is a document
_DIGIT: Final = re.compile(r"0*([0-9])(?:\.0*)?")  # 7, or 7.0 as a table with gaps has it


def key_of(name: str) -> str:
    """The key of the sample that `name` is of: up to the *first* dot of its last part.

    As WebDataset has it: `7/a.b.png` and `7/a.cls` are of the sample `7/a`.
    """
    folder, slash, last = name.rpartition("/")
    return f"{folder}{slash}{last.partition('.')[0]}"


def is_label(name: str, size: int) -> bool:
    """Whether the member `name` of `size` bytes may state what a picture shows."""
    return size <= _BYTES_MAX and _field(name) in _FIELDS


def statement(name: str, content: bytes) -> str | None:
    """What the member `name` states of its sample, as text; None: nothing."""
    text = content.decode(errors="replace").strip()
    if _field(name) == "cls":
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, dict):
        value = value.get("label", value.get("cls"))
    is_value = isinstance(value, (int, float, str)) and not isinstance(value, bool)
    return str(value) if is_value else None


def digit_of(text: str) -> int | None:
    """The digit that `text` says; None: it says another thing."""
    found = _DIGIT.fullmatch(text.strip())
    return int(found[1]) if found else None


def _field(name: str) -> str:
    last = name[name.rfind("/") + 1 :]
    return last.partition(".")[2].lower() if last[:1] != "." else ""
