"""Names whose bytes are UTF-8, under locales of other encodings."""

import os

import pytest

from batch_predict.storage import system_names
from batch_predict.storage.system_names import from_system, to_system

NAMES = ("a.png", "é ığü.png", "日本.png", "a\udcffé.png")


@pytest.fixture(params=["ascii", "iso8859-9", "koi8-r", "gbk", "euc_jp"])
def encoding(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Has Python's functions for names be those of a locale of another encoding."""
    of_locale = str(request.param)
    escaped = "surrogateescape"
    monkeypatch.setattr(os, "fsencode", lambda name: name.encode(of_locale, escaped))
    monkeypatch.setattr(os, "fsdecode", lambda name: name.decode(of_locale, escaped))
    monkeypatch.setattr(system_names, "IS_UTF8", False)
    return of_locale


@pytest.mark.parametrize("name", NAMES)
def test_there_and_back(encoding: str, name: str) -> None:
    of_system = name.encode("utf-8", "surrogateescape").decode(encoding, "surrogateescape")
    assert from_system(of_system) == name
    assert to_system(name) == of_system


@pytest.mark.usefixtures("encoding")
def test_text_that_the_locale_has_no_bytes_for_stays() -> None:
    assert from_system("\U0001f600.png") == "\U0001f600.png"


@pytest.mark.parametrize("name", NAMES)
def test_where_names_are_utf_8_they_stay(name: str) -> None:
    assert from_system(name) is to_system(name) is name
