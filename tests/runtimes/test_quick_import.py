"""The command line's shortcuts."""

import gc
import importlib
import os
import sys
from collections.abc import Iterator

import pytest

from batch_predict import __main__
from batch_predict.runtimes import quick_import


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
    with quick_import.lean():
        assert not gc.isenabled()
        with pytest.raises(ImportError):
            importlib.import_module("pandas")
    assert "pandas" not in sys.modules
    assert gc.isenabled()


def test_the_command_line_takes_them_and_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    monkeypatch.setattr(quick_import, "importing", quick_import.importing)
    monkeypatch.setattr(__main__, "main", lambda: taken.append(quick_import.importing))
    monkeypatch.setattr(os, "_exit", taken.append)
    before = quick_import.importing
    __main__.run()
    assert taken[0] is quick_import.lean is not before
