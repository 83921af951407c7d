"""What a person's answers in an audit say of a table: the figures, and what they rest on."""

import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from batch_predict.audit.agreement import agreement, joined
from batch_predict.audit.answers import ANSWERS
from batch_predict.audit.answers_file import Given, Settled, read_answers, settle
from batch_predict.audit.estimates import Estimate, Estimates, estimate
from batch_predict.audit.plan import Plan, read_plan
from batch_predict.errors import UsageError, printable
from batch_predict.report.numbers import count, interval, percent
from batch_predict.report.provenance import utc
from batch_predict.storage.file_hash import file_sha256
from batch_predict.storage.output_paths import audit_files
from batch_predict.tables.csv_paths import as_text

MOST_PEOPLE: Final = 2


class AnswersUsed(NamedTuple):
    """One file of answers."""

    file: str  # its name
    sha256: str
    by: tuple[str, ...]
    first: str  # when the first answer was given, ISO 8601, UTC
    last: str
    pictures: int  # with an answer
    asked_twice: int
    same_twice: int  # of these, that got the same answer


class ToSettle(NamedTuple):
    """A picture of which two people say different things."""

    path: str
    answers: tuple[str, str]


@dataclass(frozen=True)
class Audited:
    """An audit of a table, read and estimated."""

    plan: Plan
    plan_file: str  # its name
    plan_sha256: str
    files: tuple[AnswersUsed, ...]
    estimates: Estimates
    answered_twice: int | None  # pictures that two people answered for; None: one did
    kappa: float | None  # Cohen's, of these
    to_settle: tuple[ToSettle, ...]
    command: str  # that made this report
    made: str  # when, UTC

    @property
    def rests_on(self) -> str:
        """How many of the pictures count, in words."""
        found = self.estimates
        part = f"{found.answered:,} of the " if found.answered < found.drawn else ""
        told = f", {found.unsettled:,} of them not told" if found.unsettled else ""
        drawn = count(found.drawn, "picture")
        return f"a sample: {part}{drawn} drawn by strata from {count(self.plan.rows, 'row')}{told}"

    def to_json(self) -> dict[str, Any]:
        """The field `audit` of the JSON report."""
        form = asdict(self.plan) | {"known": self.plan.known._asdict()}
        plan = {name: form[name] for name in form if name not in ("pictures", "asked")}
        return {
            "plan": plan,
            "plan_sha256": self.plan_sha256,
            "files": [each._asdict() for each in self.files],
            "estimates": _plain(self.estimates),
            "answered_twice": self.answered_twice,
            "kappa": self.kappa,
            "to_settle": [each._asdict() for each in self.to_settle],
            "command": self.command,
            "made": self.made,
        }


def read_audit(csv: str, csv_sha256: str, files: Sequence[str]) -> Audited:
    """The audit of the table `csv`, by the plan beside it and the answers in `files`, one or two.

    Where two people differ, a picture can't be told until that is settled.

    Raises:
        UsageError: plan or answers can't be read, or are not of this table.
    """
    if len(files) > MOST_PEOPLE:
        raise UsageError(f"--audit takes the answers of one person or two, received {len(files)}")
    if len(files) > 1 and len({file_sha256(file) for file in files if os.path.isfile(file)}) == 1:
        raise UsageError("--audit names the same answers twice: the second is another person's")
    plan_file = audit_files(csv)[1]
    plan = read_plan(plan_file)
    if plan.csv_sha256 != csv_sha256:
        raise UsageError(
            f"{plan_file} was drawn from another {os.path.basename(csv)}: a run has replaced it"
            " since; keep a copy of both, or draw again"
        )
    given = [read_answers(file, plan) for file in files]
    for file, answers in zip(files, given, strict=True):
        if not answers:
            raise UsageError(f"{file} holds no answer")
    settled = list(map(settle, given))
    first, *others = (each.answers for each in settled)
    agreed = agreement(first, others[0]) if others else None
    return Audited(
        plan,
        os.path.basename(plan_file),
        file_sha256(plan_file),
        tuple(_used(*each) for each in zip(files, given, settled, strict=True)),
        estimate(plan, joined(first, others[0]) if others else first),
        agreed.pictures if agreed else None,
        agreed.kappa if agreed else None,
        tuple(
            ToSettle(plan.pictures[each.picture].path, (ANSWERS[each.first], ANSWERS[each.second]))
            for each in (agreed.to_settle if agreed else ())
        ),
        as_text(shlex.join(sys.orig_argv)),
        utc(datetime.now(UTC)),
    )


def audit_headline(audited: Audited) -> str:
    """What the audit says, on one line."""
    found = audited.estimates
    parts = [
        f"by {audited.rests_on}: {percent(found.right.share)} right"
        f" (95% interval {interval(found.right.interval)})"
    ]
    if errors := found.errors_among_ok:
        parts.append(f"errors among ok rows {percent(errors.share)} ({interval(errors.interval)})")
    return "; ".join(parts)


def _used(file: str, given: Sequence[Given], settled: Settled) -> AnswersUsed:
    times = sorted(each.answered_at for each in given)
    return AnswersUsed(
        as_text(os.path.basename(file)),
        file_sha256(file),
        tuple(sorted({printable(each.by) for each in given if each.by})),
        utc(datetime.fromisoformat(times[0])),
        utc(datetime.fromisoformat(times[-1])),
        len({each.picture for each in given}),
        settled.asked_twice,
        settled.same_twice,
    )


def _plain(found: Estimates) -> dict[str, Any]:
    """Each figure as an object, by the names of `Estimates`."""
    plain: dict[str, Any] = {}
    for name, value in vars(found).items():
        if isinstance(value, Estimate):
            plain[name] = value._asdict()
        elif isinstance(value, dict):
            plain[name] = {str(key): each._asdict() for key, each in value.items()}
        else:
            plain[name] = value
    return plain
