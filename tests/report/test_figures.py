"""The plots of the page."""

import re
from xml.etree import ElementTree

import pytest

from batch_predict.evaluate import evaluate
from batch_predict.report.figures import figures
from batch_predict.report.svg import HEIGHT, WIDTH
from batch_predict.rows import NONE
from tests.support.scored import drawn, scored

NAMES = ["confusion", "digits", "reliability", "trust", "let_through"]


def plots_of(
    truth: list[int], label: list[int], confidence: list[float] | None = None
) -> dict[str, str]:
    return figures(evaluate(scored(truth, label, confidence)))


def titles(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter("title")]


@pytest.fixture(scope="module")
def plots() -> dict[str, str]:
    truth, probabilities = drawn(500)
    return figures(evaluate(scored(truth, probabilities.argmax(1), probabilities.max(1))))


@pytest.mark.parametrize("name", NAMES)
def test_a_plot_says_what_it_is_and_leaves_colours_to_the_page(
    plots: dict[str, str], name: str
) -> None:
    svg = plots[name]
    assert svg.startswith('<svg viewBox="')
    assert 'role="img" aria-label="' in svg
    for forbidden in ("http", "<image", "<script", "fill=", "stroke=", "#", "nan", "None"):
        assert forbidden not in svg


@pytest.mark.parametrize("name", NAMES)
def test_every_mark_is_within_the_plot(plots: dict[str, str], name: str) -> None:
    for element in ElementTree.fromstring(plots[name]).iter():
        places = {"x": WIDTH, "cx": WIDTH, "y": HEIGHT, "cy": HEIGHT}
        for attribute, end in places.items():
            assert 0 <= float(element.get(attribute, 0)) <= end
        for x, y in re.findall(r"([^ ,]+),([^ ,]+)", element.get("points", "")):
            assert 0 <= float(x) <= WIDTH
            assert 0 <= float(y) <= HEIGHT


@pytest.mark.parametrize(
    ("truth", "label", "names"),
    [
        pytest.param([], [], [], id="nothing"),
        pytest.param([3], [NONE], [], id="no label"),
        pytest.param([3], [3], [], id="one right"),
        pytest.param([3, 3], [3, 4], [NAMES[0], *NAMES[3:]], id="one digit"),
        pytest.param([3, 4, 5], [3, 3, 5], [*NAMES[:2], *NAMES[3:]], id="one bin"),
        pytest.param([3, 4], [4, 3], NAMES[:2], id="all wrong"),
    ],
)
def test_no_plot_of_nothing(truth: list[int], label: list[int], names: list[str]) -> None:
    confidence = [0.9 + row / 100 for row in range(len(truth))]
    assert list(plots_of(truth, label, confidence)) == names


def test_one_confidence_is_no_curve() -> None:
    assert list(plots_of([3, 4], [3, 3])) == NAMES[:2]


@pytest.mark.parametrize(
    ("name", "title"),
    [
        pytest.param("confusion", "truth 1, label 7: 1 of 4 rows (25.00%)", id="a confusion"),
        pytest.param("confusion", "truth 1, label none: 1 of 4 rows (25.00%)", id="no label"),
        pytest.param("digits", "digit 1: 66.67% of 3 read right (20.77% to 93.85%)", id="a digit"),
        pytest.param("reliability", "confidence 90.00%: 66.67% of 3 rows right (20.77% to 93.85%)",
                     id="a bin"),
        pytest.param("trust", "60.00% trusted, from confidence 0.900000 on: 1 error (33.33%)",
                     id="trusted"),
        pytest.param("let_through", "100% trusted: 25.00% of all rows trusted and wrong",
                     id="let through"),
    ],
)  # fmt: skip
def test_a_pointer_finds_the_figure(name: str, title: str) -> None:
    plots = plots_of([1, 1, 1, 1, 2], [1, 1, 7, NONE, 2], [0.9, 0.9, 0.9, 0.9, 0.5])
    assert title in titles(plots[name])
