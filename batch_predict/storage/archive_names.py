"""What a file's name says of the kind of archive that it is."""

from collections.abc import Mapping
from typing import Final

#: how the names of files of a kind end, in small letters
ENDINGS: Final[Mapping[str, str]] = {
    ".zip": "zip",
    **dict.fromkeys((".tar", ".tar.gz", ".tgz", ".tar.zst", ".tzst"), "tar"),
    ".parquet": "Parquet",
    **dict.fromkeys(("idx3-ubyte", "idx3-ubyte.gz"), "IDX"),
}
_ALL: Final = tuple(ENDINGS)
_LABELS: Final = ("idx1-ubyte", "idx1-ubyte.gz")


def is_archive_name(name: str) -> bool:
    """Whether `--archives` opens a file of this name, or path."""
    return name.lower().endswith(_ALL)


def is_labels_name(name: str) -> bool:
    """Whether a file of this name holds labels of the pictures in an IDX file beside it."""
    return name.lower().endswith(_LABELS)


def named_kind(name: str) -> str | None:
    """The kind of archive that a file of this name should be; None: none."""
    lower = name.lower()
    return next((kind for end, kind in ENDINGS.items() if lower.endswith(end)), None)
