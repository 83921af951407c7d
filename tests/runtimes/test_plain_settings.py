"""What was set for other work does not decide how this program computes, and is left as it was."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from batch_predict.runtimes.plain_settings import plain_settings
from tests.conftest import ROOT, SAMPLES

OTHER_WORK = {"KERAS_BACKEND": "torch", "KERAS_MAX_EPOCHS": "many", "KERAS_HOME": "/elsewhere"}


def keras_variables() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("KERAS_")}


@pytest.fixture
def other_work(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in keras_variables():
        monkeypatch.delenv(name)
    for name, value in OTHER_WORK.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Stands for the module of Keras that has just been imported."""
    module = SimpleNamespace(_KERAS_DIR="/dev/null")
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.setitem(sys.modules, "keras.src.backend.config", module)
    return module


@pytest.mark.usefixtures("other_work")
def test_around_the_import_all_is_as_keras_ships_it(config: SimpleNamespace) -> None:
    with plain_settings():
        assert keras_variables() == {"KERAS_BACKEND": "tensorflow", "KERAS_HOME": os.devnull}
    assert keras_variables() == OTHER_WORK
    assert config._KERAS_DIR == "/elsewhere"


@pytest.mark.usefixtures("other_work", "config")
def test_an_import_that_fails_leaves_all_as_it_was() -> None:
    with pytest.raises(ImportError), plain_settings():
        raise ImportError
    assert keras_variables() == OTHER_WORK


@pytest.mark.usefixtures("other_work")
def test_keras_that_a_program_has_imported_stays_as_it_is(
    config: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keras", config)
    with plain_settings():
        assert keras_variables() == OTHER_WORK
    assert config._KERAS_DIR == "/dev/null"


@pytest.mark.parametrize(
    ("home", "expected"),
    [
        pytest.param("", "{}/.keras", id="a home"),
        pytest.param("gone", "/tmp/.keras", id="none"),
    ],
)
def test_data_sets_lie_where_keras_looks_for_them(
    config: SimpleNamespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    home: str,
    expected: str,
) -> None:
    monkeypatch.delenv("KERAS_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / home))
    with plain_settings():
        pass
    assert expected.format(tmp_path) == config._KERAS_DIR


@pytest.mark.slow
def test_a_run_amid_other_work(tmp_path: Path) -> None:
    """A file that Keras can't take for settings, a backend that is not there, no number."""
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras/keras.json").write_text('["floatx", "float16"]')
    outputs = []
    for where in ({}, {"HOME": str(tmp_path), **OTHER_WORK, "KERAS_HOME": f"{tmp_path}/.keras"}):
        out = tmp_path / f"{len(outputs)}.csv"
        done = subprocess.run(
            [sys.executable, "-m", "batch_predict", str(SAMPLES), str(out), "--quiet"],
            cwd=ROOT,
            env={**os.environ, **where},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        outputs.append(out.read_bytes())
    assert outputs[0] == outputs[1]
