"""What the page says in words."""

from dataclasses import replace

import numpy as np
import pytest

from batch_predict.evaluate import evaluate
from batch_predict.evaluate.evaluation import Group
from batch_predict.evaluate.reliability import wilson
from batch_predict.report.numbers import NO_FIGURE, interval, per_thousand, percent
from batch_predict.report.verdict import look_at
from tests.support.scored import scored


@pytest.mark.parametrize(
    ("share", "text"),
    [
        pytest.param(None, NO_FIGURE, id="none"),
        pytest.param(1.0, "100%", id="all"),
        pytest.param(0.0, "0%", id="nothing"),
        pytest.param(0.98765, "98.77%", id="plain"),
        pytest.param(0.999996, ">99.99%", id="never-rounded-to-all"),
        pytest.param(0.000004, "<0.01%", id="never-rounded-to-nothing"),
    ],
)
def test_percent(share: float | None, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        pytest.param(0.5, "500", id="half"),
        pytest.param(0.0, "0", id="nothing"),
        pytest.param(0.0000342, "0.0342", id="three-digits"),
        pytest.param(0.0000004, "<0.001", id="never-rounded-to-nothing"),
    ],
)
def test_per_thousand(share: float, text: str) -> None:
    assert per_thousand(share) == text


def test_interval() -> None:
    assert interval((0.5, 1.0)) == "50.00% to 100%"


def group(name: str, right: int, n: int, *, below: bool) -> Group:
    return Group(name, n, right, right / n, wilson(right, n), below)


def test_a_group_that_does_worse_is_worth_a_look() -> None:
    evaluation = evaluate(scored([1] * 2000, [1] * 2000))
    folders = (group("fine", 990, 1000, below=False),)
    scanners = (group("B", 80, 100, below=True), group("A", 1900, 1900, below=False))
    found_in = {"by_folder": folders, "by_column": {"scanner": scanners}}
    points = look_at(replace(evaluation, **found_in), None)
    found = [point for point in points if point.anchor.startswith("group")]
    assert found == [("scanner “B” does worse than the rest: 80.00% of 100", "group-2")]


@pytest.mark.parametrize(
    ("shift", "words"),
    [
        pytest.param(0.0, None, id="calibrated"),
        pytest.param(0.05, "too sure", id="sure"),
        pytest.param(-0.05, "too modest", id="modest"),
    ],
)
def test_miscalibration_is_worth_a_look(shift: float, words: str | None) -> None:
    right = np.arange(2000) % 10 < 9
    evaluation = evaluate(scored([1] * 2000, np.where(right, 1, 2), [0.9 + shift] * 2000))
    found = [point.words for point in look_at(evaluation, None) if point.anchor == "calibration"]
    assert len(found) == bool(words)
    assert not words or words in found[0]
