"""Whether a run's answers look like those of earlier pictures; no truth is needed for it."""

from batch_predict.drift.stability import (
    NOTABLE,
    SMALLEST,
    Baseline,
    Drift,
    drift,
    stability_index,
)

__all__ = ["NOTABLE", "SMALLEST", "Baseline", "Drift", "drift", "stability_index"]
