"""What the command line does for a quick start, and a program that calls the job does not."""

import gc
import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from batch_predict import __main__, api, cli, job
from batch_predict.errors import InputError
from batch_predict.manifest.manifest import Manifest
from batch_predict.options import Options
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


@pytest.mark.parametrize(
    ("start", "own_process"),
    [
        pytest.param(__main__.run, True, id="command line"),
        pytest.param(cli.main, False, id="a program that calls main"),
        pytest.param(lambda: api.score("in", "out.csv"), False, id="a program that calls score"),
    ],
)
def test_only_the_command_line_has_a_process_of_its_own(
    start: Callable[[], object], own_process: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Options] = []

    def score_folder(options: Options) -> Manifest:
        taken.append(options)
        raise InputError("no pictures here")

    monkeypatch.setattr(job, "score_folder", score_folder)
    monkeypatch.setattr(os, "_exit", lambda code: None)
    monkeypatch.setattr(sys, "argv", ["batch_predict", "in", "out.csv"])
    with suppress(InputError):
        start()
    assert [options.own_process for options in taken] == [own_process]
