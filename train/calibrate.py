"""Confidence that can be believed: a temperature, and where a person should look."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.evaluate.reliability import bins, expected_calibration_error, mass_edges

REVIEW_SHARE: Final = 0.01  # of the validation pictures, as promised of the test set
TEMPERATURES: Final = (0.2, 5.0)  # where the best one is sought

Floats = NDArray[np.floating]


def best_temperature(logits: Floats, labels: NDArray[np.integer]) -> float:
    """What logits are best divided by before softmax: least log loss (Guo et al. 2017).

    `logits` (n, classes); `labels` (n,) in 0..classes - 1.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    answers = np.eye(logits.shape[1])[labels]
    found = minimize_scalar(
        lambda t: -(answers * log_softmax(logits / t, axis=1)).sum(),
        bounds=TEMPERATURES,
        method="bounded",
    )
    return float(found.x)


def review_threshold(probabilities: Floats) -> float:
    """The confidence below which `REVIEW_SHARE` of the (n, 10) validation answers lie."""
    return round(float(np.quantile(probabilities.max(axis=1), REVIEW_SHARE)), 4)


def calibration_error(probabilities: Floats, labels: NDArray[np.uint8]) -> float:
    """Expected calibration error of (n, 10) answers, 15 bins of equal mass."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    return float(expected_calibration_error(bins(confidence, right, mass_edges(confidence))) or 0)
