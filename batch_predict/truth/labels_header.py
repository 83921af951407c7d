"""Which line of a labels file names its columns, and which of these hold paths and digits."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TextIO

from batch_predict.tables.csv_paths import as_text

PATH_NAMES: Final = "path filepath filename file image img picture photo name id".split()
LABEL_NAMES: Final = (
    "truth groundtruth gt gold expected actual label labels digit class target category annotation"
    " number value y"
).split()
#: words for what is true; `true_label` beside `label` says that `label` is somebody's answer
_TRUE: Final = frozenset("truth groundtruth ground gt true gold actual expected".split())
#: words for what a model answered, which is no truth whatever else the column is called
_ANSWERED: Final = frozenset(
    "predicted prediction predictions pred predict model confidence score probability".split()
)
#: names that count only as the whole of a column's name, not as a word in it: "page number"
_ONLY_ALONE: Final = frozenset({"number", "value"})
_BETWEEN_WORDS: Final = re.compile(r"[\W_]+|(?<=[a-z])(?=[A-Z])")  # of "image_name", "imageName"
DELIMITERS: Final = "\t;|,"  # the one that yields both columns; on a tie the first
_SEPARATOR: Final = re.compile(r'"?sep=(.?)', re.IGNORECASE)  # a first line for Excel
COMMENT: Final = "#"
MOST_SHOWN: Final = 80  # characters of a first line that may be anything


class Header(NamedTuple):
    """The line that names the columns."""

    names: list[str]
    path_at: int
    label_at: int
    alone: int  # how many of the two are named by a usual name alone
    delimiter: str
    line: int  # where it begins, from 1
    start: int  # for `seek`


def find_header(text: TextIO) -> Header:
    """The first line that is neither blank nor a comment, read with the delimiter that fits.

    Where that names no columns, a comment before it may: `# path,label`.

    Raises ValueError where none does.
    """
    delimiters = DELIMITERS
    comments: list[tuple[int, int]] = []
    start, number = text.tell(), 1
    while line := text.readline():
        separator = _SEPARATOR.match(line)
        if separator:
            delimiters = separator[1].strip("\r\n") + DELIMITERS
        elif line.startswith(COMMENT):
            comments.append((start, number))
        elif line.strip(f"{DELIMITERS} \r\n"):
            break
        start, number = text.tell(), number + 1
    found = _with_columns(text, start, number, delimiters)
    if found:
        return found
    for place in reversed(comments):
        found = _with_columns(text, *place, delimiters)
        if found and found.alone == 2:
            return found
    raise ValueError(_no_columns(line, delimiters))


def _with_columns(text: TextIO, start: int, line: int, delimiters: str) -> Header | None:
    """The header at `start`, by the best of `delimiters`; None where none yields both columns."""
    found = []
    for delimiter in dict.fromkeys(delimiters):
        text.seek(start)
        names = next(reader(text, delimiter), [])
        if names:
            names[0] = names[0].lstrip(f"{COMMENT} ")
        path = _column(names, PATH_NAMES)
        label = _column(list(map(_as_truth, names)), LABEL_NAMES, taken=path and path[0])
        if path and label:
            alone = path[1] + label[1]
            found.append(Header(names, path[0], label[0], alone, delimiter, line, start))
    return max(found, key=lambda each: (each.alone, len(each.names)), default=None)


def reader(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """The rows of `lines`."""
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True)


def _column(
    header: Sequence[str], names: Sequence[str], taken: int | None = None
) -> tuple[int, bool] | None:
    """The index in `header` of the first of `names`, and whether it stands alone.

    It may be a word of the column's name (`image_name`). None where there is none.
    """
    words = {
        at: [word.casefold() for word in _BETWEEN_WORDS.split(name)]
        for at, name in enumerate(header)
        if at != taken
    }
    alone = {at: {"".join(each)} for at, each in words.items()}
    parts = {at: set(each) - _ONLY_ALONE for at, each in words.items()}
    for known in (alone, parts):
        for name in names:
            for at, said in known.items():
                if name in said:
                    return at, known is alone
    return None


def _as_truth(name: str) -> str:
    """`truth` where `name` says that its column holds it, "" where it is of a model's answers."""
    words = {word.casefold() for word in _BETWEEN_WORDS.split(name) if word}
    if words & _ANSWERED:
        return ""
    is_true = words & _TRUE and words != {"ground"} and words <= _TRUE.union(LABEL_NAMES)
    return "truth" if is_true else name


def _no_columns(line: str, delimiters: str) -> str:
    """Which column is missing in `line`, which is shown as it stands in the file."""
    header = next(reader([line], max(delimiters, key=line.count)), [])
    what, usual = ("labels", LABEL_NAMES) if _column(header, PATH_NAMES) else ("paths", PATH_NAMES)
    shown = as_text(line.rstrip("\r\n")[:MOST_SHOWN])
    names = ", ".join(usual)
    return f"no column with {what} in its first line '{shown}'; name it one of {names}"
