"""The rows of a small CSV file that a person hands over."""

import csv
from collections.abc import Callable, Sequence

from batch_predict.errors import UsageError, printable
from batch_predict.storage.regular_file import check_regular


def take_rows(file: str, header: Sequence[str], take: Callable[[list[str]], None]) -> None:
    """Have `take` take the cells of each row of `file`; blank lines are passed over.

    Raises:
        UsageError: the file can't be read, has another header, or a row of another length; or
            `take` raised ValueError. The message has the line.
    """
    try:
        check_regular(file)
        with open(file, encoding="utf-8-sig", newline="") as text:
            lines = csv.reader(text, strict=True)
            if next(lines, []) != list(header):
                raise ValueError(f"its columns are not {','.join(header)}")
            for cells in filter(None, lines):
                if len(cells) != len(header):
                    raise ValueError(f"{len(cells)} cells, not {len(header)}")
                take(cells)
    except OSError as error:
        raise UsageError(f"can't read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8: save it as CSV in UTF-8") from error
    except (csv.Error, ValueError) as error:
        raise UsageError(f"{file}, line {lines.line_num}: {printable(str(error))}") from error
