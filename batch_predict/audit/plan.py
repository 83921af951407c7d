"""What was drawn for an audit: the file `out.audit.json`, written once, then only read."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from batch_predict.audit.answers import NO_DIGIT
from batch_predict.audit.draw import Drawn
from batch_predict.audit.frame import Frame
from batch_predict.audit.strata import Stratum
from batch_predict.errors import UsageError
from batch_predict.records import Status
from batch_predict.rows import NONE, STATUSES
from batch_predict.storage.regular_file import open_regular

SCHEMA: Final = "batch_predict.audit/1"


class AuditPicture(NamedTuple):
    """A picture that was drawn, and what the run said of it."""

    path: str  # as the CSV writes it
    content: str  # sha256 of its bytes, 64 hexadecimal digits
    stratum: int  # index into the plan's strata
    status: str
    label: int | None  # the model's
    confidence: float | None  # the model's
    group: str


class Known(NamedTuple):
    """The rows that no audit draws: how many there are."""

    failed: int  # or known to be broken
    decided_right: int  # the model said what a person decided
    decided_wrong: int
    decided_no_digit: int  # of both of these


@dataclass(frozen=True)
class Plan:
    """One audit, as it was drawn."""

    csv_sha256: str  # of the table that was drawn from
    rows: int  # of that table
    seed: int
    number: int  # that was asked for
    command: str
    drawn_at: str  # ISO 8601, UTC
    groups_sha256: str | None  # of the file that names the groups; None: first-level folders
    known: Known
    strata: tuple[Stratum, ...]
    pictures: tuple[AuditPicture, ...]  # in the order in which they are first asked
    asked: tuple[int, ...]  # index into `pictures`, as they come: some come twice

    def answered(self, answers: Iterable[int]) -> tuple[AuditPicture, ...]:
        """The pictures that count by `answers`: up to the last one, by its number, that has one.

        What was left out before it counts: who leaves out the hard ones has drawn another sample.
        """
        return self.pictures[: max(answers, default=-1) + 1]


def known_of(frame: Frame) -> Known:
    """Counts the rows of `frame` that are not drawn from.

    Where the model has no label and a person found no digit, the table does not tell whether the
    model said "blank" or the file could not be read: such a row counts as failed, never as right.
    """
    decision = frame.decision[frame.is_(Status.DECIDED)]
    said = frame.label[frame.is_(Status.DECIDED)]
    has_answer = (decision != NONE) & ((said != NONE) | (decision != NO_DIGIT))
    right = has_answer & (said == decision)
    failed = int(frame.is_(Status.FAILED).sum()) + int((~has_answer).sum())
    none = int((has_answer & (decision == NO_DIGIT)).sum())
    return Known(failed, int(right.sum()), int((has_answer & ~right).sum()), none)


def pictures_of(
    frame: Frame, drawn: Drawn, paths: Sequence[str], contents: Sequence[str]
) -> tuple[AuditPicture, ...]:
    """The pictures of `drawn`; `paths` and `contents` are those of `drawn.rows`, in their order."""
    return tuple(
        AuditPicture(
            path,
            content,
            int(drawn.strata.of_row[row]),
            str(STATUSES[frame.status[row]]),
            None if frame.label[row] == NONE else int(frame.label[row]),
            None if np.isnan(frame.confidence[row]) else round(float(frame.confidence[row]), 6),
            frame.groups[frame.group[row]],
        )
        for row, path, content in zip(drawn.rows.tolist(), paths, contents, strict=True)
    )


def plan_text(plan: Plan) -> str:
    """The JSON text of `plan`, one picture a line."""
    form = {"schema": SCHEMA, **asdict(plan)} | {"known": plan.known._asdict()}
    pictures = [json.dumps(each._asdict(), ensure_ascii=True) for each in plan.pictures]
    del form["pictures"]
    head = json.dumps(form, indent=1).removesuffix("\n}")
    listed = ",\n  ".join(pictures)
    return f'{head},\n "pictures": [\n  {listed}\n ]\n}}\n'


def read_plan(file: str) -> Plan:
    """The plan in `file`.

    Raises:
        UsageError: it can't be read, or is no such file.
    """
    try:
        with open_regular(file) as opened:
            form = json.load(opened)
    except OSError as error:
        mend = "it is written where an audit is drawn, and belongs beside its table"
        raise UsageError(f"can't read {file}: {error.strerror}; {mend}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no JSON file") from error
    schema = form.get("schema") if isinstance(form, dict) else None
    if schema != SCHEMA:
        raise UsageError(f"{file} is no plan of an audit: its schema is {schema!r}, not {SCHEMA!r}")
    try:
        return _plan(form)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UsageError(f"{file} is no whole plan of an audit: draw it again") from error


def _plan(form: dict[str, Any]) -> Plan:
    plan = Plan(
        csv_sha256=str(form["csv_sha256"]),
        rows=int(form["rows"]),
        seed=int(form["seed"]),
        number=int(form["number"]),
        command=str(form["command"]),
        drawn_at=str(form["drawn_at"]),
        groups_sha256=form["groups_sha256"],
        known=Known(*(int(form["known"][name]) for name in Known._fields)),
        strata=tuple(map(_stratum, form["strata"])),
        pictures=tuple(map(_picture, form["pictures"])),
        asked=tuple(map(int, form["asked"])),
    )
    if not 0 < sum(each.size for each in plan.strata) <= plan.rows:
        raise ValueError("the strata are not of this table")
    counts = Counter(picture.stratum for picture in plan.pictures)
    if [counts[at] for at in range(len(plan.strata))] != [each.drawn for each in plan.strata]:
        raise ValueError("the strata do not hold what was drawn")
    if set(plan.asked) != set(range(len(plan.pictures))):
        raise ValueError("what was asked is not what was drawn")
    return plan


def _stratum(form: dict[str, Any]) -> Stratum:
    size, drawn, error = int(form["size"]), int(form["drawn"]), float(form["expected_error"])
    if not (0 <= drawn <= size > 0 and 0 <= error <= 1):
        raise ValueError("no stratum is like that")
    return Stratum(str(form["name"]), str(Status(form["status"])), size, drawn, error)


def _picture(form: dict[str, Any]) -> AuditPicture:
    label, confidence = form["label"], form["confidence"]
    return AuditPicture(
        path=str(form["path"]),
        content=str(form["content"]),
        stratum=int(form["stratum"]),
        status=str(Status(form["status"])),
        label=None if label is None else int(label),
        confidence=None if confidence is None else float(confidence),
        group=str(form["group"]),
    )
