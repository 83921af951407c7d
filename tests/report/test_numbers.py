"""Numbers as the page writes them."""

import pytest

from batch_predict.report.numbers import NO_FIGURE, interval, per_thousand, percent


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
