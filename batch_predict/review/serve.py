"""`--serve`: the pages of a finished run from this machine, until a signal."""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from batch_predict.errors import UsageError
from batch_predict.process.output_lock import locked
from batch_predict.report.numbers import count
from batch_predict.review.all_rows import all_rows
from batch_predict.review.cards import Card
from batch_predict.review.decision_log import DecisionLog
from batch_predict.review.finished_run import FinishedRun, check_there, finished_run
from batch_predict.review.loopback import Loopback
from batch_predict.review.page import Document, Lists, json_text, ms, settled
from batch_predict.review.queue import queue_of
from batch_predict.review.server import Page, ServedRun, Shown, card_json, serve_until_signal
from batch_predict.storage.output_paths import decisions_file, lock_file
from batch_predict.tables.registry import input_errors


def serve(csv: str, in_dir: str | None, port: int, *, blank: bool) -> str:
    """Serve the output `csv` until a signal; returns what to tell the user.

    `in_dir` is where its pictures are now, None: where they were; `port` 0 is any that is free.
    `blank`: pictures with nothing written on them are in the queue, too.
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
                rows = until_the_end.enter_context(all_rows(csv))
        log = DecisionLog(target)
        pages = ServedPages(run, log)
        served = ServedRun(rows, run.card_maker(), log, pages, queue_of(blank=blank))
        with Loopback(port, served) as server:
            serve_until_signal(server)
        log.close()
    if not log.made:
        return "no picture was decided"
    return f"{count(log.made, 'picture')} decided, {len(log)} in all -> {target}"


class ServedPages:
    """Makes a page of a run: its cards without their pictures, and what was decided on them."""

    def __init__(self, run: FinishedRun, log: DecisionLog) -> None:
        self._facts = run.facts()
        self._log = log
        self._document = Document(("review.js", "served_page.js"), asks=True)

    def __call__(self, shown: Shown, cards: Sequence[tuple[int, Card]]) -> Page:
        """See `MakePage`."""
        contents = {card.content for _, card in cards if card.content}
        data = {
            "settled": settled(each for c in contents for each in self._log.before(c)),
            "made": [[c, _made(self._log, c)] for c in contents if self._log.own(c)],
            "grid": shown.digit is not None,
        }
        html = self._document.html(
            self._facts._replace(number=shown.number, of=shown.of),
            data,
            [json_text(card_json(number, card)) for number, card in cards],
            Lists(shown.digit, _address(shown, -1), _address(shown, 1)),
        )
        return Page(html, f"{self._document.policy}; frame-ancestors 'none'")


def _made(log: DecisionLog, content: str) -> list[dict[str, Any]]:
    """What was decided since, as records of a store."""
    return [
        # A file has whole seconds; what was made together is taken back together.
        {"decision": d.decision, "at": ms(d.decided_at) + time / 1000, "by": d.by, "note": d.note}
        for time, d in log.own(content)
    ]


def _address(shown: Shown, step: int) -> str | None:
    """That of the page `step` pages from this one; None where there is none."""
    number = shown.number + step
    if not 1 <= number <= shown.of:
        return None
    return f"/?page={number}" if shown.digit is None else f"/?digit={shown.digit}&page={number}"
