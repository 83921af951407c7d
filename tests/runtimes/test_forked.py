"""A process forked after a library began can't use it, and is told so."""

import os
import sys
from types import SimpleNamespace

import pytest

from batch_predict.errors import ModelError
from batch_predict.runtimes import forked


@pytest.mark.parametrize(
    ("handle", "threads", "refused"),
    [
        pytest.param(object(), False, True, id="begun in another process"),
        pytest.param(object(), True, False, id="begun in this one"),
        pytest.param(None, False, False, id="imported"),
    ],
)
def test_tensorflow_in_a_fork(
    handle: object, threads: bool, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = SimpleNamespace(_context=SimpleNamespace(_context_handle=handle))
    monkeypatch.setitem(sys.modules, forked._TENSORFLOW, context)
    monkeypatch.setattr(forked, "has_threads", lambda prefix: threads)
    if refused:
        with pytest.raises(ModelError, match=r"TensorFlow can't be used here: .* forked; start it"):
            forked.check_tensorflow()
    else:
        forked.check_tensorflow()


def test_no_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, forked._TENSORFLOW, raising=False)
    forked.check_tensorflow()


def test_names_of_threads() -> None:
    with open("/proc/self/comm", encoding="utf-8") as file:
        name = file.read().strip()
    assert forked.has_threads(name)
    assert not forked.has_threads(f"{name} and more")


def test_another_library_in_a_fork() -> None:
    forked.check_process("OpenVINO", began_in=os.getpid())
    with pytest.raises(ModelError, match="OpenVINO can't be used here"):
        forked.check_process("OpenVINO", began_in=os.getppid())
