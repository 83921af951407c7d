"""What an auditor signs: which files, which model, which command, when, and whose truth."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from batch_predict import __version__
from batch_predict.truth.findings import Finding


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


def provenance(about: Mapping[str, Any]) -> Provenance:
    """What the manifest `about` says; all it must hold are its CSV's `output` and `csv_sha256`."""
    model = about.get("model", {})
    return Provenance(
        os.path.basename(about["output"]),
        about["csv_sha256"],
        model.get("path"),
        model.get("sha256"),
        about.get("versions", {}).get("batch_predict", __version__),
        about.get("command"),
        _utc(about.get("started")),
        _utc(about.get("ended")),
        about.get("truth_source") or "the CSV's own column",
        [Finding(**finding) for finding in about.get("truth_findings", [])],
        about.get("arguments", {}).get("min_accuracy"),
    )


def _utc(iso: str | None) -> str | None:
    if iso is None:
        return None
    return f"{datetime.fromisoformat(iso).astimezone(UTC):%Y-%m-%d %H:%M:%S}"
