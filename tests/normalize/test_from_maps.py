"""What the maps and the class head say, and what becomes of the picture."""

import re

import cv2
import numpy as np
import pytest

from batch_predict.normalize.from_maps import from_maps
from batch_predict.records import Blank, Code, ImageRef, Prepared, Reason, Reduced
from train.drawn import draw_digit

REF = ImageRef("a.png")
SAID = (Reason(Code.SEVERAL_FRAMES, "first of 2 frames"),)


def classes(empty: float = 0.0, other: float = 0.0) -> np.ndarray:
    """The digit 3 has what is left."""
    found = np.zeros(12, np.float32)
    found[[3, 10, 11]] = 1 - empty - other, empty, other
    return found


def maps(
    ink: int = 0, writing: int = 0, level: int = 255, at: int = 30, side: int = 192
) -> np.ndarray:
    """A digit `ink` pixels tall at (`at`, `at`), another one of `writing` beside it."""
    found = np.zeros((side, side, 3), np.uint8)
    for channel, tall, across in ((0, ink, at), (1, writing, at + 70)):
        if tall:
            digit = draw_digit(np.random.default_rng(3), 3, tall)
            there = found[at : at + tall, across : across + tall, channel]
            there[...] = digit[: there.shape[0], : there.shape[1]]
    smooth = cv2.GaussianBlur(found, (0, 0), 0.8).astype(np.float32) * (level / 255)
    return smooth.astype(np.uint8)


def result(
    seen: np.ndarray, head: np.ndarray, shape: tuple[int, ...] = (192, 192)
) -> Prepared | Blank:
    return from_maps(Reduced(REF, np.zeros(shape, np.uint8), SAID), seen, head)


def codes(item: Prepared | Blank) -> list[Code]:
    return [reason.code for reason in item.reasons if reason not in SAID]


@pytest.mark.parametrize(
    ("seen", "head"),
    [
        pytest.param(maps(), classes(empty=0.9), id="no ink, empty"),
        pytest.param(maps(), classes(other=0.9), id="no ink, no digit"),
        pytest.param(maps(ink=100), classes(empty=0.6), id="ink, empty"),
    ],
)
def test_blank(seen: np.ndarray, head: np.ndarray) -> None:
    assert result(seen, head) == Blank(REF, SAID)


@pytest.mark.parametrize(
    ("seen", "head", "expected"),
    [
        pytest.param(maps(ink=100), classes(), [], id="a digit"),
        pytest.param(maps(ink=100), classes(empty=0.4), [], id="a digit, rather"),
        pytest.param(maps(), classes(), [Code.NO_CLEAR_MARK], id="a digit without ink"),
        pytest.param(maps(ink=60, writing=40), classes(), [], id="a smaller neighbour"),
        pytest.param(maps(ink=40, writing=90), classes(), [Code.SEVERAL_MARKS], id="a larger one"),
        pytest.param(maps(writing=90), classes(), [], id="other writing alone"),
        pytest.param(maps(writing=90), classes(other=0.9), [], id="a letter"),
        pytest.param(maps(ink=100, level=160), classes(), [Code.NO_CLEAR_MARK], id="pale"),
        pytest.param(maps(ink=100), classes(other=0.6), [], id="something else"),
        pytest.param(maps(ink=40, at=-0), classes(), [], id="near the corner"),
    ],
)
def test_doubts(seen: np.ndarray, head: np.ndarray, expected: list[Code]) -> None:
    item = result(seen, head)
    assert isinstance(item, Prepared)
    assert codes(item) == expected
    assert item.seen is not None
    assert item.seen.classes is head
    assert item.pixels.shape == (28, 28)


def bar_at_the_frame() -> np.ndarray:
    """A stroke along the upper frame, and a short one down from it."""
    seen = np.zeros((192, 192, 3), np.uint8)
    seen[:8, 30:150, 0] = 255
    seen[:60, 80:88, 0] = 255
    return seen


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        pytest.param((192, 192), [Code.CUT_BY_FRAME], id="large"),
        pytest.param((28, 28), [], id="cut out closely"),
    ],
)
def test_cut_by_the_frame(shape: tuple[int, ...], expected: list[Code]) -> None:
    assert codes(result(bar_at_the_frame(), classes(), shape)) == expected


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        pytest.param(
            maps(ink=40, writing=90),
            r"8\d\.\d% of what is written is marked as no part of the digit, above 60%",
            id="several marks",
        ),
        pytest.param(
            bar_at_the_frame(),
            r"7\d\.\d% of its ink lies at the frame, above 30%",
            id="at the frame",
        ),
        pytest.param(
            maps(ink=100, level=160),
            r"which pixels are its ink is not clear: clearness 0\.3\d\d, below 0\.6",
            id="pale",
        ),
    ],
)
def test_a_doubt_says_what_was_measured_and_its_limit(seen: np.ndarray, words: str) -> None:
    _, doubt = result(seen, classes()).reasons
    assert re.fullmatch(words, doubt.words)
