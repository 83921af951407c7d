"""What a finished run says: one line on stdout, and on stderr the gates that are not met."""

import logging
from collections.abc import Iterable
from typing import Final

from batch_predict.drift import NOTABLE
from batch_predict.manifest.manifest import Manifest
from batch_predict.process.stdio import say

_LOGGER: Final = logging.getLogger(__name__)


def print_summary(manifest: Manifest, missed: Iterable[str], *, quiet: bool) -> None:
    """Print the line, unless `quiet`, and those of the gates that are `missed`."""
    if not quiet:
        say(line(manifest))
    for words in missed:
        _LOGGER.error("%s", words)


def line(manifest: Manifest) -> str:
    """Counts, accuracy where there is ground truth, duration, rate and output."""
    record, report = manifest.record, manifest.report
    options, walk, drift = record.options, record.walk, record.drift
    counts = ", ".join(f"{count} {status}" for status, count in record.counts.by_status.items())
    parts = [f"{record.counts.found} pictures: {counts}"]
    if walk.kept:
        parts.append(f"{record.scored} of them anew")
    if walk.skipped:
        skipped = ", ".join(f"{count} {what}" for what, count in sorted(walk.skipped.items()))
        parts.append(f"left out: {skipped}")
    if report is not None and report.accuracy is not None:
        parts.append(f"accuracy {report.accuracy:.2%} of {report.with_truth} with truth")
    if drift is not None:
        index, words = drift.furthest()
        if index > NOTABLE or (drift.psi is None and options.max_drift):
            parts.append(words)
    if record.model.review_below is None:
        parts.append("the model has no card, so no review threshold")
    duration = record.times.duration_s
    rate = f" ({record.scored / duration:.0f} pictures/s)" if record.scored else ""
    parts.append(f"{duration:.1f} s{rate}")
    return f"{'; '.join(parts)} -> {options.output}"
