"""`out.decisions.csv`, what a person decided: read whole, or refused with the line and the mend.

`review` writes it, or whoever likes; no run ever does.
"""

import codecs
import csv
import io
import os
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Final, NamedTuple

from batch_predict.decisions.decision import Decided, Decision
from batch_predict.errors import UsageError, printable
from batch_predict.storage import locate
from batch_predict.storage.regular_file import check_regular
from batch_predict.tables.csv_table import quoted_line
from batch_predict.tables.times import FORM_OF_TIME, is_time_text

HEADER: Final = Decided._fields
_CONTENT: Final = re.compile(r"[0-9a-f]{64}")
_DECISIONS: Final = {str(decision): decision for decision in Decision}
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MOST_SHOWN: Final = 80  # characters of what may be anything


class DecisionsFile(NamedTuple):
    """A decisions file as it was when it was read."""

    address: str
    sha256: str  # of its bytes
    rows: tuple[Decided, ...]  # in the order of the file


def read_decisions(address: str) -> DecisionsFile | None:
    """The file at `address`, a path or one in a bucket; None where there is none.

    Raises:
        UsageError: it can't be read, or a line is not what it should be; the message names the
            line and says how to mend it.
    """
    try:
        if "://" not in address and os.path.lexists(address):  # a link that leads nowhere, too
            check_regular(address)
        storage, name = locate(address)
        file = storage.open(name)
        if file is None:
            return None
        with file:
            data = file.read()
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"the decisions in {address} can't be read: {reason}") from error
    try:
        rows = tuple(parse_decisions(data))
    except ValueError as error:
        raise UsageError(f"the decisions in {address} can't be taken: {error}") from error
    return DecisionsFile(address, sha256(data).hexdigest(), rows)


def parse_decisions(data: bytes) -> Iterator[Decided]:
    """The rows of a decisions file with the bytes `data`, in its order, but for blank lines.

    Raises:
        ValueError: a line is not what it should be; the message names it, and the mend.
    """
    reader = csv.reader(io.StringIO(_text(data), newline=""), strict=True)
    line = 1  # where the row begins: one with a note in several lines takes as many
    try:
        _check_header(next(reader, []))
        line = reader.line_num + 1
        for cells in reader:
            if cells:
                yield _decided(cells)
            line = reader.line_num + 1
    except (csv.Error, ValueError) as error:
        raise ValueError(f"line {line}: {error}") from error


def header_line() -> str:
    """The first line of a decisions file."""
    return quoted_line(HEADER)


def row_line(decided: Decided) -> str:
    """The line, or with a note in several lines those, that hold `decided`."""
    return quoted_line(decided)


def _text(data: bytes) -> str:
    """The text of `data`, without the mark that Excel begins a file with."""
    if data.startswith(_UTF16_MARKS):
        raise ValueError("line 1: the file is UTF-16; save it as CSV in UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, byte = data.count(b"\n", 0, error.start) + 1, data[error.start]
        raise ValueError(
            f"line {line}: byte {byte:#04x} is not UTF-8; save the file as CSV in UTF-8"
        ) from error
    if (at := text.find("\0")) >= 0:
        line = text.count("\n", 0, at) + 1
        raise ValueError(f"line {line}: a zero byte, as a file that was cut short has; remove it")
    return text


def _check_header(header: list[str]) -> None:
    if tuple(header) != HEADER:
        found = f"received {_shown(','.join(header))}" if header else "there is none"
        raise ValueError(f"the header must be {','.join(HEADER)}; {found}")


def _decided(cells: list[str]) -> Decided:
    """The row of `cells`; raises ValueError for what is none."""
    if len(cells) != len(HEADER):
        raise ValueError(
            f"{len(cells)} cells, not {len(HEADER)}; a cell that holds a comma stands in quotes"
        )
    path, content, name, decided_at, by, note = cells
    if not path:
        raise ValueError("path is empty; it must be that of a row")
    content = content.lower()
    if not _CONTENT.fullmatch(content):
        raise ValueError(
            "content must be the sha256 of the file, 64 hexadecimal digits, "
            f"received {_shown(content)}"
        )
    decision = _DECISIONS.get(name)
    if decision is None:
        raise ValueError(
            f"decision must be one of {', '.join(_DECISIONS)}, received {_shown(name)}"
        )
    if not is_time_text(decided_at):
        raise ValueError(f"decided_at must be {FORM_OF_TIME}, received {_shown(decided_at)}")
    return Decided(path, content, decision, decided_at, by, note)


def _shown(text: str) -> str:
    text = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
    return f"'{printable(text)}'"
