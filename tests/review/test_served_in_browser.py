"""The served page in a real browser: driven by keys, its program killed, its disk full."""

import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.keys import Keys

from batch_predict.decisions.decisions_file import parse_decisions
from batch_predict.job import run
from batch_predict.normalize.modes import Preprocess
from batch_predict.options import Options
from batch_predict.runtimes import RUNTIMES
from batch_predict.storage.output_paths import decisions_file
from tests.conftest import MODEL_BYTES, noise, save
from tests.review.test_serve import kept, serving
from tests.support.chromium import ask, chromium, emulate, press, reload, until, violations, visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PICTURES = 200


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chrome]:
    with chromium(tmp_path_factory.mktemp("downloads")) as browser:
        emulate(browser, "desktop")
        yield browser


@pytest.fixture
def doubted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The CSV of a run with PICTURES pictures, all for review."""
    monkeypatch.setitem(RUNTIMES, "fake", "tests.support.fakes:RUNTIME")
    for seed in range(PICTURES):
        save(tmp_path / "in" / f"{seed % 3}" / f"{seed:03}.png", noise(seed))
    model = tmp_path / "fake.keras"
    model.write_bytes(MODEL_BYTES)
    output = tmp_path / "out.csv"
    options = Options(
        in_dir=str(tmp_path / "in"),
        output=str(output),
        model=str(model),
        runtime="fake",
        preprocess=Preprocess.PLAIN,
        review_below=1.0,
        no_labels=True,
        quiet=True,
    )
    run(options)
    return output


def shown(browser: Chrome, name: str) -> str:
    return str(ask(browser, f"document.getElementById('{name}').textContent"))


def written(csv: Path) -> list[str]:
    """What is decided; of a line that is being added, a reader may see the beginning only."""
    file = Path(decisions_file(str(csv)))
    data = file.read_bytes() if file.exists() else b""
    whole = data[: data.rfind(b"\n") + 1]
    return [str(each.decision) for each in parse_decisions(whole)] if whole else []


def test_200_decided_and_the_program_killed_in_the_middle(browser: Chrome, doubted: Path) -> None:
    keys = [str(number % 10) for number in range(PICTURES - 1)] + ["n"]
    with serving(doubted) as (process, url):
        visit(browser, url)
        press(browser, *keys[:100])
        until(lambda: written(doubted) == keys[:100])
        process.send_signal(signal.SIGKILL)
        process.wait()
        press(browser, keys[100])
        until(lambda: "could not be kept (the program" in shown(browser, "warning"))
        port = url.split(":")[2].partition("/")[0]
    assert len(kept(doubted)) == 100
    with serving(doubted, "--port", port) as (process, url):
        tab = browser.current_window_handle
        browser.switch_to.new_window("tab")
        visit(browser, url)  # the new link lets the page of before in, too
        assert shown(browser, "counted") == "100 of 200 decided"
        browser.close()
        browser.switch_to.window(tab)
        press(browser, *keys[101:])
        until(lambda: written(doubted) == [*keys[:-1], "none"])
        # The page hears of the last line after it is in the file.
        until(lambda: bool(ask(browser, "document.getElementById('warning').hidden")))
        assert shown(browser, "counted").startswith("200 of 200 decided")
        process.send_signal(signal.SIGINT)
        process.wait()
    found = kept(doubted)
    assert sorted(decision for _, decision in found) == sorted([*keys[:-1], "none"])
    assert len({path for path, _ in found}) == PICTURES
    browser.get("about:blank")


def test_a_full_disk_is_said_and_once_there_is_room_all_is_kept(
    browser: Chrome, doubted: Path
) -> None:
    full, roomy = (1_000, resource.RLIM_INFINITY), (resource.RLIM_INFINITY,) * 2
    with serving(doubted) as (process, url):
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, full)
        visit(browser, url)
        press(browser, *"1234567890")
        until(
            lambda: (
                "No space" in shown(browser, "warning") or "too large" in shown(browser, "warning")
            )
        )
        assert 0 < len(written(doubted)) < 10
        assert "is sent again with the next one" in shown(browser, "warning")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, roomy)
        press(browser, "n")
        until(lambda: written(doubted) == [*"1234567890", "none"])
        until(lambda: bool(ask(browser, "document.getElementById('warning').hidden")))
    browser.get("about:blank")


def test_undo_takes_lines_out_also_after_a_reload(browser: Chrome, doubted: Path) -> None:
    with serving(doubted) as (_, url):
        visit(browser, url)
        press(browser, "1", "2", Keys.ENTER, "n")
        until(lambda: len(written(doubted)) == 4)
        reload(browser)
        press(browser, "u", Keys.BACKSPACE, "u")
        until(lambda: written(doubted) == ["1"])
        assert shown(browser, "counted").startswith("1 of 200 decided")
        press(browser, "u", "u")
        until(lambda: written(doubted) == [])
    browser.get("about:blank")


def test_who_goes_on_at_once_loses_nothing(browser: Chrome, doubted: Path) -> None:
    with serving(doubted) as (_, url):
        visit(browser, url)
        press(browser, *"1234567890" * 5)
        browser.find_element("link text", "7").click()
        until(lambda: bool(ask(browser, "location.search")))
        assert len(kept(doubted)) == 50
    browser.get("about:blank")


def test_a_grid_of_all_that_were_read_as_one_digit(browser: Chrome, doubted: Path) -> None:
    with serving(doubted) as (_, url):
        visit(browser, url)
        browser.find_element("link text", "7").click()
        until(
            lambda: bool(ask(browser, "document.querySelectorAll('#tiles img[src^=data]').length"))
        )
        count = ask(browser, "document.querySelectorAll('#tiles img').length")
        assert count > 3
        press(browser, "x", Keys.ENTER)
        until(lambda: written(doubted) == ["7"] * (count - 1))
    browser.get("about:blank")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_accessible_and_silent(browser: Chrome, doubted: Path, size: str) -> None:
    emulate(browser, size)
    browser.get_log("browser")  # of other tests
    with serving(doubted) as (_, url):
        visit(browser, url)
        until(lambda: bool(ask(browser, "document.getElementById('original').naturalWidth")))
        for keys in ((), ("4",), ("g",)):
            press(browser, *keys)
            assert violations(browser) == []
            assert ask(browser, "document.documentElement.scrollWidth <= window.innerWidth")
        assert browser.get_log("browser") == []
    emulate(browser, "desktop")
    browser.get("about:blank")
