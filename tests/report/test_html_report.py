"""The page in every odd case: sensible words, no plot of nothing."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from batch_predict.evaluate import evaluate
from batch_predict.evaluate.evaluation import Scored
from batch_predict.normalize.readings import ReadingKind
from batch_predict.records import ReadAs, Status, Views
from batch_predict.report.align import Aligned
from batch_predict.report.compare import compare
from batch_predict.report.html_report import MOST_CARDS, MOST_CHANGES, render
from batch_predict.report.load import Text
from batch_predict.report.numbers import NO_FIGURE
from batch_predict.report.provenance import Provenance
from batch_predict.report.report import Report
from batch_predict.rows import NONE, STATUSES
from batch_predict.truth.findings import Finding
from tests.support.digits import DIGITS
from tests.support.scored import drawn, scored

HOSTILE = "</style><script>alert(1)</script>"
SIGNED = Provenance(
    csv="out.csv",
    csv_sha256="c5" * 32,
    model="m.keras",
    model_sha256="a0" * 32,
    version="1.0.0",
    command=None,
    started=None,
    ended=None,
    truth_source="digit-named folders",
    findings=[Finding("oddities", 30, (HOSTILE,))],
)


def report(columns: Scored, before: Aligned | None = None, gate: float | None = None) -> Report:
    evaluation = evaluate(columns)
    texts = {row: Text(f"{HOSTILE}{row}.png", "") for row in range(len(columns.label))}
    signed = replace(SIGNED, min_accuracy=gate)
    comparison = compare(columns, before) if before else None
    return Report(evaluation, signed, texts, comparison, SIGNED)


def page(columns: Scored, before: Aligned | None = None, gate: float | None = None) -> str:
    return render(report(columns, before, gate), lambda path: None)


def visible(html: str) -> str:
    body = re.sub(r"<style>.*?</style>|<svg.*?</svg>|<wbr>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


@pytest.mark.parametrize(
    ("truth", "label", "plots", "words"),
    [
        pytest.param([3], [3], 0, "100% of 1 digit read right", id="one-right"),
        pytest.param([3], [4], 0, "0% of 1 digit read right", id="one-wrong"),
        pytest.param([3, 4], [NONE, NONE], 0, "No row with truth has a label", id="no-label"),
        pytest.param([0, 1, 2] * 9, [0, 1, 2] * 9, 2, "truth 3, 4, 5, 6, 7, 8, 9", id="3-digits"),
        pytest.param([*range(10)], [*range(1, 10), 0], 2, "0% of 10 digits", id="none-right"),
        pytest.param([5, NONE], [5, 5], 0, "1 row has no truth and counts", id="partial-truth"),
        pytest.param([5] * 200, [5] * 199 + [NONE], 1, "1 row has no label and counts as an error",
                     id="a-failed-row"),
    ],
)  # fmt: skip
def test_degenerate(truth: list[int], label: list[int], plots: int, words: str) -> None:
    html = page(scored(truth, label))
    assert html.count("<svg") == plots
    assert words in visible(html)
    assert not re.search(r"\b(nan|None|inf)\b", visible(html))


def test_names_and_findings_are_escaped() -> None:
    html = page(scored([1, 2], [2, 2]))
    assert HOSTILE not in html
    assert html.count("<script") == 0
    assert "and 29 more" in html


@pytest.mark.parametrize(
    ("statuses", "words", "risks"),
    [
        pytest.param(["ok", "ok", "ok"], "Of 4 rows", "100% 25.00% 25.00%", id="all-labelled"),
        pytest.param(["blank", "ok", "ok"], "a blank one is an error, trusted last",
                     "100% 50.00% 50.00%", id="a-blank-one"),
        pytest.param(["failed", "ok", "ok"], "Of 3 rows", "100% 33.33% 33.33%", id="a-failed-one"),
    ],
)  # fmt: skip
def test_the_risk_at_each_coverage(statuses: list[str], words: str, risks: str) -> None:
    """The last of the four is wrong."""
    columns = scored([1, 1, 1, 1], [1 if each == "ok" else NONE for each in statuses] + [2])
    for row, status in enumerate(statuses):
        columns.status[row] = STATUSES.index(Status(status))
    text = visible(page(columns))
    (table,) = re.findall(r"Risk at each coverage.*?vouches", text)
    assert words in table
    assert risks in table
    assert ("failed" in table) is ("failed" in statuses)


def with_statuses(*groups: tuple[str, int, int, int]) -> Scored:
    """So many rows of each status, with how many of them have truth, and how many are wrong."""
    truth, label, status = [], [], []
    for name, rows, known, wrong in groups:
        truth += [1] * known + [NONE] * (rows - known)
        label += [2] * wrong + [1] * (rows - wrong)
        status += [STATUSES.index(Status(name))] * rows
    return replace(scored(truth, label), status=np.array(status, np.int8))


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        pytest.param([("ok", 90, 90, 2), ("review", 10, 10, 8)],
                     ["errors among ok rows 2.22%", "wrong labels caught 8 of 10",
                      "silently wrong 2.00%", "ok 90 90 2 (2.22%)", "all 100 100 10 (10.00%)"],
                     id="both"),
        pytest.param([("review", 5, 5, 1)], ["caught 1 of 1", "review 5 5 1 (20.00%)"],
                     id="only-review"),
        pytest.param([("ok", 90, 0, 0), ("review", 10, 9, 3)],
                     ["9 of 100 rows have truth, and not at random",
                      "Truth covers 0 of 90 ok, 9 of 10 review", "100% of those with truth, 10.00%",
                      "Of the 9 digits with truth, 66.67% are read right",
                      "No ok row has truth, so nothing is known of these", f"ok 90 0 {NO_FIGURE}"],
                     id="only-the-hard-ones-have-truth"),
        pytest.param([("ok", 63, 63, 1), ("review", 5, 4, 0)],
                     ["98.51% of 67 digits read right", "truth covers 67 of 68 rows"],
                     id="one-has-none"),
    ],
)  # fmt: skip
def test_what_became_of_the_rows(groups: list[tuple[str, int, int, int]], words: list[str]) -> None:
    text = visible(page(with_statuses(*groups)))
    assert [each for each in words if each not in text] == []
    silent = any(name == "ok" and known for name, _, known, _ in groups)
    assert ("errors among ok rows" in text) is ("silently wrong" in text) is silent


def test_the_accuracy_after_decisions_stands_beside_the_models() -> None:
    columns = with_statuses(("ok", 8, 8, 0), ("decided", 2, 2, 2))
    text = visible(page(replace(columns, written=columns.truth)))
    (table,) = re.findall(r"rests on.*?Name and signature", text)
    assert "counted 80.00% 49.02% to 94.33% the truth of all 10 rows" in table
    assert "after decisions 100% 72.25% to 100% the same truth; 2 of these rows a person" in table
    assert "decided 2 2 2 (100%)" in text
    assert "wrong labels caught 2 of 2" in text


@pytest.mark.parametrize(
    ("n", "wrong", "words"),
    [
        pytest.param(300, 0, "1% too few rows: it takes 381 without an error", id="few"),
        pytest.param(1000, 0, "1% 0.900000 0% 0, at most 0.38%", id="none-wrong"),
        pytest.param(1000, 5, "1% not reached: everything goes to a person", id="half-the-errors"),
        pytest.param(5000, 30, "1% 0.900000 0% 30, at most 0.86%", id="enough"),
    ],
)
def test_what_can_go_without_a_person_goes_by_the_upper_end(n: int, wrong: int, words: str) -> None:
    text = visible(page(scored([1] * n, [2] * wrong + [1] * (n - wrong))))
    (table,) = re.findall(r"How much can go without a person.*?0.5%", text)
    assert words in table


def test_more_mistakes_than_are_shown_are_counted() -> None:
    text = visible(page(scored([1] * 60, [2] * 60, [0.5] * 60)))
    assert "Mistakes (48 of 60 shown)" in text
    assert "sure; " not in text
    assert text.count("truth 1 , label 2 , ok") == MOST_CARDS


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        pytest.param(0.9, "✓ Gate met", id="met"),
        pytest.param(0.99, "✗ Gate missed", id="missed"),
        pytest.param(None, None, id="none"),
    ],
)
def test_the_gate(gate: float | None, words: str | None) -> None:
    html = page(scored([1] * 100, [1] * 100), gate=gate)
    assert (words or "Gate") in html if words else "Gate" not in html


def test_the_gate_of_a_selection_says_what_it_judges() -> None:
    all_ok = with_statuses(("ok", 900, 90, 0), ("review", 100, 0, 0))
    assert "; judged by the rows with truth, not by the whole table" in page(all_ok, gate=0.9)
    assert "judged by" not in page(scored([1] * 100, [1] * 100), gate=0.9)


def test_changes_are_shown() -> None:
    before = Aligned(np.array([1, 1], np.int8), np.full(2, 0.5, np.float32), np.full(2, True), 3)
    text = visible(page(scored([1, 2], [2, 2]), before))
    assert "Losses (1)" in text
    assert "Wins (1)" in text
    assert "2 rows with truth in both: 50.00% right before, 50.00% now" in text
    assert "Without a partner: 3 in the earlier, 0 in this one" in text
    assert "The difference to the earlier CSV may be chance: 1 win, 1 loss (p = 1)" in text
    (named,) = re.findall(r"Against the earlier CSV.*?2 rows", text)
    assert f"Earlier out.csv sha256 {SIGNED.csv_sha256} Model m.keras sha256" in named


@pytest.mark.parametrize(
    ("status", "is_read"),
    [
        pytest.param(Status.BLANK, True, id="blank"),
        pytest.param(Status.FAILED, False, id="failed"),
    ],
)
def test_the_picture_of_what_failed_is_not_read(status: Status, is_read: bool) -> None:
    columns = scored([1], [NONE])
    columns.status[0] = STATUSES.index(status)
    before = Aligned(np.array([1], np.int8), np.full(1, 0.5, np.float32), np.full(1, True), 0)
    asked: list[str] = []
    html = render(report(columns, before), asked.append)
    assert "Losses (1)" in visible(html)
    assert bool(asked) is is_read
    assert ("no longer where the run found them" in html) is is_read


def test_a_blank_picture_has_no_second_half() -> None:
    grey = np.zeros((40, 50), np.uint8)
    html = render(report(scored([1], [2])), lambda path: Views(grey, None, None))
    assert "nothing found" in html


@pytest.mark.parametrize(
    ("maps", "pictures"),
    [
        pytest.param(None, 2, id="in MNIST's form"),
        pytest.param(np.zeros((40, 50, 3), np.uint8), 3, id="marked"),
    ],
)
def test_a_mistake_shows_every_picture_in_words_too(maps: np.ndarray | None, pictures: int) -> None:
    views = Views(np.zeros((40, 50), np.uint8), maps, np.zeros((28, 28), np.uint8))
    html = render(report(scored([1], [2])), lambda path: views)
    assert len(re.findall(r'<img [^>]*alt="[^"]+"', html)) == html.count("<img ") == pictures
    said = 'class="gallery wide"' in html, "blue print" in visible(html)
    assert said == (pictures == 3,) * 2


def doubted(readings: Sequence[ReadAs]) -> Views:
    return Views(np.zeros((40, 50), np.uint8), None, np.zeros((28, 28), np.uint8), tuple(readings))


@pytest.mark.parametrize(
    ("confidence", "no_digit", "words"),
    [
        pytest.param(0.982, 0.009, "7 at 98.20%", id="a-digit"),
        pytest.param(0.3, 0.6, "7 at 30.00% no digit 60%", id="perhaps-none"),
    ],
)
def test_a_picture_in_doubt_shows_what_each_reading_was_read_as(
    confidence: float, no_digit: float, words: str
) -> None:
    reading = ReadAs("faint strokes", np.zeros((28, 28), np.uint8), 7, confidence, no_digit)
    html = render(report(scored([1], [2])), lambda path: doubted([reading] * 3))
    assert len(re.findall(r'<img [^>]*alt="[^"]+"', html)) == html.count("<img ") == 2 + 3
    assert 'class="gallery wide"' in html
    assert "of a picture that was in doubt, its readings" in visible(html)
    (row,) = re.findall(r'<div class="readings">.*?</div>', html, re.DOTALL)
    assert visible(row).split() == ["faint", "strokes", *words.split()] * 3


@pytest.mark.parametrize(
    ("truth", "readings"),
    [
        pytest.param(1, 0, id="a-plain-mistake"),
        pytest.param(2, 6, id="a-change-that-is-no-mistake"),
    ],
)
def test_others_show_no_readings(truth: int, readings: int) -> None:
    reading = ReadAs("map", np.zeros((28, 28), np.uint8), 2, 0.9, 0.0)
    before = Aligned(np.array([1], np.int8), np.full(1, 0.5, np.float32), np.full(1, True), 0)
    shown = report(scored([truth], [2]), before if truth == 2 else None)
    html = render(shown, lambda path: doubted([reading] * readings))
    assert "readings" not in visible(html)
    assert html.count("<img ") == 2


def test_words_of_a_reading_are_escaped() -> None:
    grey = np.zeros((28, 28), np.uint8)
    html = render(report(scored([1], [2])), lambda path: doubted([ReadAs(HOSTILE, grey, 7, 1, 0)]))
    assert HOSTILE not in html


@pytest.mark.slow
def test_a_page_for_100_000_pictures_is_under_2_5_mb() -> None:
    truth, probabilities = drawn(100_000, sharpness=3.0)
    rng = np.random.default_rng(0)

    # What is made of a map is never noise, and nothing else is made of so large a picture.
    kinds = [kind for kind in ReadingKind if kind is not ReadingKind.STANDS]
    readings = tuple(ReadAs(kind, DIGITS[8], 7, 0.98, 0.2) for kind in kinds)

    def noise() -> NDArray[np.uint8]:
        return rng.integers(0, 256, (28, 28), np.uint8)

    def photo(path: str) -> Views:
        """Noise does not compress: the worst case; a fifth is marked, as by a felt pen."""
        pixels = rng.integers(0, 256, (200, 300, 3), np.uint8)
        marks = np.where(rng.random((8, 12, 3)) < 0.2, np.uint8(255), np.uint8(0))
        maps = marks.repeat(16, axis=0).repeat(16, axis=1)
        return Views(pixels, maps, noise(), readings)

    columns = scored(
        truth, probabilities.argmax(1), probabilities.max(1), probabilities.astype(np.float32)
    )
    before = Aligned(rng.permutation(columns.label), columns.confidence, columns.truth >= 0, 0)
    html = render(report(columns, before), photo)
    assert html.count("<li") > 2 * MOST_CARDS + 2 * MOST_CHANGES

    assert len(html.encode()) < 2_500_000
