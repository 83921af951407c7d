"""How far ink stands out, in grey and in colour, and the noise that it stands out from."""

import cv2
import numpy as np
import pytest

from batch_predict.normalize.contrast import Contrast, Work, at_work, contrast
from batch_predict.normalize.modes import Polarity

SIDE = 200  # pixels


@pytest.mark.parametrize(
    ("shape", "size", "scale"),
    [
        pytest.param((1024, 700), (512, 350), 0.5, id="large"),
        pytest.param((513, 2052, 3), (128, 512), 512 / 2052, id="wide, colour"),
        pytest.param((300, 512), (300, 512), 1, id="as it is"),
        pytest.param((100, 90), (100, 90), 1, id="nearly small"),
        pytest.param((28, 20), (140, 100), 5, id="small"),
        pytest.param((8, 8, 3), (128, 128), 16, id="tiny, colour"),
        pytest.param((2, 4000), (1, 512), 512 / 4000, id="a strip"),
    ],
)
@pytest.mark.parametrize("polarity", [Polarity.DARK_ON_LIGHT, Polarity.LIGHT_ON_DARK])
def test_working_size(
    shape: tuple[int, ...], size: tuple[int, int], scale: float, polarity: Polarity
) -> None:
    work = at_work(np.full(shape, 200, np.uint8), polarity)
    assert work.pixels.shape == (*size, shape[2] if len(shape) == 3 else 1)
    assert work.scale == pytest.approx(scale)
    assert work.polarity is polarity
    assert (work.pixels == (200 if polarity is Polarity.DARK_ON_LIGHT else 55)).all()


@pytest.mark.parametrize(
    ("paper", "ink", "polarity"),
    [(220, 40, Polarity.DARK_ON_LIGHT), (30, 240, Polarity.LIGHT_ON_DARK)],
)
@pytest.mark.parametrize("side", [40, 400])
def test_ink_is_turned_dark(paper: int, ink: int, polarity: Polarity, side: int) -> None:
    pixels = np.full((side, side), paper, np.uint8)
    cv2.line(pixels, (side // 2, side // 4), (side // 2, side // 2), ink, side // 10)
    work = at_work(pixels, Polarity.AUTO)
    assert (work.polarity, work.longest) == (polarity, side)
    middle = work.pixels.shape[0] // 2
    assert work.pixels[middle, middle, 0] < 128 < work.pixels[0, 0, 0]


def test_shrunk_by_areas() -> None:
    stripes = (np.arange(2048) + 1) // 2 % 2 * np.uint8(200)
    pixels = stripes[:, None].repeat(2048, axis=1).astype(np.uint8)
    assert (at_work(pixels, Polarity.DARK_ON_LIGHT).pixels == 100).all()


def test_enlarged_by_cubics() -> None:
    step = np.repeat(np.uint8([50, 200]), 14)[None, :].repeat(28, axis=0)
    row = at_work(step, Polarity.DARK_ON_LIGHT).pixels[70, :, 0]
    assert row.min() < 50 < row[70] < 200 < row.max()


def seen(
    paper: tuple[float, ...],
    ink: tuple[float, ...],
    grain: tuple[float, ...] = (0.0,),
    width: int = 20,
) -> Contrast:
    """A stroke down the middle of grainy paper; by channel."""
    pixels = np.full((SIDE, SIDE, len(paper)), paper, np.float32)
    pixels[:, (SIDE - width) // 2 : (SIDE + width) // 2] = ink
    pixels += np.random.default_rng(0).normal(0, grain, pixels.shape)
    work = Work(pixels.round().clip(0, 255).astype(np.uint8), SIDE, Polarity.DARK_ON_LIGHT)
    return contrast(work, np.full(pixels.shape, paper, np.float32))


@pytest.mark.parametrize(
    ("paper", "ink", "level"),
    [
        pytest.param((200,), (80,), 120, id="grey"),
        pytest.param((200, 200, 200), (80, 80, 80), 208, id="grey in colours"),
        pytest.param((200, 200, 200), (200, 200, 100), 100, id="yellow"),
        pytest.param((200, 190, 150), (140, 110, 150), 100, id="blue on cream"),
        pytest.param((200, 200, 200), (100, 200, 200), 100, id="cyan"),
        pytest.param((200, 200, 200), (200, 100, 200), 100, id="magenta"),
    ],
)
def test_ink_stands_out_as_far_as_its_colour_lets_it(
    paper: tuple[float, ...], ink: tuple[float, ...], level: float
) -> None:
    found = seen(paper, ink)
    middle, edge = (100, 100), (100, 10)
    assert found.level[middle] == pytest.approx(level, rel=0.01)
    assert found.level[edge] == pytest.approx(0, abs=0.01)
    assert found.darkness[middle] - found.darkness[edge] == pytest.approx(level, rel=0.01)
    assert (found.level.dtype, found.darkness.dtype) == (np.float32, np.float32)


def test_a_noisy_channel_counts_less() -> None:
    ink = (140.0, 200.0, 140.0)  # as far in the first as in the last, which is noisy
    found = seen((200, 200, 200), ink, grain=(2, 2, 30))
    assert found.noise < 0.05 * found.level[100, 100]
    assert np.ptp(found.darkness - found.level) == pytest.approx(0, abs=0.01)  # even paper


@pytest.mark.parametrize(
    ("ink", "grain", "noise"),
    [
        pytest.param(100, 0, 0.8, id="none: the floor"),
        pytest.param(100, 6, 6 * 0.354, id="clear ink: smoothed a little"),
        pytest.param(185, 10, 10 * 0.141, id="faint ink: smoothed much"),
    ],
)
def test_noise_is_the_grounds(ink: float, grain: float, noise: float) -> None:
    assert seen((200,), (ink,), (grain,)).noise == pytest.approx(noise, rel=0.06)


@pytest.mark.parametrize(("ink", "bound"), [(100, 100 / 12), (150, np.inf)], ids=["vivid", "pale"])
def test_a_soft_digit_that_fills_its_cutting_is_no_noise(ink: float, bound: float) -> None:
    """What little ground there is here lies on a slope, as between soft strokes."""
    pixels = np.full((SIDE, SIDE, 1), 200, np.float32) + np.linspace(0, 50, SIDE)[None, :, None]
    pixels[:, :120] = ink
    work = Work(pixels.astype(np.uint8), SIDE, Polarity.DARK_ON_LIGHT)
    noise = contrast(work, np.full(pixels.shape, 200, np.float32)).noise
    assert noise == pytest.approx(min(bound, 1.4826 * 40), rel=0.05)


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 128, 3), (50, 50, 3)], ids=str)
def test_nothing_stands_out_of_one_level(level: int, shape: tuple[int, ...]) -> None:
    pixels = np.full(shape, level, np.uint8)
    found = contrast(Work(pixels, max(shape), Polarity.DARK_ON_LIGHT), pixels.astype(np.float32))
    assert not found.level.any()
    assert found.noise == pytest.approx(0.8)
