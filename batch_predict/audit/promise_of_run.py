"""A promise on a run's own rows: an audit's answers count for the pictures that it still has."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from batch_predict.audit.answers_file import read_answers, settle
from batch_predict.audit.plan import Plan, read_plan
from batch_predict.audit.promise import Promise, Said, audited_rows, promise
from batch_predict.records import Status
from batch_predict.rows import STATUSES, Rows
from batch_predict.storage.file_hash import file_sha256
from batch_predict.storage.output_paths import audit_files

_OK = STATUSES.index(Status.OK)


@dataclass(frozen=True)
class Audit:
    """A plan and a person's answers to it, read before a run begins."""

    plan: Plan
    plan_sha256: str
    answers: Mapping[int, int]  # picture -> answer; see `answers_file.settle`
    answers_sha256: str


def find_audit(answers_file: str, output: str) -> Audit:
    """The answers in `answers_file`, and the plan that they belong to.

    That lies beside them as `NAME.json` of `NAME.csv`; if it does not, beside `output`.

    Raises:
        UsageError: one can't be read, or is broken; the message has the line.
    """
    beside = f"{os.path.splitext(answers_file)[0]}.json"
    of_output = audit_files(output)[1]
    plan_file = of_output if os.path.exists(of_output) and not os.path.exists(beside) else beside
    plan = read_plan(plan_file)
    settled = settle(read_answers(answers_file, plan))
    return Audit(plan, file_sha256(plan_file), settled.answers, file_sha256(answers_file))


class OfRun(NamedTuple):
    """What can be promised of a run, and of how many answers."""

    promise: Promise
    labels: int  # answers to pictures that the run has


def promise_of_run(rows: Iterable[Rows], audit: Audit, max_error: float) -> OfRun:
    """The promise on all `rows` of a run, before any is for review for its confidence alone.

    Rows are decided already, where a person decided on them: these are not `ok`. A picture is known
    by its content, wherever it lies now.
    """
    wanted = {picture.content for picture in audit.plan.pictures}
    said: dict[str, Said] = {}
    confidences, masks = [np.empty(0)], [np.empty(0, bool)]
    for some in rows:
        confidence = some.answers["confidence"].astype(np.float64)
        may_be_ok = some.answers["status"] == _OK
        confidences.append(confidence)
        masks.append(may_be_ok)
        for at, ref in enumerate(some.refs):
            if ref.content_sha256 is not None and (content := ref.content_sha256.hex()) in wanted:
                is_ok = bool(may_be_ok[at])
                label, sure = int(some.answers["label"][at]), float(confidence[at])
                said[content] = Said(label, sure, True) if is_ok else Said(None, None, False)
    found = promise(
        np.concatenate(confidences),
        np.concatenate(masks),
        audited_rows(audit.plan, audit.answers, said),
        max_error,
    )
    pictures = audit.plan.pictures
    return OfRun(found, sum(pictures[at].content in said for at in audit.answers))
