"""How a file's path is written in the CSV, and read back.

The written form is a bijection of the bytes on disk: UTF-8 text stands as it is, a backslash
becomes `\\x5c`, a byte that is not UTF-8 becomes `\\xNN`, and what a spreadsheet takes for the
beginning of a formula gets `./` before it.
"""

import re
from typing import Final

# Spreadsheets drop what is not seen before a formula, and the East Asian ones take signs of full
# width for the others. A leading tab or line end is guarded for itself.
_FORMULA: Final = re.compile(
    r"[\t\n\r]|[\s\x00-\x20\x7f\u200b-\u200f\u2060\ufeff]*[-=+@\uff1d\uff0b\uff0d\uff20]"
)
_ESCAPE: Final = re.compile(r"\\x([0-9a-f]{2})")
_SURROGATE_BASE: Final = 0xDC00  # os.fsdecode maps the undecodable byte b to chr(0xDC00 + b)


def escape(name: str) -> str:
    """A name, or several joined by `/`, in the written form but for the formula guard."""
    if name.isascii() and "\\" not in name:
        return name
    name = name.replace("\\", r"\x5c")
    return "".join(
        f"\\x{ord(c) - _SURROGATE_BASE:02x}" if "\udc80" <= c <= "\udcff" else c for c in name
    )


def to_csv(name: str) -> str:
    """`name`, relative to in_dir, as the CSV writes it; a byte that is not UTF-8 is a surrogate."""
    written = escape(name)
    return f"./{written}" if _FORMULA.match(written) else written


def from_csv(path: str) -> str:
    """The inverse of `to_csv`: a name relative to in_dir (see `storage.system_names`)."""
    name = path.removeprefix("./")
    return _ESCAPE.sub(_unescape, name) if "\\" in name else name


def as_text(name: str) -> str:
    """`name` for a person to read: `\\xNN` for each byte that is not UTF-8, all else as it is."""
    if name.isascii():
        return name
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _unescape(match: re.Match[str]) -> str:
    byte = int(match[1], 16)
    return "\\" if byte == ord("\\") else chr(_SURROGATE_BASE + byte)


def top_folder(path: str) -> str:
    """The first folder of `path`, as the CSV writes it, below in_dir; empty where it is in none."""
    first, parted, _ = path.removeprefix("./").partition("/")
    return first if parted else ""
