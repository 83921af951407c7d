"""Runs that are drawn from, made of numbers alone."""

from collections.abc import Sequence

import numpy as np

from batch_predict.audit.draw import Drawn, draw
from batch_predict.audit.frame import Frame
from batch_predict.audit.plan import AuditPicture, Known, Plan, known_of, pictures_of
from batch_predict.audit.strata import Stratum
from batch_predict.records import Status
from batch_predict.rows import NONE, STATUSES


def frame_of(n: int = 5_000, seed: int = 1, groups: int = 1) -> Frame:
    """A run of `n` rows: 5% review, 2% blank, 1% failed; confidence is near 1 for most of `ok`."""
    random = np.random.default_rng(seed)
    kinds = [Status.OK, Status.REVIEW, Status.BLANK, Status.FAILED]
    status = random.choice([STATUSES.index(kind) for kind in kinds], n, p=[0.92, 0.05, 0.02, 0.01])
    unsure = random.beta(0.1, 5, n) * 0.1
    confidence = np.where(status == STATUSES.index(Status.OK), 1 - unsure, random.uniform(0.3, 0.9))
    has_label = np.isin(status, [STATUSES.index(Status.OK), STATUSES.index(Status.REVIEW)])
    label = np.where(has_label, random.integers(0, 10, n), NONE)
    return Frame(
        status.astype(np.int8),
        label.astype(np.int8),
        np.where(has_label, confidence, np.nan).astype(np.float32),
        np.full(n, NONE, np.int8),
        random.integers(0, groups, n).astype(np.int32),
        [f"writer {group}" for group in range(groups)],
    )


def plan_of(frame: Frame, drawn: Drawn) -> Plan:
    """The plan of what was `drawn`; row 7 is `7.png`, and its content 7 in 64 digits."""
    rows = drawn.rows.tolist()
    pictures = pictures_of(
        frame, drawn, [f"{row}.png" for row in rows], [f"{row:064x}" for row in rows]
    )
    return Plan(
        csv_sha256="0" * 64,
        rows=len(frame.status),
        seed=1,
        number=len(rows),
        command="review out.csv --audit 10",
        drawn_at="2026-01-31T12:00:00Z",
        groups_sha256=None,
        known=known_of(frame),
        strata=drawn.strata.strata,
        pictures=pictures,
        asked=tuple(drawn.asked.tolist()),
    )


def drawn_plan(number: int = 100, **of_frame: int) -> Plan:
    """The plan of `number` pictures drawn from `frame_of`."""
    frame = frame_of(**of_frame)
    return plan_of(frame, draw(frame, number, seed=1))


def plain_plan(strata: Sequence[tuple[str, int, int]], known: Known | None = None) -> Plan:
    """A plan of strata as (status, size, drawn): the model says 7 of all but blank pictures."""
    pictures = []
    for at, (status, _, drawn) in enumerate(strata):
        label, confidence = (None, None) if status == "blank" else (7, 0.9)
        for n in range(drawn):
            path, content = f"{at}-{n}.png", "0" * 64
            pictures.append(AuditPicture(path, content, at, status, label, confidence, "a"))
    known = known or Known(0, 0, 0, 0)
    return Plan(
        csv_sha256="0" * 64,
        rows=sum(size for _, size, _ in strata) + sum(known[:3]),
        seed=1,
        number=len(pictures),
        command="",
        drawn_at="2026-01-31T12:00:00Z",
        groups_sha256=None,
        known=known,
        strata=tuple(Stratum(status, status, size, drawn, 0.01) for status, size, drawn in strata),
        pictures=tuple(pictures),
        asked=tuple(range(len(pictures))),
    )
