"""A slip of paper on a table: the table goes, and nothing of any other picture does."""

import cv2
import numpy as np
import pytest
from PIL import Image

from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.normalize.sheet import on_sheet
from batch_predict.records import ImageRef, Picture, Prepared
from tests.conftest import SAMPLES

TABLE, PAPER, INK = 60, 215, 40
SIDE = 400  # pixels of the pictures
TONE = 3  # grey levels that the tone of a sheet may be from its paper


def rectangle(width: int, height: int, *, turned: float = 0, x: int = 200, y: int = 200):
    """(h, w) bool: a rectangle around x, y."""
    corners = cv2.boxPoints(((x, y), (width, height), turned)).round().astype(np.int32)
    return cv2.fillConvexPoly(np.zeros((SIDE, SIDE), np.uint8), corners, 1) > 0


def grained(grey: np.ndarray) -> np.ndarray:
    grain = np.random.default_rng(0).normal(0, 3, grey.shape)
    return np.clip(grey + grain, 0, 255).astype(np.uint8)[:, :, None]


def slip(paper: np.ndarray, *, ink: bool = True, table: float = TABLE) -> np.ndarray:
    """A sheet on a table, with a stroke in the middle or nothing on it."""
    grey = np.where(paper, PAPER, table).astype(np.float64)
    if ink:
        cv2.polylines(grey, [np.array([[180, 170], [220, 190], [185, 235]])], False, INK, 8)
    return grained(grey)


WRITTEN = {
    "straight": rectangle(240, 200),
    "turned": rectangle(220, 220, turned=25),
    "small": rectangle(110, 110, turned=10),
    "cut by the frame": rectangle(300, 300, turned=12, x=130, y=150),
    "with a soft edge": cv2.blur(rectangle(240, 240).astype(np.float32), (5, 5)) > 0.5,
}


@pytest.mark.parametrize("name", WRITTEN)
def test_only_the_sheet_is_left(name: str) -> None:
    paper = WRITTEN[name]
    work = slip(paper)
    left = on_sheet(work)
    kept = cv2.erode(paper.astype(np.uint8), np.ones((25, 25))) > 0
    assert (left[kept] == work[kept]).all()
    assert np.abs(left[~paper].astype(int) - PAPER).max() <= TONE


def test_colours_are_kept() -> None:
    paper = WRITTEN["turned"]
    work = np.concatenate([slip(paper), slip(paper) // 2 + 60, slip(paper) // 3], axis=2)
    left = on_sheet(work)
    assert (left[200, 200] == work[200, 200]).all()
    assert np.abs(left[5, 5].astype(int) - np.median(work[paper], axis=0)).max() <= TONE


BOLD_ZERO = cv2.ellipse(
    np.full((SIDE, SIDE), TABLE, np.float64), (200, 200), (90, 130), 0, 0, 360, 230, 70
)
BOLD_EIGHT = np.where(rectangle(160, 260), 230.0, TABLE)
BOLD_EIGHT[rectangle(50, 70, y=135) | rectangle(50, 70, y=265)] = TABLE
BAR = np.where(rectangle(60, 300, turned=8), 230.0, TABLE)
SHADOW = np.where(np.arange(SIDE)[:, None] < 230, 215.0, 120.0).repeat(SIDE, 1)
SHADOW += np.minimum(0, np.linspace(60, -60, SIDE))  # no edge there: it gets slowly darker
cv2.line(SHADOW, (120, 100), (180, 300), INK, 8)


@pytest.mark.parametrize(
    "work",
    [
        pytest.param(slip(rectangle(2 * SIDE, 2 * SIDE)), id="a page that fills the picture"),
        pytest.param(slip(rectangle(240, 200), ink=False), id="nothing written"),
        pytest.param(slip(rectangle(110, 300, x=60)), id="not in the middle"),
        pytest.param(slip(rectangle(240, 200), table=PAPER - 20), id="hardly lighter"),
        pytest.param(slip(rectangle(60, 60)), id="tiny"),
        pytest.param(grained(BOLD_ZERO), id="a bold zero, light"),
        pytest.param(grained(BOLD_EIGHT), id="a square eight, light"),
        pytest.param(grained(BAR), id="a one, light"),
        pytest.param(grained(SHADOW), id="a digit partly in a shadow"),
        pytest.param(np.full((9, 7, 3), 200, np.uint8), id="nothing at all"),
    ],
)
def test_every_other_picture_stays_as_it_is(work: np.ndarray) -> None:
    assert on_sheet(work) is work


@pytest.mark.parametrize("digit", "0123456789")
def test_a_digit_on_a_slip_is_that_on_a_page(digit: str) -> None:
    sample = Image.open(next((SAMPLES / digit).iterdir())).resize(
        (160, 160), Image.Resampling.BICUBIC
    )
    strokes = np.zeros((SIDE, SIDE))
    strokes[120:280, 120:280] = np.asarray(sample, np.float64) / 255
    seen = []
    for ground in (np.full((SIDE, SIDE), PAPER), np.where(WRITTEN["turned"], PAPER, TABLE)):
        pixels = grained(ground + (INK - ground) * strokes)[:, :, 0]
        picture = Picture(ImageRef("a.png"), pixels)
        prepared = normalize(picture, Preprocess.AUTO, Polarity.AUTO)
        assert isinstance(prepared, Prepared)
        seen.append(prepared.pixels.ravel().astype(np.float64))
    assert np.corrcoef(seen)[0, 1] > 0.98
