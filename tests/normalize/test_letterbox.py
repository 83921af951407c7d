import cv2
import numpy as np
import pytest

from batch_predict.normalize.letterbox import LARGE, Box, letterbox, on_zeros, reduced


@pytest.mark.parametrize(
    ("shape", "box"),
    [
        pytest.param((28, 28), Box(0, 0, 64, 64), id="square, grown"),
        pytest.param((300, 150, 3), Box(0, 16, 64, 32), id="upright, shrunk"),
        pytest.param((10, 40, 3), Box(24, 0, 16, 64), id="lying"),
        pytest.param((1, 1000), Box(31, 0, 1, 64), id="a line"),
        pytest.param((1, 1, 3), Box(0, 0, 64, 64), id="a pixel"),
    ],
)
def test_the_picture_lies_in_the_middle_and_fills_the_longer_side(shape, box):
    square, found = letterbox(np.full(shape, 7, np.uint8), 64)
    assert found == box
    assert square.shape == (64, 64, 3)
    assert (square == 7).all()
    assert found.cut(square).shape == (box.height, box.width, 3)


def test_the_border_is_repeated():
    pixels = np.zeros((10, 30, 3), np.uint8)
    pixels[0], pixels[-1] = (200, 0, 0), (0, 200, 0)
    square, box = letterbox(pixels, 30)
    assert (square[: box.top] == (200, 0, 0)).all()
    assert (square[box.top + box.height :] == (0, 200, 0)).all()


def test_maps_lie_as_their_picture_with_zeros_around():
    maps = np.full((20, 60, 3), 255, np.uint8)  # of a picture of 10x30
    _, box = letterbox(np.zeros((10, 30, 3), np.uint8), 32)
    square = on_zeros(maps, 32)
    assert (box.cut(square) == 255).all()
    assert int((square[..., 0] > 0).sum()) == box.height * box.width


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param((3508, 2480), id="a page"),
        pytest.param((2481, 1749, 3), id="odd sides"),
        pytest.param((1999, 30), id="a strip"),
        pytest.param((1600, 1), id="a line"),
    ],
)
def test_a_large_picture_is_averaged_as_by_area(shape):
    """It is halved first, which may move an edge a little."""
    pixels = cv2.GaussianBlur(np.random.default_rng(0).random(shape, np.float32), (0, 0), 9)
    pixels = np.uint8(np.clip((pixels - 0.5) * 3000 + 128, 0, 255))
    small = reduced(pixels)
    exact = cv2.resize(pixels, small.shape[1::-1], interpolation=cv2.INTER_AREA)
    away = np.abs(small.astype(float) - exact)
    assert max(small.shape[:2]) == LARGE
    assert away.max() < 12
    assert away.mean() < 1.5
