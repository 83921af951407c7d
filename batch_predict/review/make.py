"""The pages of a finished run, made and put beside its output."""

import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from batch_predict.decisions.decision import Decided
from batch_predict.decisions.decisions_file import read_decisions
from batch_predict.manifest.ownership import check_replaceable, is_absent, is_ours
from batch_predict.process.output_lock import locked
from batch_predict.process.progress import progress
from batch_predict.report.numbers import count
from batch_predict.review.cards import Card
from batch_predict.review.finished_run import FinishedRun, check_there, fetched_table, finished_run
from batch_predict.review.page import pages_of, render
from batch_predict.review.queue import queue, queue_of
from batch_predict.storage.output_paths import decisions_file, lock_file, review_page
from batch_predict.storage.staging import staging
from batch_predict.tables.registry import input_errors


def make_pages(csv: str, in_dir: str | None, *, blank: bool, overwrite: bool) -> str:
    """Replace the review pages of the output `csv`; returns what to tell the user.

    `in_dir` is where its pictures are now, None: where they were. `blank`: pictures with nothing
    written on them are in the queue, too. `overwrite`: also files that this program did not write.

    Raises InputError, LockedError, OutputError, UsageError.
    """
    check_there(csv)
    check_replaceable([review_page(csv)], {"the table": csv}, output=csv, overwrite=overwrite)
    # A run may not replace the table meanwhile.
    with locked(lock_file(csv)), fetched_table(csv) as table:
        run = finished_run(csv, in_dir, table)
        with input_errors(csv):
            rows = queue(table, queue_of(blank=blank))
        if not rows:
            return f"{csv} has nothing to review"
        kept = read_decisions(decisions_file(csv))
        shown = with_progress(run.card_maker().cards(rows), len(rows))
        parts = list(pages_of(card.to_json() for card in shown))
        return _write(run, parts, kept.rows if kept else (), overwrite=overwrite)


def _write(
    run: FinishedRun, parts: list[list[str]], decisions: Sequence[Decided], *, overwrite: bool
) -> str:
    csv = run.csv
    targets = [review_page(csv, number) for number in range(1, len(parts) + 1)]
    check_replaceable(targets, {"the table": csv}, output=csv, overwrite=overwrite)
    facts = run.facts()._replace(of=len(parts))
    with staging(csv) as staged:
        for number, (target, part) in enumerate(zip(targets, parts, strict=True), 1):
            page = render(facts._replace(number=number), part, decisions)
            with open(staged.add(target), "w", encoding="utf-8") as file:
                file.write(page)
        staged.remove(*_beyond(csv, len(parts)))
        staged.commit()
    more = f" to {os.path.basename(targets[-1])}" if len(targets) > 1 else ""
    return f"{count(sum(map(len, parts)), 'picture')} to look at -> {targets[0]}{more}"


def with_progress(made: Iterable[Card], total: int) -> Iterator[Card]:
    """`made`, passed through; a terminal shows how far it is, for a picture takes 0.1 s."""
    batches = progress(([card] for card in made), 0, total, verbose=False, quiet=False)
    return chain.from_iterable(batches)


def _beyond(csv: str, pages: int) -> Iterator[str]:
    """The pages of an earlier, longer queue, which no longer belong to the output."""
    for number in itertools.count(pages + 1):
        page = review_page(csv, number)
        if is_absent(page) or not is_ours(page, csv):
            return
        yield page
