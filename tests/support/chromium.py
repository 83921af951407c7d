"""Debian's Chromium, driven as a person drives it: by keys, on a desktop's screen or a phone's."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import axe_playwright_python
from selenium.webdriver import ActionChains, Chrome, ChromeOptions, ChromeService

LONGEST_S = 120  # that a test waits for anything on a machine that does other things, too
SIZES = {"desktop": (1280, 900), "phone": (390, 844)}  # CSS pixels


@contextmanager
def chromium(downloads: Path) -> Iterator[Chrome]:
    """A browser of its own, which keeps what it downloads in `downloads`."""
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for switch in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    options.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    chrome = Chrome(options, ChromeService(shutil.which("chromedriver")))
    try:
        chrome.set_script_timeout(LONGEST_S)
        yield chrome
    finally:
        chrome.quit()


def emulate(browser: Chrome, size: str, **media: str) -> None:
    """A screen of `size`, with `media` features such as prefers_color_scheme="dark"."""
    width, height = SIZES[size]
    screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == "phone"}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def visit(browser: Chrome, url: str) -> None:
    """Open a page on which a person decides or answers, until it takes keys."""
    browser.get(url)
    _until_ready(browser)


def reload(browser: Chrome) -> None:
    """Have such a page loaded anew, until it takes keys."""
    browser.refresh()
    _until_ready(browser)


def _until_ready(browser: Chrome) -> None:
    until(lambda: bool(ask(browser, "document.querySelector('main:not([aria-busy])')")))


def ask(browser: Chrome, script: str) -> Any:
    """What the expression `script` is in the page."""
    return browser.execute_script(f"return {script}")


def press(browser: Chrome, *keys: str) -> None:
    """Press `keys`, one after the other."""
    ActionChains(browser, duration=0).send_keys(*keys).perform()


def violations(browser: Chrome) -> list[str]:
    """The rules of axe-core that the page breaks, each with where."""
    source = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
    # Not as a script of the page: its policy lets none run but its own.
    browser.execute_cdp_cmd("Runtime.evaluate", {"expression": source})
    found = browser.execute_async_script("axe.run().then(arguments[0])")
    assert len(found["passes"]) > 10  # axe did run
    return [
        f"{rule['id']}: {json.dumps([node['html'] for node in rule['nodes']])}"
        for rule in found["violations"]
    ]


def downloaded(path: Path) -> Path:
    """`path`, once the browser has finished it."""
    # Chromium makes an empty file of the name before it moves its own there (seen in 156).
    unfinished = path.with_name(f"{path.name}.crdownload")
    until(lambda: path.exists() and not unfinished.exists())
    return path


def until(condition: Callable[[], bool]) -> None:
    """Wait for what the browser, or a program that serves it, does by and by."""
    deadline = time.monotonic() + LONGEST_S
    while not condition():
        assert time.monotonic() < deadline, f"it is not so after {LONGEST_S} s"
        time.sleep(0.02)
