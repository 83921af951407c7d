"""A decisions file is read whole, however it was saved, or refused with line and mend."""

import codecs
import os
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_predict.decisions.decision import Decided, Decision
from batch_predict.decisions.decisions_file import (
    header_line,
    parse_decisions,
    read_decisions,
    row_line,
)
from batch_predict.errors import UsageError

HASH = sha256(b"a picture").hexdigest()
TIME = "2026-11-27T08:30:00Z"
HEADER = "path,content,decision,decided_at,by,note"
SEVEN = Decided("a.png", HASH, Decision.DIGIT_7, TIME, "Ann", "")
LINE = f"a.png,{HASH},7,{TIME},Ann,"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(f"{HEADER}\n{LINE}\n".encode(), id="as it is written"),
        pytest.param(f"{HEADER}\n{LINE}".encode(), id="no line end at the end"),
        pytest.param(f"{HEADER}\r\n{LINE}\r\n".encode(), id="line ends of Windows"),
        pytest.param(codecs.BOM_UTF8 + f"{HEADER}\n{LINE}\n".encode(), id="the mark of Excel"),
        pytest.param(f"{HEADER}\n\n{LINE}\n\n".encode(), id="blank lines"),
        pytest.param(f"{HEADER}\n{LINE.replace(HASH, HASH.upper())}\n".encode(), id="upper case"),
        pytest.param(f'{HEADER}\n"a.png"{LINE[5:]}\n'.encode(), id="quotes"),
    ],
)
def test_a_file_as_programs_save_it(content: bytes) -> None:
    assert list(parse_decisions(content)) == [SEVEN]


def test_a_header_alone_decides_nothing() -> None:
    assert list(parse_decisions(f"{HEADER}\n".encode())) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", f"line 1: the header must be {HEADER}; there is none", id="empty"),
        pytest.param(
            b"path,decision\na.png,7\n",
            f"line 1: the header must be {HEADER}; received 'path,decision'",
            id="another header",
        ),
        pytest.param(
            HEADER.replace(",", ";").encode(),
            f"line 1: the header must be {HEADER}; received '{HEADER.replace(',', ';')}'",
            id="semicolons",
        ),
        pytest.param(
            f"{HEADER}\n{LINE},\n".encode(),
            "line 2: 7 cells, not 6; a cell that holds a comma stands in quotes",
            id="a comma too many",
        ),
        pytest.param(
            f"{HEADER}\n{LINE}\na.png,{HASH[:9]}".encode(), "line 3: 2 cells, not 6", id="cut short"
        ),
        pytest.param(
            f"{HEADER}\n{LINE.replace('a.png', '')}\n".encode(), "line 2: path is empty", id="path"
        ),
        pytest.param(
            f"{HEADER}\n{LINE.replace(HASH, '1.2E+63')}\n".encode(),
            "line 2: content must be the sha256 of the file, 64 hexadecimal digits, "
            "received '1.2e+63'",
            id="a spreadsheet's number",
        ),
        pytest.param(
            f'{HEADER}\n{LINE}"in\ntwo"\n{LINE.replace(",7,", ",10,")}\n'.encode(),
            "line 4: decision must be one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, none, blank, ignore, "
            "received '10'",
            id="no digit, below a note in two lines",
        ),
        pytest.param(
            f"{HEADER}\n{LINE.replace(TIME, '27.11.2026 08:30')}\n".encode(),
            "line 2: decided_at must be a time in UTC such as 2026-11-27T08:30:00Z, "
            "received '27.11.2026 08:30'",
            id="another form of time",
        ),
        pytest.param(
            f"{HEADER}\n{LINE.replace(TIME, 'x' * 81)}\n".encode(),
            "line 2: decided_at must be a time in UTC such as 2026-11-27T08:30:00Z, "
            f"received '{'x' * 80}...'",
            id="a long cell",
        ),
        pytest.param(
            f"{HEADER}\n{LINE.replace('11-27', '11-31')}\n".encode(), "line 2: decided_at", id="day"
        ),
        pytest.param(
            f"{HEADER}\n{LINE}\n{LINE}caf\xe9\n".encode("latin-1"),
            "line 3: byte 0xe9 is not UTF-8; save the file as CSV in UTF-8",
            id="Latin-1",
        ),
        pytest.param(
            f"{HEADER}\n".encode("utf-16"),
            "line 1: the file is UTF-16; save it as CSV in UTF-8",
            id="UTF-16",
        ),
        pytest.param(
            f"{HEADER}\n{LINE}\0\n\0\n".encode(), "line 2: a zero byte", id="a block never written"
        ),
        pytest.param(b"\0" * 512, "line 1: a zero byte", id="nothing but such a block"),
        pytest.param(
            f'{HEADER}\n{LINE}\n{LINE}"no end\n'.encode(), "line 3: unexpected end", id="a quote"
        ),
        pytest.param(
            f"{HEADER}\n{LINE}{'a' * 200_000}\n".encode(), "line 2: field larger", id="a long note"
        ),
    ],
)
def test_what_is_broken_is_named_with_its_line_and_the_mend(content: bytes, words: str) -> None:
    with pytest.raises(ValueError, match="line") as raised:
        list(parse_decisions(content))
    assert str(raised.value).startswith(words)


_CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(
    st.lists(
        st.builds(
            Decided,
            _CELLS.filter(bool),
            st.binary(min_size=32, max_size=32).map(bytes.hex),
            st.sampled_from(Decision),
            st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)).map(
                lambda when: f"{when.isoformat(timespec='seconds')}Z"
            ),
            _CELLS,
            _CELLS,
        ),
        max_size=4,
    )
)
def test_what_is_written_is_read(rows: list[Decided]) -> None:
    text = "".join([header_line(), *map(row_line, rows)])
    assert list(parse_decisions(text.encode())) == rows


def test_a_file_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_decisions(str(tmp_path / "out.decisions.csv")) is None


def test_a_file_is_known_by_its_bytes(tmp_path: Path) -> None:
    file = tmp_path / "out.decisions.csv"
    file.write_text(f"{HEADER}\n{LINE}\n")
    found = read_decisions(str(file))
    assert found == (str(file), sha256(file.read_bytes()).hexdigest(), (SEVEN,))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(Path.mkdir, "can't be read: Is a directory", id="a folder"),
        pytest.param(os.mkfifo, "can't be read: it is a device, a pipe", id="a pipe"),
        pytest.param(
            lambda file: file.symlink_to("nowhere"),
            "can't be read: No such file or directory",
            id="a link that leads nowhere",
        ),
        pytest.param(
            lambda file: file.write_bytes(b"path\n"), "can't be taken: line 1: ", id="broken"
        ),
    ],
)
def test_an_error_names_the_file(
    tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    file = tmp_path / "out.decisions.csv"
    make(file)
    with pytest.raises(UsageError) as raised:
        read_decisions(str(file))
    assert str(raised.value).startswith(f"the decisions in {file} {words}")
