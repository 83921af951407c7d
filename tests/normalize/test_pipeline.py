"""From a picture to what the model sees."""

import subprocess
import sys
from collections.abc import Sequence

import cv2
import numpy as np
import pytest

from batch_predict.normalize.mnist_form import is_mnist_form, place, stretched
from batch_predict.normalize.modes import Polarity, Preprocess
from batch_predict.normalize.pipeline import normalize
from batch_predict.records import Blank, Code, ImageRef, Picture, Prepared, Reason

REF = ImageRef("a.png")


def drawn(side: int, paper: int, ink: int, corner: int = 0) -> np.ndarray:
    """A square ring and its tail: nothing like it upside down or mirrored."""
    pixels = np.full((side, side), paper, np.uint8)
    a, b = side // 4 + corner, side // 2 + corner
    width = max(1, side // 20)
    cv2.rectangle(pixels, (a, a), (b, b), ink, width)
    cv2.line(pixels, (b, b), (b, b + side // 4), ink, width)
    return pixels


def run(pixels: np.ndarray, preprocess: Preprocess = Preprocess.AUTO) -> Prepared | Blank:
    return normalize(Picture(REF, pixels), preprocess, Polarity.AUTO)


@pytest.mark.parametrize(
    ("pixels", "polarity"),
    [
        pytest.param(drawn(28, 255, 0), "dark-on-light", id="black on white"),
        pytest.param(drawn(28, 0, 255), "light-on-dark", id="white on black"),
        pytest.param(drawn(400, 220, 190), "dark-on-light", id="faint"),
        pytest.param(drawn(400, 30, 200, corner=-60), "light-on-dark", id="chalk off centre"),
        pytest.param(drawn(2000, 180, 60, corner=300), "dark-on-light", id="large"),
        pytest.param(
            np.dstack([drawn(300, 200, 190)] * 2 + [drawn(300, 200, 90)]),
            "dark-on-light",
            id="yellow on grey",
        ),
    ],
)
def test_comes_to_mnist_form(pixels: np.ndarray, polarity: str) -> None:
    prepared = run(pixels)
    assert isinstance(prepared, Prepared)
    assert is_mnist_form(prepared.pixels)
    assert prepared.notes.polarity == polarity
    assert prepared.notes.dropped == ()
    rows, columns = np.nonzero(np.atleast_3d(pixels != pixels[0, 0]).any(axis=2))
    box = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert prepared.notes.box == pytest.approx(box, abs=0.01 * len(pixels))
    ink_rows = prepared.pixels.sum(axis=1).nonzero()[0]
    assert prepared.pixels[: ink_rows[10]].sum() > 2 * prepared.pixels[ink_rows[10] :].sum()


@pytest.mark.parametrize("shape", [(28, 28), (8, 8), (600, 400), (300, 500, 3)], ids=str)
@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_page_is_blank(shape: tuple[int, ...], level: int) -> None:
    assert run(np.full(shape, level, np.uint8)) == Blank(REF)


def test_mnist_form_passes_bit_for_bit() -> None:
    once = run(drawn(400, 255, 0))
    assert isinstance(once, Prepared)
    twice = run(once.pixels)
    assert isinstance(twice, Prepared)
    assert twice.notes.passthrough
    assert np.array_equal(twice.pixels, once.pixels)


def test_spoilt_mnist_is_left_alone() -> None:
    """What noise and lines did to a picture in MNIST's form is the model's to see through."""
    once = run(drawn(400, 255, 0))
    assert isinstance(once, Prepared)
    spoilt = once.pixels // 2 + 60
    spoilt[::7, ::5] = 200
    cv2.line(spoilt, (0, 10), (27, 18), 180)
    prepared = run(spoilt)
    assert isinstance(prepared, Prepared)
    assert np.corrcoef(prepared.pixels.ravel(), spoilt.ravel())[0, 1] > 0.999
    assert (prepared.pixels.min(), prepared.pixels.max()) == (0, 255)
    forced = run(spoilt, Preprocess.MNIST)
    assert isinstance(forced, Prepared)
    assert forced.pixels[0].max() == 0


def test_two_digits_are_said() -> None:
    prepared = run(np.hstack([drawn(300, 255, 0), drawn(300, 255, 0)]))
    assert isinstance(prepared, Prepared)
    assert prepared.reasons == (Reason(Code.SEVERAL_MARKS, "2 marks of like weight"),)
    assert prepared.notes.dropped == ("neighbour",)


def bar(
    left: int, top: int, right: int, bottom: int, *, side: int = 400, ink: int = 120, grain: int = 3
) -> np.ndarray:
    """A stroke on a grainy square sheet."""
    pixels = np.random.default_rng(0).normal(200, grain, (side, side))
    pixels[top:bottom, left:right] -= ink
    return pixels.astype(np.uint8)


@pytest.mark.parametrize(
    ("pixels", "is_doubtful"),
    [
        pytest.param(bar(200, 0, 212, 100), True, id="short, from above"),
        pytest.param(bar(0, 200, 100, 212), True, id="short, from the left"),
        pytest.param(bar(300, 200, 400, 212), True, id="short, from the right"),
        pytest.param(bar(200, 0, 212, 130), False, id="long"),
        pytest.param(bar(0, 200, 130, 212), False, id="long, across"),
        pytest.param(bar(200, 150, 212, 240), False, id="short and whole"),
    ],
)
def test_a_piece_of_something_is_said(pixels: np.ndarray, is_doubtful: bool) -> None:
    prepared = run(pixels)
    assert isinstance(prepared, Prepared)
    said = (Reason(Code.NO_CLEAR_MARK, "only a mark that the frame cuts"),)
    assert prepared.reasons == (said if is_doubtful else ())


def test_the_end_of_a_stroke_that_leaves_a_shadow_is_said() -> None:
    pixels = bar(200, 100, 212, 300)
    pixels[50:250, 212:] -= 120
    prepared = run(pixels)
    assert isinstance(prepared, Prepared)
    said = Reason(Code.NO_CLEAR_MARK, "no stroke with clear ground around it")
    assert prepared.reasons == (said,)


@pytest.mark.parametrize(
    ("stroke", "ink", "grain"),
    [
        pytest.param((40, 40, 100, 100), 120, 3, id="a blob"),
        pytest.param((65, 20, 77, 120), 5, 6, id="a blotch"),
        pytest.param((40, 10, 100, 150), 90, 6, id="a broad brush"),
    ],
)
def test_what_is_nothing_on_a_sheet_is_ink_on_a_scrap(
    stroke: tuple[int, int, int, int], ink: int, grain: int
) -> None:
    assert run(bar(*stroke, side=161, ink=ink, grain=grain)) == Blank(REF)
    assert isinstance(run(bar(*stroke, side=160, ink=ink, grain=grain)), Prepared)


@pytest.mark.parametrize(("side", "doubts"), [(160, 0), (161, 1)], ids=["scrap", "sheet"])
def test_doubts_are_for_sheets(side: int, doubts: int) -> None:
    pixels = bar(40, 40, 48, 120, side=side)
    pixels[40:120, 110:118] -= 120
    prepared = run(pixels)
    assert isinstance(prepared, Prepared)
    assert len(prepared.reasons) == doubts


@pytest.mark.parametrize("rows", [range(30, 400, 60), [300]], ids=["ruled", "underlined"])
def test_ruled_lines_are_said(rows: Sequence[int]) -> None:
    ruled = bar(200, 90, 212, 240)
    for row in rows:
        ruled[row : row + 3] -= 40
    prepared = run(ruled)
    assert isinstance(prepared, Prepared)
    assert prepared.notes.dropped == ("lines",)


@pytest.mark.parametrize(
    ("side", "bottom", "dropped"),
    [pytest.param(64, 52, (), id="cutting"), pytest.param(65, 40, ("lines",), id="scrap")],
)
def test_a_cutting_keeps_its_lines_and_its_faintest_parts(
    side: int, bottom: int, dropped: tuple[str, ...]
) -> None:
    pale = np.full((side, side), 255, np.uint8)
    pale[16:40, 28:34], pale[40:52, 28:34] = 0, 195
    ruled = bar(30, 10, 35, 54, side=side, grain=1)
    ruled[40] -= 60
    end, said = run(pale), run(ruled)
    assert isinstance(end, Prepared)
    assert isinstance(said, Prepared)
    assert end.notes.box == (28, 16, 34, bottom)
    assert said.notes.dropped == dropped


@pytest.mark.parametrize(
    ("table", "box"),
    [
        pytest.param(0, (130, 40, 270, 360), id="a stroke as wide as it likes"),
        pytest.param(100, (250, 100, 262, 300), id="not the table at its edge"),
    ],
)
def test_on_a_drawn_ground(table: int, box: tuple[int, int, int, int]) -> None:
    left, top, right, bottom = box
    pixels = np.full((400, 400), 255, np.uint8)
    pixels[:, :table], pixels[top:bottom, left:right] = 0, 150
    prepared = run(pixels)
    assert isinstance(prepared, Prepared)
    assert prepared.notes.box == box


def spoilt(down: int, right: int) -> np.ndarray:
    """A zero longer than MNIST's, on a grey ground, off the middle."""
    pixels = np.full((28, 28), 60, np.uint8)
    cv2.ellipse(pixels, (14 + right, 14 + down), (5, 11), 0, 0, 360, 210, 2)
    return pixels


def test_spoilt_mnist_is_centred() -> None:
    middle, off = run(spoilt(0, 0)), run(spoilt(-1, -2))
    assert isinstance(middle, Prepared)
    assert isinstance(off, Prepared)
    assert middle.notes.passthrough
    assert off.notes.passthrough
    assert np.array_equal(off.pixels, middle.pixels)


def test_spoilt_mnist_with_a_line_to_the_frame_stays() -> None:
    pixels = spoilt(-1, -2)
    cv2.line(pixels, (0, 20), (12, 20), 210, 1)
    prepared = run(pixels)
    assert isinstance(prepared, Prepared)
    assert np.array_equal(prepared.pixels, stretched(pixels))


@pytest.mark.parametrize(
    ("pixels", "mode"),
    [
        pytest.param(drawn(400, 255, 0), Preprocess.PLAIN, id="plain"),
        pytest.param(place(np.ones((100, 10), np.float32)), Preprocess.AUTO, id="as it is"),
        pytest.param(spoilt(0, 0), Preprocess.AUTO, id="spoilt"),
        pytest.param(drawn(400, 255, 0), Preprocess.AUTO, id="brought to MNIST's form"),
        pytest.param(np.zeros((400, 400), np.uint8), Preprocess.AUTO, id="blank"),
    ],
)
def test_what_was_said_before_is_kept(pixels: np.ndarray, mode: Preprocess) -> None:
    said = (Reason(Code.TRUNCATED, "cut short"),)
    result = normalize(Picture(REF, pixels, said), mode, Polarity.AUTO)
    assert (result.ref, result.reasons) == (REF, said)


def test_modes_import_nothing_heavy() -> None:
    code = "import sys, batch_predict.normalize.modes; print({'cv2', 'numpy'} & set(sys.modules))"
    child = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert child.stdout == "set()\n"


@pytest.mark.parametrize("preprocess", list(Preprocess))
@pytest.mark.parametrize("kind", ["noise", "black", "half"])
@pytest.mark.parametrize(
    ("shape", "has_mark"),
    [
        pytest.param((1, 1), False, id="one pixel"),
        pytest.param((1, 2), True, id="two pixels"),
        pytest.param((1, 4, 3), True, id="a row of colours"),
        pytest.param((1, 5000), False, id="a long row"),
        pytest.param((5000, 1), False, id="a long column"),
        pytest.param((3, 2000, 3), False, id="a long strip of colours"),
        pytest.param((27, 28), True, id="a row less than MNIST's"),
        pytest.param((2, 100_000), False, id="a very long strip"),
    ],
)
def test_no_shape_is_too_odd(
    shape: tuple[int, ...], has_mark: bool, kind: str, preprocess: Preprocess
) -> None:
    pixels = np.zeros(shape, np.uint8)
    if kind == "noise":
        pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    elif kind == "half":
        pixels[:, : shape[1] // 2] = 255
    seen = run(pixels, preprocess)
    if preprocess is Preprocess.PLAIN or (has_mark and kind != "black"):
        assert isinstance(seen, Prepared)
        assert (seen.ref, seen.pixels.dtype, seen.pixels.shape) == (REF, np.uint8, (28, 28))
        assert seen.pixels.any() == pixels.any()
    else:
        assert seen == Blank(REF)


def test_a_mark_that_fills_its_picture() -> None:
    grey, blue, red = (128, 128, 128), (128, 128, 255), (255, 128, 128)
    run(np.array([[(255, 255, 255), blue, red, grey]], np.uint8))


def felt_pen_eight(side: int) -> np.ndarray:
    small = np.zeros((28, 28), np.uint8)
    cv2.circle(small, (14, 9), 5, 255, 3)
    cv2.circle(small, (14, 19), 5, 255, 4)
    return cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("side", [112, 224, 448, 1000])
@pytest.mark.parametrize("turn", [np.asarray, np.invert], ids=["light on dark", "dark on light"])
@pytest.mark.parametrize("grain", [0, 7], ids=["even", "grainy"])
def test_a_stroke_of_any_width_is_whole(side: int, turn, grain: int) -> None:
    noise = np.random.default_rng(side).normal(3 * grain, grain, (side, side))
    seen = run(turn(np.clip(felt_pen_eight(side) + noise, 0, 255).astype(np.uint8)))
    assert isinstance(seen, Prepared)
    assert grain or seen.notes.dropped == ()
    left, top, right, bottom = (edge / side * 28 for edge in seen.notes.box)
    assert (left, top, right, bottom) == pytest.approx((7.5, 2.5, 21.5, 26.5), abs=1.5)
