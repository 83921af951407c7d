import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_predict.tables.csv_paths import from_csv, to_csv

#: any bytes, and what the written form treats in its own way
names = st.binary(min_size=1, max_size=20).filter(lambda b: b"\0" not in b).map(
    os.fsdecode
) | st.text('./=+-@\t\r\n \\x5c;,"a\x01\xa0\u200b\ufeff\uff1dé\udce9', min_size=1, max_size=6)
VISIBLE = re.compile(r"[^\s\x00-\x20\x7f\u200b-\u200f\u2060\ufeff]")


@given(names)
def test_no_path_begins_as_a_formula(name: str) -> None:
    written = to_csv(name)
    assert not written.startswith(("\t", "\n", "\r"))
    first = VISIBLE.search(written)
    assert first is None or first[0] not in "=+-@\uff1d\uff0b\uff0d\uff20"


@given(names)
def test_every_name_comes_back_and_is_valid_utf8(name: str) -> None:
    written = to_csv(name)
    written.encode()
    # The kernel takes `./x` for `x`: a name that starts so never comes from the walk.
    assert from_csv(written) == name.removeprefix("./")


@given(names, names)
def test_two_names_never_share_a_path(one: str, other: str) -> None:
    if one.removeprefix("./") != other.removeprefix("./"):
        assert to_csv(one) != to_csv(other)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        pytest.param("a/b.png", "a/b.png", id="plain"),
        pytest.param("ä/☃.png", "ä/☃.png", id="unicode stands as it is"),
        pytest.param("=1+1.png", "./=1+1.png", id="formula"),
        pytest.param("\tx.png", "./\tx.png", id="tab"),
        pytest.param("\n.png", "./\n.png", id="newline"),
        pytest.param("\r.png", "./\r.png", id="carriage return"),
        pytest.param(" =1.png", "./ =1.png", id="space before a formula"),
        pytest.param("  \t\n -1.png", "./  \t\n -1.png", id="more before a formula"),
        pytest.param("\xa0+1.png", "./\xa0+1.png", id="no-break space before a formula"),
        pytest.param("\x0b\x0c@a.png", "./\x0b\x0c@a.png", id="vertical space before a formula"),
        pytest.param("\x01=1.png", "./\x01=1.png", id="control character before a formula"),
        pytest.param("\ufeff\u200b=1.png", "./\ufeff\u200b=1.png", id="nothing before a formula"),
        pytest.param("\uff1d1.png", "./\uff1d1.png", id="formula of full width"),
        pytest.param(" /=1.png", " /=1.png", id="a folder named with a space"),
        pytest.param(" a=1.png", " a=1.png", id="space before a letter"),
        pytest.param("a/=1.png", "a/=1.png", id="formula characters inside are harmless"),
        pytest.param("a\\b.png", "a\\x5cb.png", id="backslash"),
        pytest.param("a\\x41.png", "a\\x5cx41.png", id="what looks like an escape"),
        pytest.param(os.fsdecode(b"caf\xe9.png"), "caf\\xe9.png", id="latin-1 bytes"),
    ],
)
def test_written_form(name: str, written: str) -> None:
    assert to_csv(name) == written
    assert from_csv(written) == name
