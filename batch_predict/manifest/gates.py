"""The gates: what a run must reach, beyond being finished."""

from collections.abc import Mapping
from typing import Any

from batch_predict.drift import Drift
from batch_predict.errors import ExitCode
from batch_predict.option_values import Limit
from batch_predict.options import Options
from batch_predict.records import Status


def judge(options: Options, about: Mapping[str, Any]) -> tuple[ExitCode, list[str]]:
    """The exit code of a finished run with the manifest `about`, and why: lines for stderr."""
    failures = _failures(options.max_failures, about)
    gates = (
        _accuracy(options.min_accuracy, about),
        _drift(options.max_drift, about),
        _review(options.max_review, about),
    )
    missed = [words for words in gates if words is not None]
    if failures is not None:
        return ExitCode.FAILURES, [failures, *missed]
    return (ExitCode.GATE if missed else ExitCode.OK), missed


def _failures(allowed: Limit, about: Mapping[str, Any]) -> str | None:
    failed = about["counts"][Status.FAILED]
    if allowed.allows(failed, about["found"]):
        return None
    codes = ", ".join(f"{n} {code}" for code, n in about["reasons"][Status.FAILED].items())
    return f"{failed} of {about['found']} pictures failed (--max-failures {allowed}): {codes}"


def _accuracy(wanted: float | None, about: Mapping[str, Any]) -> str | None:
    """The lower end of the accuracy's interval counts, so that few rows can't pass by luck."""
    if wanted is None:
        return None
    if not about.get("with_truth"):
        return f"--min-accuracy {wanted:g} is not met: no picture has ground truth"
    low, high = about["accuracy_interval"]
    if low >= wanted:
        return None
    return (
        f"--min-accuracy {wanted:g} is not met: accuracy {about['accuracy']:.4f}, "
        f"95% interval from {low:.4f} to {high:.4f}, n = {about['with_truth']}"
    )


def _drift(allowed: float | None, about: Mapping[str, Any]) -> str | None:
    if allowed is None:
        return None
    index, words = Drift(**about["drift"]).furthest()
    return f"--max-drift {allowed:g} is exceeded: {words}" if index > allowed else None


def _review(allowed: Limit | None, about: Mapping[str, Any]) -> str | None:
    review, found = about["counts"][Status.REVIEW], about["found"]
    if allowed is None or allowed.allows(review, found):
        return None
    return f"--max-review {allowed} is exceeded: {review} of {found} pictures are for review"
