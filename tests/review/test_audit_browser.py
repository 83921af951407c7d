"""The page of an audit in a real browser, driven by keys."""

from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from batch_predict.audit.answers_file import read_answers, settle
from batch_predict.audit.plan import read_plan
from batch_predict.review.cli import main
from batch_predict.storage.output_paths import audit_files
from tests.support.chromium import ask, chromium, downloaded, emulate, press, violations

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
        browser.get(Path(page).as_uri())
        assert violations(browser) == []
        press(browser, *"Anna", "\ue007")  # Enter
        press(browser, *"123")
        press(browser, "u")
        press(browser, *"nt45")
        assert counted(browser) == f"6 of {number} answered"
        browser.get(Path(page).as_uri())
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
    settled = settle(given, plan)
    assert (settled.answered, settled.asked_twice) == (30, number - 30)
    assert [settled.answers[at] for at in range(6)] == [1, 2, 10, 11, 4, 5]
