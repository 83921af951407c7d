"""The pages of a finished run, made and put beside its output."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain

from batch_predict.decisions.decision import Decided, latest
from batch_predict.decisions.decisions_file import read_decisions
from batch_predict.manifest.ownership import check_replaceable, is_absent, is_ours
from batch_predict.process.output_lock import locked
from batch_predict.process.progress import progress
from batch_predict.records import Status
from batch_predict.report.numbers import count
from batch_predict.review.cards import Card
from batch_predict.review.finished_run import FinishedRun, check_there, fetched_table, finished_run
from batch_predict.review.page import pages_of, render
from batch_predict.review.review_rows import review_rows
from batch_predict.storage.output_paths import decisions_file, lock_file, review_page
from batch_predict.storage.staging import staging
from batch_predict.tables.registry import input_errors


def make_pages(csv: str, in_dir: str | None, queue: Sequence[Status], *, overwrite: bool) -> str:
    """Replace the review pages of the output `csv`; returns what to tell the user.

    `in_dir` is where its pictures are now, None: where they were. `queue` are the statuses of the
    rows on the pages, in their order. `overwrite`: also files that this program did not write.

    Raises InputError, LockedError, OutputError, UsageError.
    """
    check_there(csv)
    check_replaceable([review_page(csv)], {"the table": csv}, output=csv, overwrite=overwrite)
    # A run may not replace the table meanwhile.
    with locked(lock_file(csv)), fetched_table(csv) as table:
        run = finished_run(csv, in_dir, table)
        with input_errors(csv), review_rows(table, queue) as found:
            rows = [found[number] for number in found.numbers(queue)]
        if not rows:
            return _remove(csv)
        kept = read_decisions(decisions_file(csv))
        decisions = kept.rows if kept else ()
        known = latest(decisions)
        shown = with_progress(run.card_maker().cards(rows), len(rows))
        told = (replace(card, decided=known.get(card.content or "")).to_json() for card in shown)
        return _write(run, list(pages_of(told)), decisions, overwrite=overwrite)


def _remove(csv: str) -> str:
    """Nothing is in the queue: what an earlier one had is on no page any more."""
    with staging(csv) as staged:
        staged.remove(*_from(csv, 1))
        staged.commit()
    return f"{csv} has nothing to review"


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
        staged.remove(*_from(csv, len(parts) + 1))
        staged.commit()
    more = f" to {os.path.basename(targets[-1])}" if len(targets) > 1 else ""
    return f"{count(sum(map(len, parts)), 'picture')} to look at -> {targets[0]}{more}"


def with_progress(made: Iterable[Card], total: int) -> Iterator[Card]:
    """`made`, passed through; a terminal shows how far it is, for a picture takes 0.1 s."""
    batches = progress(([card] for card in made), 0, total, verbose=False, quiet=False)
    return chain.from_iterable(batches)


def _from(csv: str, number: int) -> Iterator[str]:
    """The pages of an earlier, longer queue from `number` on, which no longer belong to `csv`."""
    while not is_absent(page := review_page(csv, number)) and is_ours(page, csv):
        yield page
        number += 1
