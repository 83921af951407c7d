"""Dark on light or light on dark: from the frame, from the levels, from the contrast."""

import cv2
import numpy as np
import pytest

from batch_predict.normalize.modes import Polarity
from batch_predict.normalize.polarity import polarity_of


def ring(paper: int, ink: int, radius: int, width: int, side: int = 100) -> np.ndarray:
    """A ring in the middle, beyond the frame where it is that large."""
    pixels = np.full((side, side), paper, np.uint8)
    cv2.circle(pixels, (side // 2, side // 2), radius, ink, width)
    return pixels


def page(paper: int, *marks: tuple[int, int], grain: float = 4) -> np.ndarray:
    """Grainy paper with a slope of light, too uneven for two levels, and strokes off its grey.

    Each mark is (difference in grey levels, thickness).
    """
    slope = np.linspace(-25, 25, 200)
    grey = paper + slope[:, None] + np.random.default_rng(0).normal(0, grain, (200, 160))
    for at, (difference, width) in enumerate(marks):
        stroke = cv2.line(np.zeros(grey.shape), (30 + 50 * at, 40), (70 + 50 * at, 150), 1, width)
        grey += difference * stroke
    return np.clip(grey, 0, 255).astype(np.uint8)


def parted(share: float, top: int = 255, bottom: int = 0) -> np.ndarray:
    """`top` down to this share of the height, `bottom` from there on."""
    return np.where(np.arange(100)[:, None] < 100 * share, top, bottom).repeat(100, 1)


ON_A_TABLE = cv2.line(parted(0.45).astype(np.uint8), (30, 10), (60, 30), 0, 4)
BOARD = page(150)  # the wall around it
BOARD[30:170, 30:130] = page(100, (+80, 5))[30:170, 30:130]


@pytest.mark.parametrize(
    ("pixels", "longest"),
    [
        pytest.param(ring(255, 0, 30, 8), 28, id="cutting"),
        pytest.param(ring(220, 190, 25, 45), 64, id="cutting, mostly ink"),
        pytest.param(ring(255, 0, 48, 12), 64, id="cutting, ink to the frame"),
        pytest.param(ring(255, 0, 25, 46), 65, id="clean, mostly ink"),
        pytest.param(ring(140, 125, 40, 12), 400, id="clean, faint"),
        pytest.param(parted(0.55), 64, id="cutting, ink at the bottom"),
        pytest.param(parted(0.55).T, 64, id="cutting, ink at the right"),
        pytest.param(ON_A_TABLE, 400, id="clean, a page on a table"),
        pytest.param(page(180, (-60, 6)), 400, id="photo"),
        pytest.param(page(195, (-30, 6), (+45, 6)), 400, id="photo, glare on light paper"),
        pytest.param(page(70, (-50, 6), (+42, 6)), 400, id="photo, more dark on dark"),
        pytest.param(page(225, (-40, 4), (+25, 12)), 400, id="photo, glare on white paper"),
        pytest.param(page(170, (-60, 6), (+40, 6)), 400, id="photo, more dark than light"),
        pytest.param(page(170, (-60, 6), (+10, 30)), 400, id="photo, faint light texture"),
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_dark_on_light(pixels: np.ndarray, longest: int, channels: int) -> None:
    work = np.dstack([pixels.astype(np.uint8)] * channels)
    assert polarity_of(work, longest) is Polarity.DARK_ON_LIGHT


@pytest.mark.parametrize(
    ("pixels", "longest"),
    [
        pytest.param(ring(0, 255, 30, 8), 28, id="cutting"),
        pytest.param(ring(30, 60, 25, 45), 64, id="cutting, mostly ink"),
        pytest.param(ring(0, 255, 48, 12), 64, id="cutting, ink to the frame"),
        pytest.param(ring(0, 255, 25, 46), 65, id="clean, mostly ink"),
        pytest.param(ring(60, 75, 40, 12), 400, id="clean, faint"),
        pytest.param(parted(0.45), 64, id="cutting, ground at the bottom"),
        pytest.param(parted(0.45).T, 64, id="cutting, ground at the right"),
        pytest.param(BOARD, 400, id="photo, a board on a wall"),
        pytest.param(page(60, (+60, 6)), 400, id="photo"),
        pytest.param(page(60, (-20, 6), (+60, 3)), 400, id="photo, some dark"),
        pytest.param(page(150, (-30, 6), (+60, 6)), 400, id="photo, more light than dark"),
    ],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_light_on_dark(pixels: np.ndarray, longest: int, channels: int) -> None:
    work = np.dstack([pixels.astype(np.uint8)] * channels)
    assert polarity_of(work, longest) is Polarity.LIGHT_ON_DARK


@pytest.mark.parametrize("level", [0, 128, 255])
@pytest.mark.parametrize("longest", [28, 400])
def test_one_level_has_some_polarity(level: int, longest: int) -> None:
    assert polarity_of(np.full((90, 70, 1), level, np.uint8), longest) is not Polarity.AUTO
