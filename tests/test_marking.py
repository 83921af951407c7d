"""Pictures are marked by the shipped ink network and read as the digits that they are."""

from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from batch_predict.marking import TOGETHER, Marker, groups
from batch_predict.normalize.letterbox import side_of
from batch_predict.records import Blank, ImageRef, Prepared, Reduced
from batch_predict.runtimes import find_runtime
from batch_predict.runtimes.ink import Ink, find_ink
from tests.support.digits import DIGITS

REF = ImageRef("a.png")


@cache
def marker(runtime: str = "onnx") -> Marker:
    return Marker(Ink(find_ink(), find_runtime(runtime).load_any_size))


def inverted(digit: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return 255 - digit


def on_paper(digit: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """In blue ink on squared paper in uneven light, RGB, 192 px."""
    coverage = cv2.resize(digit, (110, 110), interpolation=cv2.INTER_CUBIC)
    ink = np.zeros((192, 150), np.float32)
    ink[40:150, 20:130] = coverage / 255
    light = np.linspace(230, 170, 150)[None, :, None] * np.array([1, 0.98, 0.94])
    page = np.broadcast_to(light, (192, 150, 3)).copy()
    page[::24] *= 0.85
    page[:, ::24] *= 0.85
    blue = np.array([40, 50, 120])
    pixels = page * (1 - 0.8 * ink[..., None]) + blue * 0.8 * ink[..., None]
    return np.rint(pixels).astype(np.uint8)


def pixel_art(digit: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """16x16, one bit."""
    small = cv2.resize(digit[3:25, 3:25], (16, 16), interpolation=cv2.INTER_AREA)
    return np.where(small > 110, np.uint8(0), np.uint8(255))


@pytest.mark.parametrize("form", [inverted, on_paper, pixel_art])
def test_the_class_head_reads_it_and_the_ink_is_the_digits(form) -> None:
    pictures = [Reduced(REF, form(digit)) for digit in DIGITS]
    read = marker().read(pictures)
    assert all(isinstance(item, Prepared) for item in read)
    assert [item.seen.classes.argmax() for item in read] == list(range(10))
    for item, digit in zip(read, DIGITS, strict=True):
        both = np.minimum(item.pixels, digit).sum() / np.maximum(item.pixels, digit).sum()
        assert both > 0.5


@pytest.mark.parametrize("shape", [(28, 28), (300, 200)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_picture_is_blank(shape: tuple[int, int], level: int) -> None:
    page = Reduced(REF, np.full(shape, level, np.uint8)[:192, :192])
    assert marker().read([page]) == [Blank(REF)]


@settings(derandomize=True)
@given(st.lists(st.sampled_from([8, 28, 40, 41, 64, 192]), max_size=300))
def test_groups_hold_each_picture_once_and_go_together(sides: list[int]) -> None:
    pictures = [
        Reduced(ImageRef(str(n)), np.zeros((side, 3), np.uint8)) for n, side in enumerate(sides)
    ]
    made = list(groups(pictures))
    assert sorted(each.ref.path for group in made for each in group) == sorted(
        each.ref.path for each in pictures
    )
    for group in made:
        (side,) = {side_of(each.pixels) for each in group}
        assert len(group) <= TOGETHER[side]
    assert sum(len(group) < TOGETHER[side_of(group[0].pixels)] for group in made) <= 2


@pytest.mark.slow
@pytest.mark.parametrize("runtime", ["keras", "openvino"])
def test_runtimes_read_the_same(runtime: str) -> None:
    """Within a level of 8 bits, and within a thousandth of the class head."""
    pictures = [Reduced(REF, on_paper(digit)) for digit in DIGITS]
    for ours, theirs in zip(marker().read(pictures), marker(runtime).read(pictures), strict=True):
        assert np.abs(ours.pixels.astype(int) - theirs.pixels).max() <= 2
        assert np.abs(ours.seen.classes - theirs.seen.classes).max() <= 1e-3
