import numpy as np
import pytest
from numpy.typing import NDArray

from batch_predict.errors import ModelError
from batch_predict.pixel_hash import pixel_hashes
from batch_predict.records import (
    EMPTY,
    INK_CLASSES,
    OTHER,
    Blank,
    Code,
    Failure,
    ImageRef,
    Prepared,
    Reason,
    Seen,
    Status,
    join_reasons,
)
from batch_predict.runtimes import Classifier
from batch_predict.runtimes.looks_plan import LooksPlan
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.padded import Padded
from batch_predict.scoring import Networks, Scorer, unscored
from tests.conftest import noise
from tests.support import fakes, looks
from tests.support.mnist_form import place
from tests.support.steps import score

REF = ImageRef("a.png", truth=3)


def constant(value: float) -> Scorer:
    """A scorer whose model gives `value` for the digit 4."""
    out = np.full((1, 10), (1 - value) / 9, np.float32)
    out[0, 4] = value
    return giving(out, review_below=0.8)


def giving(out: NDArray[np.float32], review_below: float | None = None) -> Scorer:
    """A scorer whose model gives `out`, of one picture."""
    networks = Networks(Classifier(lambda pixels: (out,)), fakes.marker(), None)
    return Scorer(networks, None, 1, review_below)


def test_a_row_belongs_to_its_picture_whatever_the_batch() -> None:
    pictures = [Prepared(ImageRef(f"{n}.png"), noise(n)) for n in range(7)]
    whole = score(fakes.scorer(16), pictures)
    single = [score(fakes.scorer(4), [picture])[0] for picture in pictures]
    assert whole == single
    for picture, row in zip(pictures, whole, strict=True):
        label, confidence = fakes.expected(picture.pixels)
        assert row.ref is picture.ref
        assert (row.label, row.confidence) == (label, pytest.approx(confidence, abs=1e-6))
        assert row.ink == pytest.approx(picture.pixels.mean() / 255, abs=1e-6)
        assert row.pixel_hash == pixel_hashes(picture.pixels[None])[0]


