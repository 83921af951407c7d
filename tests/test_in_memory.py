"""The step that `predict` hands to the engine, in this process."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from batch_predict.in_memory import PrepareImage
from batch_predict.normalize.modes import Preprocess
from batch_predict.options import Options
from batch_predict.records import Blank, Code, Failure, ImageRef, Prepared
from tests.conftest import ROOT, noise, save

PLAIN = Options("", "", preprocess=Preprocess.PLAIN)


def ref(place: int) -> ImageRef:
    return ImageRef(str(place))


def test_file_and_pixels_are_prepared_alike(tmp_path: Path) -> None:
    pixels = noise(3)
    images = [noise(0), pixels, save(tmp_path / "a.png", pixels), str(tmp_path / "a.png")]
    prepare = pickle.loads(pickle.dumps(PrepareImage(images, PLAIN)))
    for place in (1, 2, 3):
        prepared = prepare(ref(place))
        assert isinstance(prepared, Prepared)
        assert prepared.ref == ref(place)
        assert (prepared.pixels == pixels).all()


def test_a_bare_name_is_a_file_of_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels = noise(3)
    save(tmp_path / "a.png", pixels)
    monkeypatch.chdir(tmp_path)
    prepared = PrepareImage(["a.png"], PLAIN)(ref(0))
    assert isinstance(prepared, Prepared)
    assert (prepared.pixels == pixels).all()


def test_an_empty_page_is_blank() -> None:
    page = np.full((300, 200, 3), 240, np.uint8)
    assert PrepareImage([page], Options("", ""))(ref(0)) == Blank(ref(0))


@pytest.mark.parametrize(
    ("image", "code"),
    [
        pytest.param(ROOT / "missing.png", Code.VANISHED, id="missing"),
        pytest.param(str(ROOT), Code.UNREADABLE, id="folder"),
        pytest.param(ROOT / "setup.cfg", Code.NOT_AN_IMAGE, id="text"),
        pytest.param([[0, 255]], Code.UNSUPPORTED, id="list"),
        pytest.param(noise(0).astype(bool), Code.UNSUPPORTED, id="bits"),
        pytest.param(np.zeros((2, 2, 2), np.uint8), Code.UNSUPPORTED, id="two channels"),
    ],
)
def test_what_is_no_picture_is_a_failure(image: Any, code: Code) -> None:
    failure = PrepareImage([image], PLAIN)(ref(0))
    assert isinstance(failure, Failure)
    assert (failure.ref, failure.reason.code) == (ref(0), code)
