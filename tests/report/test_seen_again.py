"""Pictures are seen again as the run saw them, or shown as they are."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from batch_predict.errors import ModelError
from batch_predict.manifest.model_used import ModelUsed, Preparation
from batch_predict.options import Options, options_from
from batch_predict.report.seen_again import pictures_of
from batch_predict.runtimes import RUNTIMES, Runtime
from batch_predict.runtimes.ink import find_ink
from batch_predict.runtimes.looks_plan import Form
from batch_predict.runtimes.model_file import ModelFile, find_model
from tests.conftest import save
from tests.support import fakes
from tests.support.digits import DIGITS

SAID = "pictures are shown without what the networks made of them: "
WITHOUT_READINGS = "pictures are shown without the readings of those in doubt: "


@pytest.fixture
def folder(tmp_path: Path) -> str:
    save(tmp_path / "scan.png", 255 - DIGITS[7])
    save(tmp_path / "mnist.png", DIGITS[7])
    return str(tmp_path)


def model_of(options: Options) -> ModelUsed:
    """What a run with `options` used, with a model that has one look."""
    return replace(ModelUsed.of(find_model(options.model), find_ink()), looks_sha256=None)


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
    views = pictures_of(options, model_of(options))("scan.png")
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
    model = model_of(options)
    pictures = pictures_of(
        options, model if is_ours else replace(model, preparation=Preparation(None, None))
    )
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


def look(sure_from: float) -> dict[str, Any]:
    rule = {"weights": {"map": 1, "as it stands": 1}, "no digit": {"constant": -5}}
    return {form: rule | {"sure from": sure_from} for form in Form}


NEVER, ALWAYS = look(2), look(0)


@pytest.fixture
def with_looks(folder: str, tmp_path: Path) -> Options:
    """The shipped model with a card of its own, which `give` fills."""
    shipped = Path(find_model("digits").path)
    model = tmp_path / "model" / "judged.keras"
    model.parent.mkdir()
    for suffix in (".keras", ".onnx"):
        shutil.copy(shipped.with_suffix(suffix), model.with_suffix(suffix))
    return options_from(folder, "", {"runtime": "onnx", "model": str(model)})


def give(options: Options, looks: Mapping[str, Any]) -> ModelUsed:
    """Write the card with `looks`; returns what a run then uses."""
    card = json.loads(Path(find_model("digits").path).with_suffix(".json").read_text())
    plan = {"looks": {"judges": {}, **looks}} if looks else {}
    text = json.dumps({key: card[key] for key in card if key != "looks"} | plan)
    Path(options.model).with_suffix(".json").write_text(text)
    return ModelUsed.of(find_model(options.model), find_ink())


@pytest.mark.parametrize(
    ("looks", "scan", "mnist", "are_more"),
    [
        pytest.param({}, [], [], False, id="one-look"),
        pytest.param({"screen": ALWAYS, "all_readings": NEVER}, [], [], False, id="plain"),
        pytest.param({"screen": NEVER, "first_reading": ALWAYS, "all_readings": NEVER},
                     ["as it stands", "map"], ["as it stands"], False, id="settled-by-the-first"),
        pytest.param({"screen": NEVER, "first_reading": NEVER, "all_readings": NEVER},
                     ["as it stands", "map"], ["as it stands", "map"], True, id="all"),
        pytest.param({"screen": NEVER, "all_readings": NEVER},
                     ["as it stands", "map"], ["as it stands", "map"], True, id="all-at-once"),
    ],
)  # fmt: skip
def test_the_readings_that_judges_saw(
    with_looks: Options,
    looks: Mapping[str, Any],
    scan: list[str],
    mnist: list[str],
    are_more: bool,
) -> None:
    pictures = pictures_of(with_looks, give(with_looks, looks))
    for path, kinds in (("scan.png", scan), ("mnist.png", mnist)):
        views = pictures(path)
        assert views is not None
        shown = [str(each.kind) for each in views.readings]
        assert shown[: len(kinds)] == kinds
        assert (len(shown) > len(kinds)) is are_more
        for each in views.readings:
            assert (each.pixels.shape, each.label) == ((28, 28), 7)
            assert each.confidence > 0.9 > each.no_digit


def test_another_card_than_the_runs_judges_nothing(
    with_looks: Options, caplog: pytest.LogCaptureFixture
) -> None:
    used = give(with_looks, {"screen": NEVER, "all_readings": NEVER})
    give(with_looks, {"screen": ALWAYS, "all_readings": NEVER})
    pictures = pictures_of(with_looks, used)
    for _ in range(2):
        views = pictures("scan.png")
        assert views is not None
        assert views.readings == ()
        assert views.maps is not None
    (warning,) = caplog.messages  # said once
    assert warning.startswith(WITHOUT_READINGS)
    assert "judged.keras or its card is not what it was in the run" in warning
