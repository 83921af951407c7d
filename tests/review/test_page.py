"""Cards become pages: no larger than a browser opens at once, and nothing in them runs."""

from typing import Any

import pytest

from batch_predict.decisions.decision import Decided, Decision
from batch_predict.review import page as pages
from batch_predict.review.page import PageFacts, json_text, pages_of, render

FACTS = PageFacts("out.csv", "0" * 64, "1" * 64, "2026-11-27T00:00:00Z", "out.decisions.csv")


@pytest.mark.parametrize(
    ("cards", "sizes"),
    [
        pytest.param([], [], id="none"),
        pytest.param(["a"] * 3, [3], id="as many as fit"),
        pytest.param(["a"] * 7, [3, 3, 1], id="more than that"),
        pytest.param(["a" * 40, "a" * 40, "a"], [1, 2], id="larger than that"),
        pytest.param(["a" * 400, "a"], [1, 1], id="one too large alone"),
    ],
)
def test_pages(monkeypatch: pytest.MonkeyPatch, cards: list[Any], sizes: list[int]) -> None:
    monkeypatch.setattr(pages, "MOST_CARDS", 3)
    monkeypatch.setattr(pages, "MOST_CHARACTERS", 60)
    assert [len(page) for page in pages_of(cards)] == sizes


@pytest.mark.parametrize("text", ["</script><b>", "<!--", "]]>", "\u2028", "\u202e", "&lt;", "'\""])
def test_nothing_in_the_data_ends_it(text: str) -> None:
    written = json_text({"name": text})
    assert written.isascii()
    assert not set(written) & set("<>&")


def test_a_hostile_name_is_only_text() -> None:
    facts = FACTS._replace(csv='"><script>alert(1)</script>', number=2, of=3)
    decided = Decided("</script>", "0" * 64, Decision.BLANK, "2026-11-27T00:00:00Z")
    html = render(facts, [json_text("</script><script>alert(2)</script>")], [decided])
    assert "alert(1)</script>" not in html
    assert "alert(2)</script>" not in html
    assert html.count("<script") == html.count("</script>") == 3
    assert "page 2 of 3" in html
