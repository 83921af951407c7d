"""`--serve`: the pages of a finished run from this machine, until a signal."""

import logging
import signal
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final

from batch_predict.decisions.decision import latest
from batch_predict.errors import UsageError
from batch_predict.manifest.ownership import is_absent
from batch_predict.process.output_lock import locked
from batch_predict.process.signals import SIGNALS
from batch_predict.process.stdio import say
from batch_predict.records import Status
from batch_predict.report.numbers import count
from batch_predict.review.cards import Card
from batch_predict.review.decision_log import DecisionLog
from batch_predict.review.finished_run import FinishedRun, check_there, finished_run
from batch_predict.review.loopback import Loopback
from batch_predict.review.page import Document, Lists, json_text
from batch_predict.review.review_rows import review_rows
from batch_predict.review.served_run import Page, ServedRun, Shown, card_json
from batch_predict.storage.output_paths import decisions_file, lock_file, review_page
from batch_predict.tables.registry import input_errors
from batch_predict.tables.times import unix_ms

_LOGGER: Final = logging.getLogger(__name__)
_WAKES_S: Final = 1.0  # between two looks for a signal that the system gave to another thread


def serve(csv: str, in_dir: str | None, port: int, queue: Sequence[Status]) -> str:
    """Serve the output `csv` until a signal; returns what to tell the user.

    `in_dir` is where its pictures are now, None: where they were; `port` 0 is any that is free.
    `queue` are the statuses of the rows that wait for a decision, in their order.
    The table is read once: a run that replaces it meanwhile changes nothing of what is shown.

    Raises InputError, LockedError, OutputError, UsageError.
    """
    target = decisions_file(csv)
    if "://" in target:
        raise UsageError(
            f"{target} is in a bucket, where no line can be added to a file:"
            " make the page without --serve, and put there what it saves"
        )
    check_there(csv)
    held = f"decisions are being written to {target} already"
    with locked(lock_file(target), held), ExitStack() as until_the_end:
        with locked(lock_file(csv)):  # a run may not replace the table meanwhile
            run = finished_run(csv, in_dir)
            with input_errors(csv):
                rows = until_the_end.enter_context(review_rows(csv))
        log = DecisionLog(target)
        pages = ServedPages(run, log)
        served = ServedRun(rows, run.card_maker(), log, pages, queue)
        with Loopback(port, served) as server:
            serve_until_signal(server)
        log.close()
    if not log.made:
        return "no picture was decided"
    page = review_page(csv)
    if not is_absent(page):
        _LOGGER.warning(
            "%s does not know what was decided here: make it anew before you save from it", page
        )
    return f"{count(log.made, 'picture')} decided, {len(log)} in all -> {target}"


def serve_until_signal(server: Loopback) -> None:
    """Serve, and return when a signal comes that ends a run: Ctrl-C is one.

    One that the process was started to ignore, as by nohup, stays ignored.
    """
    received: SimpleQueue[int] = SimpleQueue()  # what a handler of a signal may put into
    awaited = [each for each in SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]
    former = {each: signal.signal(each, lambda n, frame: received.put(n)) for each in awaited}
    try:
        thread = Thread(target=server.serve_forever)
        thread.start()
        say(f"Open {server.url} in a browser on this machine; Ctrl-C ends.")
        while not _has_come(received):
            pass
        server.shutdown()
        thread.join()
    finally:
        for each, handler in former.items():
            signal.signal(each, handler)


def _has_come(received: "SimpleQueue[int]") -> bool:
    """Wait a while; Python handles a signal once this thread, the main one, wakes."""
    with suppress(Empty):
        received.get(timeout=_WAKES_S)
        return True
    return False


class ServedPages:
    """Makes a page of a run: its cards without their pictures, and what was decided on them."""

    def __init__(self, run: FinishedRun, log: DecisionLog) -> None:
        self._facts = run.facts()
        self._log = log
        self._document = Document(("page.js", "review.js", "served_page.js"), asks=True)

    def __call__(self, shown: Shown, cards: Sequence[tuple[int, Card]]) -> Page:
        """See `MakePage`."""
        contents = {card.content for _, card in cards if card.content}
        known = latest(each for content in contents for each in self._log.before(content))
        data = {
            "made": [[c, _made(self._log, c)] for c in contents if self._log.own(c)],
            "grid": shown.digit is not None,
        }
        html = self._document.html(
            self._facts._replace(number=shown.number, of=shown.of),
            data,
            [
                json_text(card_json(number, replace(card, decided=known.get(card.content or ""))))
                for number, card in cards
            ],
            Lists(shown.digit, _address(shown, -1), _address(shown, 1)),
        )
        return Page(html, f"{self._document.policy}; frame-ancestors 'none'")


def _made(log: DecisionLog, content: str) -> list[dict[str, Any]]:
    """What was decided since, as records of a store."""
    return [
        {
            "decision": each.decision,
            "at": order,  # a file has whole seconds; what was made together is taken back together
            "time": unix_ms(each.decided_at),
            "by": each.by,
            "note": each.note,
        }
        for order, each in log.own(content)
    ]


def _address(shown: Shown, step: int) -> str | None:
    """That of the page `step` pages from this one; None where there is none."""
    number = shown.number + step
    if not 1 <= number <= shown.of:
        return None
    return f"/?page={number}" if shown.digit is None else f"/?digit={shown.digit}&page={number}"
