"""An audit of a finished run: its pictures drawn, and the blind page that asks for them."""

import base64
import hashlib
import logging
import os
import shlex
import sys
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.audit.answers_file import HEADER
from batch_predict.audit.draw import draw
from batch_predict.audit.frame import Frame, load_frame
from batch_predict.audit.groups_file import NO_GROUP, read_groups
from batch_predict.audit.plan import Plan, known_of, pictures_of, plan_text
from batch_predict.errors import InputError, UsageError, printable
from batch_predict.manifest.ownership import check_replaceable, is_absent
from batch_predict.process.output_lock import locked
from batch_predict.records import Status
from batch_predict.report.load import paths
from batch_predict.report.numbers import count
from batch_predict.review.cards import Card
from batch_predict.review.finished_run import (
    FinishedRun,
    as_found,
    check_there,
    fetched_table,
    finished_run,
)
from batch_predict.review.make import with_progress
from batch_predict.review.page import Document, PageFacts, json_text
from batch_predict.review.review_rows import ReviewRow
from batch_predict.storage.file_hash import file_sha256
from batch_predict.storage.output_paths import audit_files, lock_file
from batch_predict.storage.staging import staging
from batch_predict.tables.csv_paths import as_text
from batch_predict.tables.registry import input_errors
from batch_predict.tables.times import time_text

_LOGGER: Final = logging.getLogger(__name__)
SCRIPTS: Final = ("page.js", "decisions_csv.js", "audit.js")


class AuditAsked(NamedTuple):
    """What a user asks of an audit."""

    number: int  # of pictures
    seed: int
    groups: str | None = None  # a file that names the groups; None: first-level folders


def make_audit(csv: str, in_dir: str | None, asked: AuditAsked, *, overwrite: bool) -> str:
    """Draw an audit of the output `csv`, write its page; returns what to tell the user.

    `in_dir` is where its pictures are now, None: where they were. `overwrite`: also files that this
    program did not write, and a plan that there are answers to.

    Raises InputError, LockedError, OutputError, UsageError.
    """
    check_there(csv)
    page, plan_file, answers = audit_files(csv)
    inputs = {"the table": csv, "the file of --groups": asked.groups}
    check_replaceable([page, plan_file], inputs, output=csv, overwrite=overwrite)
    if not overwrite and not is_absent(answers):
        raise UsageError(
            f"{answers} holds answers to the audit that was drawn before:"
            " move it away, or say --overwrite to draw another"
        )
    # A run may not replace the table meanwhile.
    with locked(lock_file(csv)), fetched_table(csv) as table:
        run = finished_run(csv, in_dir, table)
        with input_errors(csv):
            frame = load_frame(table, read_groups(asked.groups) if asked.groups else None)
            if asked.groups:
                _check_groups(frame, asked.groups)
            drawn = draw(frame, asked.number, asked.seed)
            found = _paths_at(table, drawn.rows)
        if not found:
            return f"{csv} has no picture to draw: all failed, or are decided"
        blind = [ReviewRow(path, Status.OK, None, None, ()) for path in found]
        made = run.card_maker(as_found).cards(blind)
        cards = list(with_progress(made, len(blind)))
        _check_shown(cards)
        plan = Plan(
            csv_sha256=run.csv_sha256,
            rows=len(frame.status),
            seed=asked.seed,
            number=asked.number,
            command=as_text(shlex.join(sys.orig_argv)),
            drawn_at=time_text(datetime.now(UTC)),
            groups_sha256=file_sha256(asked.groups) if asked.groups else None,
            known=known_of(frame),
            strata=drawn.strata.strata,
            pictures=pictures_of(frame, drawn, found, [card.content or "" for card in cards]),
            asked=tuple(drawn.asked.tolist()),
        )
        text = plan_text(plan)
        html = render(_facts(run, text, answers), cards, plan.asked)
        with staging(csv) as staged:
            for target, written in ((plan_file, text), (page, html)):
                with open(staged.add(target), "w", encoding="utf-8") as file:
                    file.write(written)
            staged.commit()
    return f"{count(len(found), 'picture')} to label, drawn from {plan.rows:,} -> {page}"


def render(facts: PageFacts, cards: list[Card], asked: tuple[int, ...]) -> str:
    """The page that asks for `cards` in the order `asked`, by their numbers; it shows no more."""
    data = {"header": ",".join(HEADER) + "\n", "asked": asked}
    return Document(SCRIPTS, template="audit.html").html(facts, data, map(_blind, cards))


def _blind(card: Card) -> str:
    """What the page is told of a picture: not what the run said of it, nor, to the eye, its path.

    Its path goes into the file that is saved; a folder may be named for the digit that is in it.
    """
    shown: dict[str, Any] = {
        "content": card.content,
        "path": base64.b64encode(card.row.path.encode()).decode(),
        "original": card.thumbnails and card.thumbnails.original,
    }
    return json_text(shown)


def _facts(run: FinishedRun, plan: str, answers: str) -> PageFacts:
    """By the plan a browser knows its answers: another one asks anew."""
    source = hashlib.sha256(plan.encode()).hexdigest()
    return run.facts()._replace(source=source, saved_name=os.path.basename(answers))


def _paths_at(table: str, rows: NDArray[np.int64]) -> list[str]:
    """The paths of `rows` (k,) of `table`, in their order."""
    wanted = set(rows.tolist())
    found = {at: path for at, path in enumerate(paths(table)) if at in wanted}
    return [found[row] for row in rows.tolist()]


def _check_groups(frame: Frame, file: str) -> None:
    """Raises UsageError where `file` names no picture of `frame`: it is of another folder."""
    named = np.array([group != NO_GROUP for group in frame.groups])[frame.group]
    if not named.any():
        raise UsageError(
            f"{file} names no path of the table: write its paths as the column path has them"
        )
    if not named.all():
        without = count(int((~named).sum()), "row")
        _LOGGER.warning("%s of %d without a group in %s", without, len(named), file)


def _check_shown(cards: list[Card]) -> None:
    """Raises InputError where a picture is not there to be shown: who asks needs all of them."""
    gone = [printable(card.row.path) for card in cards if not (card.content and card.thumbnails)]
    if gone:
        raise InputError(
            f"{count(len(gone), 'drawn picture')} can't be read now, such as {gone[0]}:"
            " run again, then draw"
        )
    changed = [printable(card.row.path) for card in cards if card.has_changed]
    if changed:
        _LOGGER.warning(
            "%s changed since the run, such as %s: where its content did, run again, then draw",
            count(len(changed), "drawn picture"),
            changed[0],
        )
