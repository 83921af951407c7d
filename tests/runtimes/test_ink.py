"""The network that marks ink: what it says, and what is said where its files are not whole."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from batch_predict.errors import ExitCode, ModelError
from batch_predict.runtimes import find_runtime, model_file
from batch_predict.runtimes.ink import Ink, find_ink, quantized
from batch_predict.runtimes.model_file import SHIPPED
from tests.support import fakes
from tests.support.papers import papers


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped models of its own."""
    for suffix in ("keras", "onnx", "json"):
        shutil.copy(os.path.join(SHIPPED, f"ink.{suffix}"), tmp_path)
    monkeypatch.setattr(model_file, "SHIPPED", str(tmp_path))
    return tmp_path


def test_maps_are_of_8_bits() -> None:
    given = np.array([[0, 0.4 / 255, 0.6 / 255, 0.5, 1]], np.float32)
    levels = quantized(given)
    assert (levels.dtype, levels.tolist()) == (np.uint8, [[0, 0, 1, 128, 255]])


def test_an_answer() -> None:
    given = papers(3, 64)
    kept = given.copy()
    maps, classes = Ink(find_ink(), find_runtime("onnx").load_any_size)(given)
    np.testing.assert_array_equal(given, kept)
    assert (maps.dtype, classes.dtype) == (np.uint8, np.float32)
    assert classes.argmax(axis=1).tolist() == [0, 1, 2]  # the probe's digits are in order
    pen = given.min(axis=3) < 100
    assert maps[..., 0][pen].mean() > 200
    assert maps[..., 0][~pen].mean() < 20


def test_it_is_loaded_once_when_the_first_picture_comes() -> None:
    loads = []

    def load(*arguments: object) -> object:
        loads.append(arguments)
        return fakes.load_any_size(*arguments)

    model = find_ink()
    ink = Ink(model, load)
    assert loads == []
    for _ in range(2):
        assert ink(papers(2, 32)).maps.shape == (2, 32, 32, 3)
    assert loads == [(model, ("maps", "classes"))]


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def damage(name: str) -> Callable[[Path], None]:
    """The file ends in the middle; the card knows."""

    def change(folder: Path) -> None:
        path = folder / name
        path.write_bytes(path.read_bytes()[:5000])

    return change


def disown(folder: Path) -> None:
    card = json.loads((folder / "ink.json").read_text())
    (folder / "ink.json").write_text(json.dumps({**card, "sha256": "0" * 64}))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(remove("ink.keras"), r"ink\.keras: No such file", id="missing"),
        pytest.param(damage("ink.keras"), "belongs to another model", id="damaged"),
        pytest.param(remove("ink.json"), r"there is no .*ink\.json", id="no card"),
        pytest.param(disown, "belongs to another model", id="another's card"),
    ],
)
def test_a_model_that_is_not_whole_is_not_found(
    shipped: Path, change: Callable[[Path], None], words: str
) -> None:
    change(shipped)
    with pytest.raises(ModelError, match=f"can't mark ink: .*{words}.*install it again") as raised:
        find_ink()
    assert raised.value.exit_code is ExitCode.MODEL


@pytest.mark.parametrize(
    ("runtime", "change", "words"),
    [
        pytest.param("keras", remove("ink.keras"), "No such file", id="keras, missing"),
        pytest.param("keras", damage("ink.keras"), "was replaced", id="keras, replaced"),
        *(
            pytest.param(runtime, change, words, id=f"{runtime}, {words}")
            for runtime in ("onnx", "openvino")
            for change, words in (
                (remove("ink.onnx"), "No such file"),
                (damage("ink.onnx"), "was not made from|not a readable ONNX model"),
            )
        ),
    ],
)
def test_a_model_that_is_no_longer_whole_is_not_loaded(
    shipped: Path, runtime: str, change: Callable[[Path], None], words: str
) -> None:
    ink = Ink(find_ink(), find_runtime(runtime).load_any_size)
    change(shipped)
    with pytest.raises(ModelError, match=f"can't mark ink: .*({words}).*install it again"):
        ink(papers(1, 16))


def test_a_network_of_another_form_is_said() -> None:
    def load(*arguments: object) -> object:
        return lambda pictures: (pictures[..., :2], np.zeros((len(pictures), 12), np.float32))

    with pytest.raises(ModelError, match=r"gives \(1, 16, 16, 2\) and \(1, 12\) for 1 pictures"):
        Ink(find_ink(), load)(papers(1, 16))


@pytest.mark.parametrize("change", [remove("ink.onnx"), damage("ink.onnx")], ids=["gone", "cut"])
@pytest.mark.parametrize("runtime", ["onnx", "openvino"])
def test_a_file_beside_it_is_checked_before_the_first_picture_comes(
    shipped: Path, runtime: str, change: Callable[[Path], None]
) -> None:
    change(shipped)
    with pytest.raises(ModelError, match=r"can't mark ink: .*ink\.onnx.*install it again"):
        Ink.of(find_ink(), find_runtime(runtime))
