import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch_predict.tables.csv_paths import from_csv, to_csv

names = st.binary(min_size=1, max_size=20).filter(lambda b: b"\0" not in b).map(os.fsdecode)


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
        pytest.param("a/=1.png", "a/=1.png", id="formula characters inside are harmless"),
        pytest.param("a\\b.png", "a\\x5cb.png", id="backslash"),
        pytest.param("a\\x41.png", "a\\x5cx41.png", id="what looks like an escape"),
        pytest.param(os.fsdecode(b"caf\xe9.png"), "caf\\xe9.png", id="latin-1 bytes"),
    ],
)
def test_written_form(name: str, written: str) -> None:
    assert to_csv(name) == written
    assert from_csv(written) == name
