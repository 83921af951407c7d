"""Looks at pictures, by fake networks whose answers can be read off the pixels."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from batch_predict.looks import Looks, said_of_first
from batch_predict.marking import Marked
from batch_predict.normalize.letterbox import SMALL, side_of
from batch_predict.normalize.modes import Preprocess
from batch_predict.normalize.readings import ReadingKind, as_it_stands, upright
from batch_predict.records import Batch, Code, ImageRef, Prepared, Reason, Reduced, Row
from batch_predict.runtimes.looks_plan import (
    ALL_READINGS,
    FIRST_READING,
    SCREEN,
    Form,
    Look,
    LooksPlan,
)
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.network import Floats
from batch_predict.runtimes.rule import SOURCES, evenness
from batch_predict.scoring import plan_of
from tests.support import looks
from tests.support.mnist_form import place
from tests.support.steps import score

DOUBT = Reason(Code.CUT_BY_FRAME, "much of it lies at the frame")
COUNT = 42  # pictures: of each kind some stop at each look


@cache
def pictures() -> list[Prepared]:
    """In MNIST's form, small, and large, in turn; every seventh with a reason to look."""
    found: list[Prepared] = []
    for number in range(COUNT):
        reasons = (DOUBT,) if number % 7 == 0 else ()
        ref = ImageRef(f"{number:03d}.png")
        if number % 3 == 0:
            stroke = np.ones((100, 6 + 2 * number), np.float32)
            found.append(Prepared(ref, place(stroke), reasons))
            continue
        side = 30 if number % 3 == 1 else 120
        page = np.full((side, side - number % 8), 250, np.uint8)
        page[side // 8 : side // 2 + number % 13, side // 3 : side // 2] = number * 3
        page[:: side // 3] -= np.uint8(number % 5)
        (item,) = looks.marker().read([Reduced(ref, page, reasons)])
        assert isinstance(item, Prepared)
        found.append(item)
    return found


@cache
def alone() -> dict[str, Row]:
    """The row of each picture, scored by itself."""
    return {row.ref.path: row for each in pictures() for row in score(looks.scorer(1), [each])}


def screen(readings: NDArray[np.uint8]) -> Floats:
    """What the fake screen says of `readings`."""
    return looks.screen(COUNT)(readings)


class Counting:
    """Judges and a marker that note what they are asked."""

    def __init__(self, plan: LooksPlan = looks.PLAN) -> None:
        self.judged: list[bytes] = []
        self.marked: list[tuple[int, ...]] = []
        judges = looks.judges()

        def judge(readings: NDArray[np.uint8]) -> Floats:
            self.judged += [reading.tobytes() for reading in readings]
            return judges(readings)

        marker = looks.marker()
        mark = marker.mark

        def noted(pictures: Sequence[NDArray[np.uint8]], side: int) -> list[Marked]:
            self.marked += [(side, *picture.shape) for picture in pictures]
            return mark(pictures, side)

        marker.mark = noted  # type: ignore[method-assign]
        self.looks = Looks(plan, screen, judge, marker)

    def ask(self, batch: Batch) -> NDArray[np.intp]:
        """The labels of `batch`."""
        return self.looks.opinion(batch).probabilities.argmax(axis=1)


def screen_is_sure(plan: LooksPlan = looks.PLAN) -> list[bool]:
    """Of which pictures the first look is sure, and the normalizer, too."""
    batch = Batch.of(pictures())
    is_mnist = np.array([seen is None for seen in batch.seen])
    opinion = plan.screen.opinion(said_of_first(batch, screen), is_mnist)
    sure = plan.screen.is_sure(opinion, is_mnist)
    return [bool(s) and not r for s, r in zip(sure, batch.reasons, strict=True)]


def test_the_pictures_are_of_all_kinds() -> None:
    """Else what follows would show nothing."""
    sure = screen_is_sure()
    for kind in range(3):
        assert 0 < sum(sure[kind::3]) < COUNT // 3
    counting = Counting()
    counting.ask(Batch.of(pictures()))
    doubted = sum(not each for each in sure)
    assert len({*counting.judged}) > doubted
    assert 0 < len(counting.marked) < 2 * doubted


@settings(max_examples=12)
@given(st.permutations(range(COUNT)), st.integers(1, COUNT), st.sampled_from([1, 3, 16]))
def test_a_row_depends_on_its_picture_alone(order: list[int], count: int, size: int) -> None:
    """Not on the order, on what else there is, or on the size of the batches."""
    scorer = looks.scorer(size)
    chosen = [pictures()[n] for n in order[:count]]
    for at in range(0, count, size):
        for row in score(scorer, chosen[at : at + size]):
            assert row == alone()[row.ref.path]


def test_what_the_screen_is_sure_of_reaches_no_judge() -> None:
    counting = Counting()
    sure = [each for each, s in zip(pictures(), screen_is_sure(), strict=True) if s]
    counting.ask(Batch.of(sure))
    assert (counting.judged, counting.marked) == ([], [])


def test_what_the_screen_doubts_is_judged_by_its_first_reading() -> None:
    """And what is small, as it stands."""
    counting = Counting(looks.PLAN._replace(all_readings=None))
    counting.ask(Batch.of(pictures()))
    doubted = [each for each, s in zip(pictures(), screen_is_sure(), strict=True) if not s]
    standing = [
        as_it_stands(each.seen.picture)
        for each in doubted
        if each.seen and side_of(each.seen.picture) == SMALL
    ]
    expected = [each.pixels for each in doubted] + standing
    assert sorted(counting.judged) == sorted(each.tobytes() for each in expected)
    assert counting.marked == []


NEVER = looks.look(mnist=2.0, other=2.0)
ALWAYS = looks.look(mnist=0.0, other=0.0)


@pytest.mark.parametrize(
    ("first", "second", "judged", "marked"),
    [
        pytest.param(ALWAYS, ALWAYS, 0, 0, id="the screen is sure"),
        pytest.param(NEVER, ALWAYS, 1, 0, id="the judges are, of the first reading"),
        pytest.param(NEVER, NEVER, 1, 1, id="nobody is"),
        pytest.param(NEVER, None, 0, 1, id="nobody is, and the model judges itself"),
        pytest.param(ALWAYS, NEVER, 0, 0, id="the screen is, and nobody else would be"),
    ],
)
def test_one_look_after_another(first: Look, second: Look | None, judged: int, marked: int) -> None:
    plan = LooksPlan({}, first, second, NEVER)
    page = pictures()[2]  # a large one
    counting = Counting(plan)
    counting.ask(Batch.of([page]))
    more = len(counting.judged) - judged
    assert more >= marked
    assert more == 0 or marked
    assert len(counting.marked) == marked


def test_a_reason_for_a_person_has_it_judged_however_sure_a_look_is() -> None:
    plan = LooksPlan({}, ALWAYS, ALWAYS, NEVER)
    page = next(each for each in pictures() if each.seen)
    for reasons, marked in (((), 0), ((DOUBT,), 1)):
        counting = Counting(plan)
        counting.ask(Batch.of([page._replace(reasons=reasons)]))
        assert len(counting.marked) == marked
    harmless = (Reason(Code.SEVERAL_FRAMES, "first of 2 frames"),)
    counting = Counting(plan)
    counting.ask(Batch.of([page._replace(reasons=harmless)]))
    assert counting.marked == []


def test_a_picture_in_mnists_form_is_marked_by_the_last_look_on_squares_of_two_sides() -> None:
    counting = Counting(LooksPlan({}, NEVER, None, NEVER))
    digit = pictures()[3]
    assert digit.seen is None
    counting.ask(Batch.of([digit]))
    assert counting.marked == [(64, 28, 28), (96, 28, 28)]


#: hears of a picture in MNIST's form what is made of it alone
NO_MAPS = looks.PLAN._replace(
    screen=NEVER,
    first_reading=NEVER,
    all_readings=NEVER._replace(rules=NEVER.rules | {Form.MNIST: looks.UNMARKED_ALONE}),
)


def test_where_no_map_has_weight_a_picture_in_mnists_form_is_not_marked() -> None:
    counting = Counting(NO_MAPS)
    digit = Prepared(ImageRef("slanted.png"), place(np.tri(40, 20, dtype=np.float32)))
    page = pictures()[2]
    counting.ask(Batch.of([digit]))
    assert counting.marked == []
    both = [each.tobytes() for each in (digit.pixels, upright(digit.pixels))]
    assert both[0] != both[1]
    assert counting.judged == both
    counting.ask(Batch.of([page]))
    assert counting.marked == [(128, 120, 118)]


@pytest.mark.parametrize("number", [0, 1, 2], ids=["MNIST's form", "small", "large"])
def test_no_reading_is_judged_twice(number: int) -> None:
    counting = Counting(LooksPlan({"judge.keras": ""}, NEVER, NEVER, NEVER))
    counting.ask(Batch.of([pictures()[number]]))
    assert len(counting.judged) == len({*counting.judged})


def test_what_is_known_of_a_first_reading_is_what_the_judges_would_say_again() -> None:
    """Nothing but who is asked tells a plan without a look at the first reading."""
    batch = Batch.of(pictures())
    plan = LooksPlan({"judge.keras": ""}, NEVER, NEVER, NEVER)
    known = Counting(plan).looks.opinion(batch)
    asked = Counting(plan._replace(first_reading=None)).looks.opinion(batch)
    for one, other in zip(known, asked, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_marked_picture_is_marked_once_more() -> None:
    counting = Counting(LooksPlan({}, NEVER, None, NEVER))
    for page, expected in ((pictures()[1], (96, 30, 29)), (pictures()[2], (128, 120, 118))):
        counting.marked.clear()
        counting.ask(Batch.of([page]))
        assert counting.marked == [expected]


def test_nothing_is_asked_of_no_picture() -> None:
    counting = Counting()
    assert counting.ask(Batch.of([])).tolist() == []
    assert (counting.judged, counting.marked) == ([], [])


def test_what_is_said_of_a_first_reading() -> None:
    """The head is heard where the picture was marked; what is small and marked, twice."""
    said = said_of_first(Batch.of(pictures()[:3]), screen)
    heard = [{str(SOURCES[place]) for place in np.flatnonzero(row)} for row in said.heard]
    assert heard == [{"as it stands"}, {"map", "as it stands", "head"}, {"map", "head"}]
    for at, source in enumerate((ReadingKind.STANDS, ReadingKind.MAP, ReadingKind.MAP)):
        first = screen(pictures()[at].pixels[None])[0]
        np.testing.assert_array_equal(said.digits[at, SOURCES.index(source)], first)
    seen = pictures()[1].seen
    assert seen is not None
    stood = said.digits[1, SOURCES.index(ReadingKind.STANDS)]
    np.testing.assert_array_equal(stood, screen(as_it_stands(seen.picture)[None])[0])


def test_all_readings_of_a_picture() -> None:
    """The first one is among them, and the head answers at both sizes."""
    batch = Batch.of(pictures()[:3])
    for each, picture in zip(Counting().looks.read_again(batch), pictures(), strict=False):
        found = {reading.kind: reading.pixels for reading in each.readings}
        first = ReadingKind.MAP if picture.seen else ReadingKind.STANDS
        np.testing.assert_array_equal(found[first], picture.pixels)
        assert each.heads is not None
        if picture.seen:
            np.testing.assert_array_equal(each.heads[0], picture.seen.classes)
        assert not np.array_equal(*each.heads)


@pytest.mark.parametrize(
    ("plan", "answering"),
    [
        pytest.param(looks.PLAN, {SCREEN, FIRST_READING, ALL_READINGS}, id="some at each look"),
        # what the normalizer noted is looked at again
        pytest.param(LooksPlan({}, NEVER, ALWAYS, NEVER), {FIRST_READING, ALL_READINGS}, id="two"),
    ],
)
def test_what_the_judges_took_each_reading_for_that_they_saw(
    plan: LooksPlan, answering: set[int]
) -> None:
    """Of a picture that the screen answered they saw none, and first no more than is at hand."""
    found = Counting(plan).looks
    batch = Batch.of(pictures())
    opinion = found.opinion(batch)
    first = ([ReadingKind.STANDS], [ReadingKind.STANDS, ReadingKind.MAP], [ReadingKind.MAP])
    again = [[reading.kind for reading in each.readings] for each in found.read_again(batch)]
    for number, seen in enumerate(found.readings(batch, opinion)):
        look = int(opinion.looks[number])
        expected = {SCREEN: [], FIRST_READING: first[number % 3], ALL_READINGS: again[number]}
        assert [each.kind for each in seen] == expected[look]
        for each in seen:
            (answer,) = looks.judges()(each.pixels[None])
            assert (each.label, each.confidence) == (answer.argmax(), answer.max())
            assert each.no_digit == evenness(answer[None])
    assert set(opinion.looks.tolist()) == answering


@pytest.mark.parametrize(
    ("preprocess", "expected"),
    [
        pytest.param(Preprocess.AUTO, looks.PLAN, id="auto"),
        pytest.param(Preprocess.MNIST, looks.PLAN, id="mnist"),
        pytest.param(Preprocess.PLAIN, looks.PLAN.of_first_reading(), id="plain"),
    ],
)
def test_where_nothing_is_made_of_a_picture_it_has_one_reading(
    preprocess: Preprocess, expected: LooksPlan
) -> None:
    model = ModelFile("a.keras", "", None, None, looks=looks.PLAN)
    assert plan_of(model, preprocess) == expected


def test_a_model_without_looks_has_no_plan() -> None:
    assert plan_of(ModelFile("a.keras", "", None, None), Preprocess.AUTO) is None
