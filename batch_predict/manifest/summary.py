"""What a finished run says: one line on stdout, and on stderr what was demanded and is missed."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final

from batch_predict.drift import NOTABLE, Drift
from batch_predict.records import Status

_LOGGER: Final = logging.getLogger(__name__)


def say(manifest: Mapping[str, Any], missed: Iterable[str], *, quiet: bool) -> None:
    """Print the line, unless `quiet`, and what is `missed`."""
    if not quiet:
        print(line(manifest))
    for words in missed:
        _LOGGER.error("%s", words)


def line(manifest: Mapping[str, Any]) -> str:
    """Counts, accuracy where there is ground truth, duration, rate and output."""
    counts = ", ".join(f"{manifest['counts'][status]} {status}" for status in Status)
    parts = [f"{manifest['found']} pictures: {counts}"]
    scored = manifest["found"] - manifest["kept"]
    if manifest["kept"]:
        parts.append(f"{scored} of them anew")
    if manifest["left_out"]:
        left_out = ", ".join(f"{count} {kind}" for kind, count in manifest["left_out"].items())
        parts.append(f"left out: {left_out}")
    if "accuracy" in manifest:
        parts.append(f"accuracy {manifest['accuracy']:.2%} of {manifest['with_truth']} with truth")
    if manifest["drift"]:
        drift = Drift(**manifest["drift"])
        index, words = drift.furthest()
        if index > NOTABLE or (drift.psi is None and manifest["arguments"]["max_drift"]):
            parts.append(words)
    if manifest["model"]["review_below"] is None:
        parts.append("the model has no card, so no review threshold")
    duration = manifest["duration_s"]
    rate = f" ({scored / duration:.0f} pictures/s)" if scored else ""
    parts.append(f"{duration:.1f} s{rate}")
    return f"{'; '.join(parts)} -> {manifest['output']}"
