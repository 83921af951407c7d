"""Pictures are seen again as the run saw them, or shown as they are."""

from pathlib import Path

import numpy as np
import pytest

from batch_predict.errors import ModelError
from batch_predict.options import options_from
from batch_predict.report.seen_again import pictures_of
from batch_predict.runtimes import RUNTIMES, Runtime
from batch_predict.runtimes.ink import find_ink
from batch_predict.runtimes.model_file import ModelFile
from tests.conftest import save
from tests.support import fakes
from tests.support.digits import DIGITS

SAID = "pictures are shown without what the networks made of them: "


@pytest.fixture
def folder(tmp_path: Path) -> str:
    save(tmp_path / "scan.png", 255 - DIGITS[7])
    save(tmp_path / "mnist.png", DIGITS[7])
    return str(tmp_path)


def unmade(*arguments: object) -> None:
    """A stand-in for a runtime's way to load a network whose file is there, but damaged."""
    raise ModelError("not a readable ONNX model")


def gone(model: ModelFile) -> None:
    """A stand-in for a runtime's check, where its file is missing."""
    raise ModelError("no such file")


DAMAGED = Runtime(fakes.load_classifier, unmade)
GONE = Runtime(fakes.load_classifier, fakes.load_any_size, gone)


def test_what_the_network_made_of_them_is_shown(folder: str) -> None:
    options = options_from(folder, "", {"runtime": "onnx"})
    views = pictures_of(options, find_ink().sha256)("scan.png")
    assert views is not None
    assert views.maps is not None
    assert views.maps.shape == (64, 64, 3)
    assert views.prepared is not None
    assert views.prepared.shape == (28, 28)


@pytest.mark.parametrize(
    ("runtime", "is_ours", "words"),
    [
        pytest.param(DAMAGED, True, "not a readable", id="damaged"),
        pytest.param(GONE, True, "no such file", id="gone"),
        pytest.param(fakes.RUNTIME, False, "prepared them in another way", id="rules of 1.0.0"),
    ],
)
def test_without_the_runs_network_pictures_are_shown_as_they_are(
    folder: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    runtime: Runtime,
    is_ours: bool,
    words: str,
) -> None:
    monkeypatch.setattr(fakes, "OTHER", runtime, raising=False)
    monkeypatch.setitem(RUNTIMES, "other", "tests.support.fakes:OTHER")
    options = options_from(folder, "", {"runtime": "other"})
    pictures = pictures_of(options, find_ink().sha256 if is_ours else None)
    for _ in range(2):
        views = pictures("scan.png")
        assert views is not None
        assert (views.maps, views.prepared) == (None, None)
        np.testing.assert_array_equal(views.original, 255 - DIGITS[7])
    mnist = pictures("mnist.png")
    assert mnist is not None
    np.testing.assert_array_equal(mnist.prepared, DIGITS[7])  # no network was needed for it
    (warning,) = caplog.messages  # said once
    assert warning.startswith(SAID)
    assert words in warning
