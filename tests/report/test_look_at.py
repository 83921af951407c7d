"""What the report says to look at first."""

from dataclasses import replace

import numpy as np
import pytest

from batch_predict.evaluate import evaluate
from batch_predict.evaluate.evaluation import Group
from batch_predict.evaluate.reliability import wilson
from batch_predict.report.look_at import look_at
from tests.support.scored import scored


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
