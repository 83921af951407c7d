"""The groups of pictures, as a person names them: writer, form, day."""

from collections.abc import Callable
from typing import Final

from batch_predict.audit.csv_rows import take_rows

HEADER: Final = ("path", "group")
NO_GROUP: Final = "(no group)"


def read_groups(file: str) -> Callable[[str], str]:
    """What gives the group of a path, both as in `file`; NO_GROUP of one that it does not name.

    Raises:
        UsageError: it can't be read, or a line is wrong; the message has the line.
    """
    groups: dict[str, str] = {}

    def take(cells: list[str]) -> None:
        path, group = cells
        if groups.setdefault(path, group) != group:
            raise ValueError(f"{path!r} is in two groups")

    take_rows(file, HEADER, take)
    return lambda path: groups.get(path, NO_GROUP)
