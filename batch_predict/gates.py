"""The gates: what a run must reach, beyond being finished."""

from collections.abc import Mapping
from typing import Any

from batch_predict.options import Options


def missed(options: Options, about: Mapping[str, Any]) -> list[str]:
    """What the manifest `about` says of each gate that is not met: one line each, for stderr."""
    return [words for words in (_accuracy(options.min_accuracy, about),) if words is not None]


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
