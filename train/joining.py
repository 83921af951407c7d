"""The rule that joins a classifier's answer to a reading with the ink network's own answer, fitted.

Both see the same picture, the one as the map has it, the other as it stands, and err on different
pictures; so their mean, sharpened by one temperature, is right more often than either.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.runtimes.joint_rule import JointRule

TEMPERATURES: Final = (0.3, 3.0)  # where the best one is sought
EVEN: Final = JointRule(0.5, 1.0)  # where the search begins


def fit_joint_rule(
    classifier: NDArray[np.float32], head: NDArray[np.float32], labels: NDArray[np.integer[Any]]
) -> JointRule:
    """The rule of the least log loss on pictures of digits.

    `classifier` (n, 10) are its probabilities, `head` (n, 12) those of the ink network, `labels`
    (n,) in 0..9.
    """
    from scipy.optimize import minimize

    rows = np.arange(len(labels))

    def loss(values: NDArray[np.float64]) -> float:
        told = JointRule(*map(float, values)).join(classifier, head)[rows, labels]
        return float(-np.log(told).mean())

    found = minimize(loss, EVEN, bounds=((0.0, 1.0), TEMPERATURES), method="Nelder-Mead")
    return JointRule(*(round(float(value), 4) for value in found.x))
