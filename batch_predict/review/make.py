"""The pages of a finished run, made and put beside its output."""

import hashlib
import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain

from batch_predict.errors import InputError
from batch_predict.manifest.manifest import Manifest
from batch_predict.manifest.ownership import check_replaceable, is_absent, is_ours
from batch_predict.manifest.read_write import read_manifest
from batch_predict.options import Options
from batch_predict.process.output_lock import locked
from batch_predict.process.progress import progress
from batch_predict.records import Status
from batch_predict.report.numbers import count
from batch_predict.report.seen_again import SeenAgain
from batch_predict.review.cards import Card, cards
from batch_predict.review.page import PageFacts, pages_of, render
from batch_predict.review.queue import queue
from batch_predict.storage import open_storage
from batch_predict.storage.input_file import check_input
from batch_predict.storage.output_paths import decisions_file, lock_file, review_page
from batch_predict.storage.staging import staging
from batch_predict.tables.registry import input_errors


def make_pages(csv: str, in_dir: str | None, *, blank: bool, overwrite: bool) -> str:
    """Replace the review pages of the output `csv`; returns what to tell the user.

    `in_dir` is where its pictures are now, None: where they were. `blank`: pictures with nothing
    written on them are in the queue, too. `overwrite`: also files that this program did not write.

    Raises InputError, LockedError, OutputError, UsageError.
    """
    try:
        check_input(csv)  # said before a lock is made beside it
    except OSError as error:
        raise InputError(f"can't read {csv}: {error.strerror}") from error
    check_replaceable([review_page(csv)], {"the table": csv}, output=csv, overwrite=overwrite)
    with locked(lock_file(csv)):  # a run may not replace the table meanwhile
        digest, manifest = read_manifest(csv)
        if manifest is None:
            raise InputError(
                f"{csv} has no manifest beside it, which says where its pictures are: run again"
            )
        options = manifest.record.options
        options = replace(options, in_dir=in_dir or options.in_dir)
        statuses = [Status.REVIEW, Status.FAILED, *([Status.BLANK] if blank else [])]
        with input_errors(csv):
            rows = queue(csv, statuses)
        if not rows:
            return f"{csv} has nothing to review"
        _check_in_dir(options)
        pictures = SeenAgain(options, manifest.record.model)
        made = cards(rows, open_storage(options.in_dir), pictures)
        shown = _with_progress(made, len(rows))
        parts = list(pages_of(card.to_json() for card in shown))
        return _write(csv, digest, manifest, parts, overwrite=overwrite)


def _write(
    csv: str, digest: str, manifest: Manifest, parts: list[list[str]], *, overwrite: bool
) -> str:
    targets = [review_page(csv, number) for number in range(1, len(parts) + 1)]
    check_replaceable(targets, {"the table": csv}, output=csv, overwrite=overwrite)
    source = hashlib.sha256(os.path.abspath(manifest.record.options.output).encode()).hexdigest()
    facts = PageFacts(
        csv=os.path.basename(csv),
        csv_sha256=digest,
        source=source,
        made=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        decisions_name=os.path.basename(decisions_file(csv)),
        of=len(parts),
    )
    with staging(csv) as staged:
        for number, (target, part) in enumerate(zip(targets, parts, strict=True), 1):
            page = render(facts._replace(number=number), part, "")
            with open(staged.add(target), "w", encoding="utf-8") as file:
                file.write(page)
        staged.remove(*_beyond(csv, len(parts)))
        staged.commit()
    more = f" to {os.path.basename(targets[-1])}" if len(targets) > 1 else ""
    return f"{count(sum(map(len, parts)), 'picture')} to look at -> {targets[0]}{more}"


def _with_progress(made: Iterable[Card], total: int) -> Iterator[Card]:
    """`made`, passed through; a terminal shows how far it is, for a picture takes 0.1 s."""
    batches = progress(([card] for card in made), 0, total, verbose=False, quiet=False)
    return chain.from_iterable(batches)


def _check_in_dir(options: Options) -> None:
    """Raises InputError where the folder of the pictures is gone."""
    in_dir = options.in_dir
    if "://" not in in_dir and not os.path.isdir(in_dir):
        raise InputError(f"{in_dir} is not there: say with --in-dir where its pictures are now")


def _beyond(csv: str, pages: int) -> Iterator[str]:
    """The pages of an earlier, longer queue, which no longer belong to the output."""
    for number in itertools.count(pages + 1):
        page = review_page(csv, number)
        if is_absent(page) or not is_ours(page, csv):
            return
        yield page
