"""The ground under the ink: one level, or followed wherever it leads."""

import cv2
import numpy as np
import pytest

from batch_predict.normalize.ground import flat, followed, is_even, reduced


@pytest.mark.parametrize(
    ("shape", "size"),
    [
        pytest.param((500, 250, 3), (100, 50, 3), id="smaller"),
        pytest.param((250, 500, 1), (50, 100), id="smaller, grey"),
        pytest.param((60, 90, 3), (60, 90, 3), id="never larger"),
        pytest.param((1, 400, 1), (3, 100), id="a strip"),
        pytest.param((400, 1, 1), (100, 3), id="an upright strip"),
    ],
)
def test_reduced(shape: tuple[int, ...], size: tuple[int, ...]) -> None:
    assert reduced(np.zeros(shape, np.uint8), 100).shape == size


def part(share: float, level: int, ground: int = 200) -> np.ndarray:
    """(100, 100, 3) on `ground`, so much of it `level` in its last channel."""
    pixels = np.full((100, 100, 3), ground, np.uint8)
    pixels[: round(100 * share), :, 2] = level
    return pixels


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        pytest.param(part(0, 0), True, id="one level"),
        pytest.param(part(0.3, 0), True, id="mostly one level"),
        pytest.param(part(0.45, 0), False, id="little of one level"),
        pytest.param(part(0.45, 203), True, id="as JPEG leaves it"),
        pytest.param(part(0.45, 204), False, id="more than JPEG does"),
        pytest.param(part(0.45, 196), False, id="darker than JPEG does"),
    ],
)
def test_even_grounds(pixels: np.ndarray, expected: bool) -> None:
    assert is_even(pixels) is expected
    assert is_even(255 - pixels) is expected
    assert is_even(pixels[:, :, 2:]) is expected


def test_flat_is_the_median_of_the_lighter_class() -> None:
    pixels = np.full((40, 50, 3), (200, 180, 160), np.uint8)
    pixels[:10] = 20, 10, 0  # ink
    pixels[10:22] = 210, 190, 155  # lighter paper, less of it
    ground = flat(pixels)
    assert ground.dtype == np.float32
    assert ground.shape == pixels.shape
    assert np.unique(ground.reshape(-1, 3), axis=0).tolist() == [[200, 180, 160]]


def test_a_coloured_canvas_is_even() -> None:
    assert is_even(np.full((20, 20, 3), (250, 240, 180), np.uint8))


@pytest.mark.parametrize("level", [0, 128, 255])
def test_flat_of_one_level(level: int) -> None:
    assert (flat(np.full((5, 4, 1), level, np.uint8)) == level).all()


SHADE = np.linspace(140, 220, 400)[None, :] * np.ones((300, 1))  # grey levels
TABLE = np.where(np.arange(400) < 150, 60.0, 200.0)[None, :] * np.ones((300, 1))


@pytest.mark.parametrize("paper", [SHADE, TABLE], ids=["shade", "page on a table"])
@pytest.mark.parametrize("grain", [0, 12])
@pytest.mark.parametrize("colours", [(1.0,), (1.0, 0.9, 0.7)], ids=["grey", "colour"])
def test_ground_goes_on_under_ink(
    paper: np.ndarray, grain: float, colours: tuple[float, ...]
) -> None:
    ink = cv2.line(np.zeros(paper.shape), (260, 60), (300, 240), 1, 16)  # 0.04 of 400
    noise = np.random.default_rng(0).normal(0, grain, paper.shape)
    picture = np.dstack([(paper * (1 - 0.7 * ink) + noise) * colour for colour in colours])
    ground = followed(picture.clip(0, 255).astype(np.uint8), 0.08)
    assert ground.dtype == np.float32
    assert ground.shape == picture.shape
    off = np.abs(ground - np.dstack([paper * colour for colour in colours]))
    assert np.percentile(off, 98) < 5
    assert off[ink > 0].max() < 5.5  # under the ink too, the middle of the grain


@pytest.mark.parametrize(
    ("width", "pen", "is_ink"), [(50, 0.08, False), (50, 0.16, True), (90, 0.16, False)]
)
def test_what_is_wider_than_the_pen_is_ground(width: int, pen: float, is_ink: bool) -> None:
    picture = np.full((400, 400, 1), 200, np.uint8)
    cv2.line(picture, (100, 200), (300, 200), 50, width)
    middle = followed(picture, pen)[200, 200, 0]
    assert middle == pytest.approx(200 if is_ink else 50, abs=2)


def test_a_shadow_from_beyond_the_frame_is_ground() -> None:
    picture = np.full((400, 400, 1), 200, np.uint8)
    picture[:, :12] = 80  # narrower than the pen
    assert followed(picture, 0.08)[200, 3, 0] == pytest.approx(80, abs=2)


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 300, 1), (3, 3, 3), (1, 5, 3)], ids=str)
@pytest.mark.parametrize("pen", [0.08, 0.5])
def test_ground_of_the_smallest(shape: tuple[int, ...], pen: float) -> None:
    assert (followed(np.full(shape, 90, np.uint8), pen) == 90).all()
