"""The command line's shortcuts."""

import gc
import importlib
import os
import sys
from collections.abc import Iterator

import pytest

from batch_predict import __main__, lean


@pytest.fixture
def thawed() -> Iterator[None]:
    """This process is not the command line's."""
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
def test_what_prediction_has_no_use_for_is_hidden_for_as_long_as_keras_is_imported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "pandas", raising=False)
    with lean.lean():
        assert not gc.isenabled()
        with pytest.raises(ImportError):
            importlib.import_module("pandas")
    assert "pandas" not in sys.modules
    assert gc.isenabled()


def test_the_command_line_takes_them_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    monkeypatch.setattr(lean, "importing", lean.importing)
    monkeypatch.setattr(__main__, "main", lambda: taken.append(lean.importing))
    monkeypatch.setattr(os, "_exit", taken.append)
    before = lean.importing
    __main__.run()
    assert taken[0] is lean.lean is not before
