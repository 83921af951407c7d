"""The commands show the package's log on stderr; a program hears nothing until it says so."""

import logging
import subprocess
import sys

import pytest

from batch_predict.process.log import PACKAGE_LOGGER, show_details, shown_on_stderr
from tests.conftest import ROOT

LOGGER = logging.getLogger("batch_predict.some.module")


def speak() -> None:
    LOGGER.error("an error")
    LOGGER.warning("a warning")
    LOGGER.info("a cause")
    LOGGER.debug("a detail")


@pytest.mark.parametrize(
    ("details", "lines"),
    [
        pytest.param(False, ["an error", "a warning"], id="plain"),
        pytest.param(True, ["an error", "a warning", "a cause"], id="verbose"),
    ],
)
def test_what_is_shown(capsys: pytest.CaptureFixture[str], details: bool, lines: list[str]) -> None:
    with shown_on_stderr():
        if details:
            show_details()
        speak()
    assert capsys.readouterr().err == "".join(f"batch_predict: {line}\n" for line in lines)


def test_a_name_moves_no_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_on_stderr():
        LOGGER.error("can't write %s", "\x1b[2K\r\n\udce9 é.csv")
    assert capsys.readouterr().err == "batch_predict: can't write \\x1b[2K\\x0d\\x0a\\xe9 é.csv\n"


def test_afterwards_all_is_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    before = (PACKAGE_LOGGER.level, PACKAGE_LOGGER.propagate, PACKAGE_LOGGER.handlers[:])
    with shown_on_stderr():
        show_details()
    assert (PACKAGE_LOGGER.level, PACKAGE_LOGGER.propagate, PACKAGE_LOGGER.handlers) == before
    speak()
    assert capsys.readouterr().err == ""


def test_afterwards_a_logger_shows_what_its_program_asked_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "batch_predict"):
        with shown_on_stderr():
            LOGGER.info("not shown, and remembered as such")
        LOGGER.info("shown")
    assert caplog.messages == ["shown"]


def test_a_handler_of_the_root_logger_does_not_say_it_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with shown_on_stderr():
        speak()
    assert caplog.messages == []


def test_a_program_that_sets_up_no_logging_hears_nothing() -> None:
    code = "import batch_predict, logging; logging.getLogger('batch_predict.job').error('x')"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert (run.stdout, run.stderr) == (b"", b"")
