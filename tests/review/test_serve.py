"""A served run in a process of its own: killed, ended, started again, tried by a second one."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, get_ident
from typing import Any, Final, cast

import pytest

from batch_predict.decisions.decisions_file import read_decisions
from batch_predict.errors import ExitCode, LockedError, UsageError
from batch_predict.process.output_lock import locked
from batch_predict.review.cli import main
from batch_predict.review.decision_log import DecisionLog
from batch_predict.review.finished_run import finished_run
from batch_predict.review.loopback import Loopback
from batch_predict.review.review_rows import queue_of
from batch_predict.review.serve import ServedPages, serve, serve_until_signal
from batch_predict.review.served_run import Shown
from batch_predict.storage.output_paths import decisions_file, lock_file
from tests.conftest import ROOT

COMMAND: Final = (sys.executable, "-m", "batch_predict.review")


class Client:
    """A browser, as far as these tests need one."""

    def __init__(self, url: str) -> None:
        self._address, _, token = url.removeprefix("http://").partition("/")
        self._headers = {
            "Content-Type": "application/json",
            "Origin": f"http://{self._address}",
            "Cookie": "",
        }
        status, cookie = self.ask(f"/{token}")
        assert status == 303
        self._headers["Cookie"] = cookie.partition(";")[0]

    def ask(self, path: str, posted: Any = None) -> tuple[int, Any]:
        connection = HTTPConnection(self._address, timeout=100)
        try:
            body = None if posted is None else json.dumps(posted)
            method = "GET" if posted is None else "POST"
            connection.request(method, path, body, self._headers)
            answer = connection.getresponse()
            content = answer.read().decode()
        finally:
            connection.close()
        if answer.status == 303:
            return answer.status, answer.headers["Set-Cookie"]
        is_json = answer.headers["Content-Type"] == "application/json"
        return answer.status, json.loads(content) if is_json else content

    def cards(self, page: str = "/") -> list[dict[str, Any]]:
        """Those of a page that can be decided on."""
        status, html = self.ask(page)
        assert status == 200
        (cards,) = re.findall('<script type="application/json" id="cards">(.*?)</script>', html)
        return [card for card in json.loads(cards) if card["content"]]

    def decide(self, card: dict[str, Any], decision: str) -> tuple[int, Any]:
        posted = {"row": card["row"], "content": card["content"], "decision": decision}
        return self.ask("/add", [posted])


@contextmanager
def serving(csv: Path, *options: str, **how: Any) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process that serves `csv`, and its link."""
    command = [*COMMAND, str(csv), "--serve", *options]
    # On a disk that is full, Python would leave beginnings of compiled modules for all to read.
    how |= {"cwd": ROOT, "env": {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **how) as process:
        assert process.stdout is not None
        try:
            (url,) = re.findall(r"http://\S+", process.stdout.readline())
            yield process, url
        finally:
            process.kill()


def kept(csv: Path) -> list[tuple[str, str]]:
    found = read_decisions(decisions_file(str(csv)))
    return [(each.path, str(each.decision)) for each in found.rows] if found else []


@pytest.mark.slow
def test_killed_and_started_again_nothing_that_was_answered_is_lost(made: Path) -> None:
    with serving(made) as (process, url):
        client = Client(url)
        cards = client.cards()
        assert [client.decide(card, "3")[0] for card in cards[:9]] == [200] * 9
        process.send_signal(signal.SIGKILL)
    assert kept(made) == [(card["path"], "3") for card in cards[:9]]
    with serving(made) as (process, url):
        client = Client(url)
        (settled,) = [card["settled"] for card in client.cards() if card["row"] == cards[0]["row"]]
        assert settled[0] == "3"
        assert client.decide(cards[9], "none")[0] == 200
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=100)
        assert process.returncode == ExitCode.OK
    assert said == f"1 picture decided, 10 in all -> {decisions_file(str(made))}\n"
    assert kept(made)[-1] == (cards[9]["path"], "none")


