"""From a decoded picture to what the classifier or the ink map sees."""

import subprocess
import sys

import numpy as np
import pytest

from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.records import Code, ImageRef, Picture, Prepared, Reason, Reduced
from tests.support.mnist_form import place

REF = ImageRef("a.png")
STROKE = place(np.ones((100, 10), np.float32))


def run(
    pixels: np.ndarray,
    preprocess: Preprocess = Preprocess.AUTO,
    polarity: Polarity = Polarity.AUTO,
) -> Prepared | Reduced:
    return normalize(Picture(REF, pixels), preprocess, polarity)


def test_mnist_form_passes_bit_for_bit() -> None:
    passed = run(STROKE)
    assert isinstance(passed, Prepared)
    assert np.array_equal(passed.pixels, STROKE)
    assert passed.seen is None


@pytest.mark.parametrize(
    ("pixels", "preprocess"),
    [
        pytest.param(STROKE, Preprocess.MNIST, id="forced"),
        pytest.param(255 - STROKE, Preprocess.AUTO, id="inverted"),
        pytest.param(np.roll(STROKE, 3), Preprocess.AUTO, id="off centre"),
        pytest.param(np.dstack([STROKE] * 3), Preprocess.AUTO, id="in colour"),
    ],
)
def test_all_else_goes_to_the_map_as_it_is(pixels: np.ndarray, preprocess: Preprocess) -> None:
    reduced = run(pixels, preprocess)
    assert isinstance(reduced, Reduced)
    assert np.array_equal(reduced.pixels, pixels)


@pytest.mark.parametrize(
    ("shape", "reduced"),
    [
        pytest.param((1, 1), (1, 1), id="one pixel"),
        pytest.param((40, 40, 3), (40, 40, 3), id="small"),
        pytest.param((192, 100), (192, 100), id="as large as the map"),
        pytest.param((600, 400), (192, 128), id="large"),
        pytest.param((300, 500, 3), (115, 192, 3), id="in colour"),
        pytest.param((5000, 1), (192, 1), id="a long column"),
        pytest.param((2, 100_000), (1, 192), id="a very long strip"),
    ],
)
@pytest.mark.parametrize("polarity", list(Polarity))
def test_no_larger_than_the_map_takes_it(
    shape: tuple[int, ...], reduced: tuple[int, ...], polarity: Polarity
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    seen = run(pixels, polarity=polarity)
    assert seen.pixels.shape == reduced
    assert seen.pixels.dtype == np.uint8


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (5000, 1), (3, 2000, 3), (28, 28)], ids=str)
def test_plain_takes_every_shape(shape: tuple[int, ...]) -> None:
    seen = run(np.full(shape, 200, np.uint8), Preprocess.PLAIN)
    assert isinstance(seen, Prepared)
    assert seen.pixels.shape == (28, 28)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_given_polarity_leaves_no_other_ink(channels: int) -> None:
    """A dark stroke and a light one on grey: each polarity sees its own."""
    grey = np.full((100, 100), 128, np.uint8)
    grey[20:80, 30:34] = 0
    grey[20:80, 60:64] = 255
    pixels = grey if channels == 1 else np.dstack([grey] * 3)
    dark = run(pixels, polarity=Polarity.DARK_ON_LIGHT).pixels
    light = run(pixels, polarity=Polarity.LIGHT_ON_DARK).pixels
    assert (dark.min(), dark.max()) == (0, 128)
    assert (light.min(), light.max()) == (128, 255)


@pytest.mark.parametrize("mode", list(Preprocess))
@pytest.mark.parametrize("pixels", [STROKE, np.zeros((400, 400), np.uint8)], ids=["form", "blank"])
def test_what_was_said_before_is_kept(pixels: np.ndarray, mode: Preprocess) -> None:
    said = (Reason(Code.TRUNCATED, "cut short"),)
    result = normalize(Picture(REF, pixels, said), mode, Polarity.AUTO)
    assert (result.ref, result.reasons) == (REF, said)


def test_modes_import_nothing_heavy() -> None:
    code = "import sys, batch_predict.normalize.modes; print({'cv2', 'numpy'} & set(sys.modules))"
    child = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert child.stdout == "set()\n"
