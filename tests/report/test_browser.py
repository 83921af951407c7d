"""The page in a real browser: it renders, asks nobody for anything, and complains of nothing."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver import Chrome

from batch_predict.evaluate.evaluation import Grouping
from batch_predict.normalize.readings import ReadingKind
from batch_predict.records import ReadAs, Views
from batch_predict.report.align import Aligned
from batch_predict.report.html_report import render
from batch_predict.rows import NONE
from tests.report.test_html_report import report, with_statuses
from tests.support.chromium import SIZES, ask, chromium, emulate
from tests.support.scored import scored

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("downloads")) as chrome:
        yield chrome


@pytest.mark.parametrize("size", SIZES)
def test_it_renders_alone_and_in_silence(browser: Chrome, finished: Path, size: str) -> None:
    emulate(browser, size)
    browser.get((finished / "out.report.html").as_uri())
    assert browser.title == "90.00% of 30: evaluation of out.csv"
    assert ask(browser, "document.documentElement.scrollWidth <= window.innerWidth")
    drawn = "[...document.querySelectorAll('svg')].map(s => s.getBoundingClientRect().height)"
    heights = ask(browser, drawn)
    assert len(heights) >= 3
    assert min(heights) > 150
    widths = ask(browser, "[...document.images].map(i => i.naturalWidth)")
    assert len(widths) == 6
    assert min(widths) > 0
    assert browser.get_log("browser") == []
    assert not [
        address for address in requests(browser) if not address.startswith(("file:", "data:"))
    ]


@pytest.mark.parametrize("size", SIZES)
def test_cards_have_room_for_three_pictures(browser: Chrome, tmp_path: Path, size: str) -> None:
    grey, maps = np.zeros((300, 200), np.uint8), np.zeros((192, 128, 3), np.uint8)
    digit = grey[:28, :28]
    readings = tuple(ReadAs(kind, digit, 7, 0.99999, 0.5) for kind in ReadingKind)
    shown = {0: Views(grey, maps, digit, readings), 1: Views(grey, None, digit)}
    html = render(report(scored([1, 2], [2, 3])), lambda path: shown[int(path[-5])])
    (tmp_path / "page.html").write_text(html)
    emulate(browser, size)
    browser.get((tmp_path / "page.html").as_uri())
    assert ask(browser, "document.documentElement.scrollWidth <= window.innerWidth")
    within = (
        "[...document.querySelectorAll('.gallery li')].map(card =>"
        " [...card.querySelectorAll('img')].map(image =>"
        " [image, card].map(each => each.getBoundingClientRect().right)))"
    )
    cards = ask(browser, within)
    assert sorted(map(len, cards)) == [2, 3 + len(ReadingKind)]
    assert [edge for card in cards for image, edge in card if image > edge] == []
    widths = ask(browser, "[...document.images].map(i => i.getBoundingClientRect().width)")
    assert min(widths) > 70


def test_no_table_is_cut_on_a_phone(browser: Chrome, tmp_path: Path) -> None:
    """With long names of folders, every status, and a comparison."""
    columns = with_statuses(("ok", 4000, 4000, 9), ("review", 20, 20, 5), ("decided", 9, 9, 3))
    unread = scored([*columns.truth, 7], [*columns.label, NONE])
    names = ["scanner_south-building-02", "form 7, second revision", "(empty)"]
    groups = Grouping(names, np.arange(len(unread.truth), dtype=np.int32) % len(names))
    shown = replace(unread, by_column={"scanner": groups}, written=unread.truth)
    before = Aligned(shown.truth, shown.confidence, shown.truth >= 0, 12)
    (tmp_path / "page.html").write_text(render(report(shown, before), lambda path: None))
    emulate(browser, "phone")
    browser.get((tmp_path / "page.html").as_uri())
    tables = "[...document.querySelectorAll('.table')]"
    assert ask(browser, f"{tables}.length") >= 6
    assert ask(browser, f"{tables}.filter(t => t.scrollWidth > t.clientWidth).length") == 0


def test_a_signature_is_printed_with_the_figure(browser: Chrome, finished: Path) -> None:
    emulate(browser, "desktop")
    browser.get((finished / "out.report.html").as_uri())
    heights = "[...document.querySelectorAll('.verdict .signature')].map(s => s.offsetHeight > 0)"
    assert ask(browser, heights) == [False]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert ask(browser, heights) == [True]
    kept = "getComputedStyle(document.querySelector('.verdict')).breakInside"
    assert ask(browser, kept) == "avoid"
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def requests(browser: Chrome) -> list[str]:
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    sent = [event for event in events if event["method"] == "Network.requestWillBeSent"]
    assert sent  # the page itself, so the log does work
    return [event["params"]["request"]["url"] for event in sent]


def test_hostile_names_are_only_text(browser: Chrome, finished: Path) -> None:
    browser.get((finished / "out.report.html").as_uri())
    assert ask(browser, "document.scripts.length") == 0
    sources = ask(browser, "[...document.images].map(i => i.src.slice(0, 5))")
    assert set(sources) == {"data:"}


def test_dark_light_and_print(browser: Chrome, finished: Path) -> None:
    colours = (
        "[getComputedStyle(document.body).backgroundColor,"
        " getComputedStyle(document.querySelector('svg text')).fill]"
    )
    seen = []
    for scheme in ("light", "dark"):
        emulate(browser, "desktop", prefers_color_scheme=scheme)
        browser.get((finished / "out.report.html").as_uri())
        seen.append(tuple(ask(browser, colours)))
    (light_ground, light_text), (dark_ground, dark_text) = seen
    assert light_ground != dark_ground
    assert light_text != dark_text
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert tuple(ask(browser, colours)) == ("rgb(255, 255, 255)", light_text)
