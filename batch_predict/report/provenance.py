"""What an auditor signs: which files, which model, which command, when, and whose truth."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from batch_predict import __version__
from batch_predict.manifest.run_record import RunRecord
from batch_predict.manifest.truth_used import TruthUsed
from batch_predict.tables.csv_paths import as_text
from batch_predict.truth.findings import Finding

OWN_COLUMN: Final = "the CSV's own column"  # the source of truth where none is said


@dataclass(frozen=True)
class Provenance:
    """Where the figures come from; None where no manifest says it."""

    csv: str
    csv_sha256: str
    model: str | None
    model_sha256: str | None
    version: str  # of the program that scored, or of this one
    command: str | None
    started: str | None  # UTC: 2026-11-24 02:00:00
    ended: str | None
    truth_source: str
    findings: Sequence[Finding]  # what is odd about the truth
    min_accuracy: float | None = None  # the gate, where there is one
    review_below: float | None = None  # the confidence below which rows went to review


def provenance(
    csv: str, csv_sha256: str, record: RunRecord | None, truth: TruthUsed | None
) -> Provenance:
    """Of the table with the address `csv`, made by the run of `record`, judged by `truth`.

    None as `record` is for a table without a manifest, as `truth` for the table's own column.
    """
    truth = truth or TruthUsed(None, None, ())
    versions = record.invocation.versions if record else {}
    return Provenance(
        csv=as_text(os.path.basename(csv)),
        csv_sha256=csv_sha256,
        model=as_text(record.model.path) if record else None,
        model_sha256=record.model.sha256 if record else None,
        version=versions.get("batch_predict", __version__),
        command=record.invocation.command if record else None,
        started=utc(record.times.started) if record else None,
        ended=utc(record.times.ended) if record else None,
        truth_source=truth.source or OWN_COLUMN,
        findings=truth.findings,
        min_accuracy=record.options.min_accuracy if record else None,
        review_below=record.model.review_below if record else None,
    )


def utc(time: datetime) -> str:
    """`time` as a page says it: `2026-11-24 02:00:00`."""
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