@pytest.mark.slow
def test_a_page_that_was_made_before_is_said_to_lack_what_is_decided(made: Path) -> None:
    assert main([str(made)]) == ExitCode.OK
    said = []
    for decide in (False, True):
        with serving(made, stderr=subprocess.PIPE) as (process, url):
            client = Client(url)
            if decide:
                client.decide(client.cards()[0], "3")
            process.send_signal(signal.SIGINT)
            said.append(process.communicate(timeout=100)[1])
    assert ["make it anew before you save from it" in words for words in said] == [False, True]


@pytest.mark.slow
def test_sigterm_ends_it_in_order_and_nothing_is_left_behind(made: Path) -> None:
    before = sorted(made.parent.iterdir())
    with serving(made) as (process, _):
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=100)
        assert process.returncode == ExitCode.OK
    assert said == "no picture was decided\n"
    assert sorted(made.parent.iterdir()) == before


def test_a_signal_that_another_thread_is_given_ends_it() -> None:
    class Server:
        url = "http://127.0.0.1/"

        def __init__(self) -> None:
            self._ended = Event()

        def serve_forever(self) -> None:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
            self._ended.wait(0.2)  # the main thread waits by now, or finds the signal at once
            signal.pthread_kill(get_ident(), signal.SIGINT)
            self._ended.wait()

        def shutdown(self) -> None:
            self._ended.set()

    former = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        serve_until_signal(cast("Loopback", Server()))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)


@pytest.mark.slow
def test_a_full_disk_is_said_and_what_was_kept_before_stays(made: Path) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000))

    with serving(made, preexec_fn=small_files) as (_, url):
        client = Client(url)
        cards = client.cards()
        answers = [client.decide(card, "3") for card in cards]
    ok = [card["path"] for card, (status, _) in zip(cards, answers, strict=True) if status == 200]
    full = [words for status, words in answers if status != 200]
    assert 3 < len(ok) < len(cards)
    assert all(words.startswith("not kept: can't write ") for words in full)
    assert kept(made) == [(path, "3") for path in ok]


def test_a_second_server_of_one_run_is_refused(made: Path) -> None:
    with (
        locked(lock_file(decisions_file(str(made)))),
        pytest.raises(LockedError, match="already: process "),
    ):
        serve(str(made), None, 0, queue_of())


def test_a_run_in_a_bucket_is_not_served() -> None:
    with pytest.raises(UsageError, match="without --serve"):
        serve("s3://bucket/out.csv", None, 0, queue_of())


def test_each_page_names_those_beside_it(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = DecisionLog(decisions_file(str(made)))
    pages = ServedPages(finished_run(str(made), None), log)
    found = [pages(shown, []).html for shown in (Shown(None, 1, 2), Shown(7, 2, 3), Shown(7, 1, 1))]
    links = [re.findall(r'href="(/[^"]*)" rel="(\w+)"', html) for html in found]
    assert links == [
        [("/?page=2", "next")],
        [("/?digit=7&amp;page=1", "prev"), ("/?digit=7&amp;page=3", "next")],
        [],
    ]
    assert ["aria-current" in html for html in found] == [True] * 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(["--serve", "--port", "-1"], "from 0 to 65535, received", id="below 0"),
        pytest.param(["--serve", "--port", "65536"], "from 0 to 65535, received", id="too large"),
        pytest.param(["--serve", "--port", "x"], "from 0 to 65535, received", id="no number"),
        pytest.param(["--port", "80"], "--port is of --serve", id="without --serve"),
    ],
)
def test_what_is_no_port_is_refused(
    made: Path, capsys: pytest.CaptureFixture[str], options: list[str], words: str
) -> None:
    assert main([str(made), *options]) == ExitCode.USAGE
    assert words in capsys.readouterr().err


def test_a_broken_decisions_file_is_refused_with_its_line(
    made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(decisions_file(str(made))).write_text("path,label\na.png,7\n")
    assert main([str(made), "--serve"]) == ExitCode.USAGE
    assert "line 1" in capsys.readouterr().err
