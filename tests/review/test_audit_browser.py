"""The page of an audit in a real browser, driven by keys."""

from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from batch_predict.audit.answers_file import read_answers, settle
from batch_predict.audit.plan import read_plan
from batch_predict.records import Status
from batch_predict.report.pictures import Thumbnails
from batch_predict.review.audit import render
from batch_predict.review.cards import Card
from batch_predict.review.cli import main
from batch_predict.review.page import PageFacts
from batch_predict.review.review_rows import ReviewRow
from batch_predict.storage.output_paths import audit_files
from tests.support.chromium import (
    ask,
    chromium,
    downloaded,
    emulate,
    press,
    until,
    violations,
    visit,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def counted(browser: Chrome) -> str:
    return str(ask(browser, "document.getElementById('counted').textContent"))


def test_all_is_answered_by_keys_and_a_reload_loses_nothing(made: Path, tmp_path: Path) -> None:
    assert main([str(made), "--audit", "30"]) == 0
    page, plan_file, _ = audit_files(str(made))
    plan = read_plan(plan_file)
    number = len(plan.asked)
    assert number > len(plan.pictures) == 30
    downloads = tmp_path / "downloads"
    downloads.mkdir()
    with chromium(downloads) as browser:
        visit(browser, Path(page).as_uri())
        assert violations(browser) == []
        give_a_name(browser)
        press(browser, *"123")
        press(browser, "u")
        press(browser, *"nt45")
        assert counted(browser) == f"6 of {number} answered"
        visit(browser, Path(page).as_uri())
        assert counted(browser) == f"6 of {number} answered"
        press(browser, *("7" * (number - 6)))
        assert counted(browser) == f"{number} of {number} answered"
        for size in ("desktop", "phone"):
            emulate(browser, size)
            assert violations(browser) == []
            assert ask(browser, "document.documentElement.scrollWidth <= window.innerWidth")
        ask(browser, "document.getElementById('save').click()")
        given = read_answers(str(downloaded(downloads / "out.audit.csv")), plan)
        assert [entry["level"] for entry in browser.get_log("browser")] == []
    assert {each.by for each in given} == {"Anna"}
    settled = settle(given)
    assert (len(settled.answers), settled.asked_twice) == (30, number - 30)
    assert [settled.answers[at] for at in range(6)] == [1, 2, 10, 11, 4, 5]


def give_a_name(browser: Chrome) -> None:
    press(browser, *"Anna", "\ue007")  # Enter
    # The question closes when Chromium gets to it; what is pressed before goes to it.
    until(lambda: bool(ask(browser, "!document.querySelector('dialog[open]')")))


def test_a_key_right_after_a_name_is_given_is_an_answer(made: Path, tmp_path: Path) -> None:
    assert main([str(made), "--audit", "30"]) == 0
    with chromium(tmp_path) as browser:
        visit(browser, Path(audit_files(str(made))[0]).as_uri())
        browser.execute_script(
            "document.getElementById('by').value = 'Anna';"
            "document.querySelector('#who .main').click();"
            # The question is closed; its field has the focus still.
            "document.activeElement.dispatchEvent("
            "    new KeyboardEvent('keydown', {key: '3', bubbles: true}))"
        )
        assert counted(browser).startswith("1 of")


def answer(browser: Chrome, digit: int) -> None:
    """By its button: a tab in the background has no keys."""
    ask(browser, f"document.querySelector('[data-key=\"{digit}\"]').click()")


def answer_as(browser: Chrome, name: str) -> None:
    """Somebody else goes on."""
    ask(browser, "document.getElementById('by-shown').click()")
    ask(browser, f"document.getElementById('by').value = '{name}'")
    ask(browser, "document.querySelector('#who .main').click()")


def wait_until(browser: Chrome, start: str) -> None:
    """The page counts so; what another tab has kept comes by and by."""
    until(lambda: counted(browser).startswith(start))


def test_a_second_person_sees_no_answer_of_the_first_one_but_a_second_tab_does(
    made: Path, tmp_path: Path
) -> None:
    assert main([str(made), "--audit", "30"]) == 0
    page = Path(audit_files(str(made))[0]).as_uri()
    with chromium(tmp_path) as browser:
        visit(browser, page)
        give_a_name(browser)
        press(browser, *"123", "c", "1 or 7?")
        first = browser.current_window_handle
        browser.switch_to.new_window("tab")
        visit(browser, page)
        answer(browser, 4)
        wait_until(browser, "4 of")
        browser.switch_to.window(first)
        wait_until(browser, "4 of")
        assert ask(browser, "document.getElementById('note').value") == "1 or 7?"
        answer_as(browser, "Bert")
        wait_until(browser, "0 of")
        answer(browser, 9)
        wait_until(browser, "1 of")
        visit(browser, page)
        wait_until(browser, "1 of")
        answer_as(browser, "Anna")
        wait_until(browser, "4 of")


def test_a_name_that_begins_with_a_byte_order_mark_is_saved_whole(tmp_path: Path) -> None:
    card = Card(
        ReviewRow("\ufeffa.png", Status.OK, None, None, ()),
        "0" * 64,
        Thumbnails("data:,", None, None),
    )
    facts = PageFacts("out.csv", "0" * 64, "0" * 64, "2026-11-27T00:00:00Z", "out.audit.csv")
    page = tmp_path / "page.html"
    page.write_text(render(facts, [card], (0,)))
    with chromium(tmp_path) as browser:
        visit(browser, page.as_uri())
        give_a_name(browser)
        press(browser, "3")
        ask(browser, "document.getElementById('save').click()")
        saved = downloaded(tmp_path / "out.audit.csv").read_text().splitlines()
    assert saved[1].startswith("\ufeffa.png,")
