"""The parts of a plot."""

import pytest

from batch_predict.report.svg import WIDTH, Scale, group, stops, svg, text


@pytest.mark.parametrize(
    ("low", "high", "written"),
    [
        pytest.param(0, 1.02, ["0%", "20%", "40%", "60%", "80%", "100%"], id="all shares"),
        pytest.param(-0.03, 1.03, ["0%", "20%", "40%", "60%", "80%", "100%"], id="with a margin"),
        pytest.param(0, 0.014, ["0.0%", "0.2%", "0.4%", "0.6%", "0.8%", "1.0%", "1.2%", "1.4%"],
                     id="small shares"),
        pytest.param(0.9655, 0.9962, ["97.0%", "97.5%", "98.0%", "98.5%", "99.0%", "99.5%"],
                     id="not from 0"),
        pytest.param(0.99981, 0.99986, ["99.981%", "99.982%", "99.983%", "99.984%", "99.985%",
                     "99.986%"], id="a narrow range"),
    ],
)  # fmt: skip
def test_ticks_are_round(low: float, high: float, written: list[str]) -> None:
    ticks = Scale(low, high, 0, 1).percent_ticks()
    assert [words for _, words in ticks] == written
    assert [value for value, _ in ticks] == pytest.approx([float(w[:-1]) / 100 for w in written])


def test_a_scale_may_turn_a_value_upside_down() -> None:
    assert [Scale(0, 2, 100, 0)(value) for value in (0, 0.5, 2)] == [100, 75, 0]


def test_words_are_only_text() -> None:
    plot = svg('a "plot"', group("<b>", text("tick", 1, 2, "<script>")))
    assert plot == (
        f'<svg viewBox="0 0 {WIDTH:g} 266" role="img" aria-label="a &quot;plot&quot;">'
        '<g><title>&lt;b&gt;</title><text class="tick" x="1" y="2" text-anchor="middle">'
        "&lt;script&gt;</text></g></svg>"
    )


@pytest.mark.parametrize("points", [1, 2, 60, 61, 201])
def test_a_pointer_stops_along_the_whole_curve(points: int) -> None:
    found = stops(Scale(0, 1, 200, 0), [(10.0 + n, 100.0, f"no. {n}") for n in range(points)])
    assert 0 < found.count("<title>") <= 60
    assert found.count("<title>") == found.count("<rect") == found.count("<circle")
    assert "<title>no. 0</title>" in found
    assert found.count('height="200"') == found.count("<rect")
