"""The groups of pictures, as a person names them: writer, form, day."""

import csv
from collections.abc import Callable
from typing import Final

from batch_predict.errors import UsageError, printable
from batch_predict.storage.input_file import check_input

HEADER: Final = ("path", "group")
NO_GROUP: Final = "(no group)"


def read_groups(file: str) -> Callable[[str], str]:
    """What gives the group of a path, both as in `file`; NO_GROUP of one that it does not name.

    Raises:
        UsageError: it can't be read, or a line is wrong; the message has the line.
    """
    groups: dict[str, str] = {}
    try:
        check_input(file)
        with open(file, encoding="utf-8-sig", newline="") as text:
            lines = csv.reader(text, strict=True)
            header = tuple(next(lines, ()))
            if header != HEADER:
                raise ValueError(f"its columns are not {','.join(HEADER)}")
            for cells in lines:
                if not cells:
                    continue
                if len(cells) != len(HEADER):
                    raise ValueError(f"{len(cells)} cells, not {len(HEADER)}")
                path, group = cells
                if groups.setdefault(path, group) != group:
                    raise ValueError(f"{path!r} is in two groups")
    except OSError as error:
        raise UsageError(f"can't read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8") from error
    except (csv.Error, ValueError) as error:
        raise UsageError(f"{file}, line {lines.line_num}: {printable(str(error))}") from error
    return lambda path: groups.get(path, NO_GROUP)