@pytest.mark.parametrize(
    ("confidence", "reasons", "status", "reason"),
    [
        pytest.param(0.9, (), Status.OK, "", id="sure"),
        pytest.param(0.8, (), Status.OK, "", id="at the threshold"),
        pytest.param(0.7, (), Status.REVIEW, "low_confidence: below 0.8", id="below the threshold"),
        pytest.param(
            0.9,
            (Reason(Code.SEVERAL_FRAMES, "first of 3 frames"),),
            Status.OK,
            "several_frames: first of 3 frames",
            id="a reason that is no doubt",
        ),
        pytest.param(
            0.7,
            (Reason(Code.SEVERAL_MARKS, "2 marks"), Reason(Code.TRUNCATED, "ends early")),
            Status.REVIEW,
            "truncated: ends early; several_marks: 2 marks; low_confidence: below 0.8",
            id="reasons in a fixed order",
        ),
    ],
)
def test_status_and_reason(
    confidence: float, reasons: tuple[Reason, ...], status: Status, reason: str
) -> None:
    (row,) = score(constant(confidence), [Prepared(REF, noise(0), reasons)])
    assert (row.label, row.status, join_reasons(row.reasons)) == (4, status, reason)


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        pytest.param(np.full((1, 10), np.nan), "from 0 to 1", id="not a number"),
        pytest.param(np.full((1, 10), np.inf), "from 0 to 1", id="infinite"),
        pytest.param(np.array([[5] + [0] * 8 + [-4]]), "from 0 to 1", id="sum of 1 by chance"),
        pytest.param(np.full((1, 10), 0.2), "do not sum to 1", id="sum of 2"),
        pytest.param(np.full((1, 11), 1 / 11), "ten", id="eleven"),
    ],
)
def test_outputs_that_are_no_probabilities(outputs: NDArray[np.float32], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        score(giving(outputs), [Prepared(REF, noise(0))])


def test_the_unscored() -> None:
    failed = unscored(Failure(REF, Reason(Code.CORRUPT, "bad checksum"), "OSError: torn"))
    assert failed.cause == "OSError: torn"
    assert failed[:5] == (REF, None, None, Status.FAILED, (Reason(Code.CORRUPT, "bad checksum"),))
    assert failed.no_digit is None
    assert unscored(Blank(REF))[:7] == (REF, None, None, Status.BLANK, (), None, None)


def test_a_zero_has_no_sign() -> None:
    """SQLite keeps none, so a row that has one would not be what was written."""
    outputs = np.array([[1.0, *[-1e-9] * 9]], np.float32)
    (row,) = score(giving(outputs), [Prepared(REF, noise(0))])
    assert str(row.probabilities) == str((1.0, *[0.0] * 9))
    assert str(row.no_digit) == "0.0"


@pytest.mark.parametrize(
    ("ten", "expected"),
    [
        pytest.param([0.1] * 10, 1, id="evenly"),
        pytest.param([1, *[0] * 9], 0, id="sure"),
        pytest.param([0.5, 0.5, *[0] * 8], 0, id="one of two"),
        pytest.param([0.73, *[0.03] * 9], 0.3, id="some of it evenly"),
        pytest.param([0.10005] * 10, 1, id="a sum a little over 1"),
    ],
)
def test_no_digit_is_what_is_given_to_all_ten(ten: list[float], expected: float) -> None:
    (row,) = score(giving(np.array([ten], np.float32)), [Prepared(REF, noise(0))])
    assert row.no_digit == pytest.approx(expected, abs=1e-6)


def seen(**shares: float) -> Seen:
    """A picture that the class head takes for a seven, empty or something else, by `shares`."""
    classes = np.zeros(INK_CLASSES, np.float32)
    for name, share in shares.items():
        classes[{"seven": 7, "empty": EMPTY, "other": OTHER}[name]] = share
    return Seen(noise(0), np.zeros((28, 28, 3), np.uint8), classes)


@pytest.mark.parametrize(
    ("ten", "shown", "no_digit", "reasons"),
    [
        pytest.param([0.1] * 10, None, 1, "", id="it answers evenly, which it need not know"),
        pytest.param([0.1] * 10, seen(seven=1), 0, "", id="evenly, but the head sees a digit"),
        pytest.param(
            [0.91, *[0.01] * 9],
            seen(seven=0.3, empty=0.1, other=0.6),
            0.7,
            "no_digit: likelier none than one of the ten: 0.700, above 0.5",
            id="the head sees something else",
        ),
        pytest.param([0.91, *[0.01] * 9], seen(seven=0.5, other=0.5), 0.5, "", id="as likely"),
    ],
)
def test_of_no_digit_a_model_without_looks_asks_the_class_head(
    ten: list[float], shown: Seen | None, no_digit: float, reasons: str
) -> None:
    prepared = Prepared(REF, noise(0), (), shown)
    (row,) = score(giving(np.array([ten], np.float32)), [prepared])
    assert row.no_digit == pytest.approx(no_digit, abs=1e-6)
    assert join_reasons(row.reasons) == reasons
    assert row.status is (Status.REVIEW if reasons else Status.OK)
    assert row.label == int(np.argmax(ten))


@pytest.mark.parametrize(
    ("ten", "no_digit", "reasons"),
    [
        pytest.param(
            [0.1] * 10,
            1,
            "no_digit: likelier none than one of the ten: 1.000, above 0.5",
            id="evenly",
        ),
        pytest.param([0.91, *[0.01] * 9], 0.1, "", id="one of the ten"),
    ],
)
def test_of_no_digit_a_model_with_looks_is_asked(
    ten: list[float], no_digit: float, reasons: str
) -> None:
    only = looks.look(looks.READINGS_ALONE, mnist=0.0, other=0.0)
    networks = Networks(
        Classifier(lambda pixels: (np.array([ten], np.float32),)), fakes.marker(), None
    )
    scorer = Scorer(networks, LooksPlan({}, only, None, None), 1)
    (row,) = score(scorer, [Prepared(REF, noise(0))])
    assert row.no_digit == pytest.approx(no_digit, abs=1e-3)
    assert join_reasons(row.reasons) == reasons
    assert row.status is (Status.REVIEW if reasons else Status.OK)


def test_no_digit_and_a_low_confidence_are_two_reasons() -> None:
    only = looks.look(looks.READINGS_ALONE, mnist=0.0, other=0.0)
    even = np.full((1, 10), 0.1, np.float32)
    networks = Networks(Classifier(lambda pixels: (even,)), fakes.marker(), None)
    scorer = Scorer(networks, LooksPlan({}, only, None, None), 1, review_below=0.9)
    (row,) = score(scorer, [Prepared(REF, noise(0))])
    assert [reason.code for reason in row.reasons] == [Code.NO_DIGIT, Code.LOW_CONFIDENCE]


def test_a_model_with_looks_and_no_judge_judges_itself() -> None:
    """All readings, in batches of its own size; so its answer counts the map's and others too."""
    plan = looks.PLAN._replace(
        judges={}, screen=looks.look(mnist=2.0, other=2.0), first_reading=None
    )
    screen = fakes.load_classifier(ModelFile("", "", None, None), 4)
    itself = Scorer(Networks(screen, looks.marker(), None), plan, 4)
    asked = Scorer(Networks(screen, looks.marker(), Padded(screen, 4)), plan, 4)
    prepared = [
        Prepared(ImageRef(str(n)), place(noise(n)[:, : 10 + n].astype(np.float32)))
        for n in range(4)
    ]
    rows = score(itself, prepared)
    assert rows == score(asked, prepared)
    assert rows != score(looks.scorer(4, plan), prepared)
