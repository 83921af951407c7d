"""A classifier that takes pictures by the batch, each padded to the same size."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.errors import ModelError
from batch_predict.records import CLASSES, PIXEL_MAX, SIDE
from batch_predict.runtimes.classifier import Classifier
from batch_predict.runtimes.network import Floats

TOLERANCE: Final = 1e-3  # how far probabilities may be outside 0 to 1, and the sum of ten from 1


class Padded:
    """Up to `size` pictures a call of `classifier`, padded to that.

    The network sees one shape, and a picture's answer does not depend on how many came with it.
    """

    def __init__(self, classifier: Classifier, size: int) -> None:
        self._classifier = classifier
        self._size = size

    def __call__(self, pixels: NDArray[np.uint8]) -> Floats:
        """Pictures (n, 28, 28) uint8 -> probabilities (n, 10) float32.

        Raises:
            ModelError: the model's outputs are not ten probabilities that sum to 1.
        """
        parts = range(0, len(pixels), self._size)
        answers = [self._of(pixels[at : at + self._size]) for at in parts]
        return np.concatenate(answers) if answers else np.zeros((0, CLASSES), np.float32)

    def _of(self, pixels: NDArray[np.uint8]) -> Floats:
        count = len(pixels)
        values = np.zeros((self._size, SIDE, SIDE, 1), np.float32)
        np.divide(pixels[..., None], np.float32(PIXEL_MAX), out=values[:count])
        probabilities = self._classifier(values)[:count]
        _check(probabilities)
        return probabilities


def are_probabilities(numbers: NDArray[np.floating[Any]]) -> bool:
    """Whether all of `numbers`, of any shape, are from 0 to 1; NaN is not."""
    return bool((np.abs(numbers - 0.5) <= 0.5 + TOLERANCE).all())


def off_sum(probabilities: Floats) -> float:
    """How far any row of `probabilities` (n, 10) is from 1 in sum, at most."""
    return float(np.abs(probabilities.sum(axis=1) - 1).max(initial=0))


def _check(probabilities: Floats) -> None:
    if probabilities.shape[1:] != (CLASSES,) or not are_probabilities(probabilities):
        raise ModelError("the model's outputs are not ten numbers from 0 to 1 a picture")
    off = off_sum(probabilities)
    if off > TOLERANCE:
        raise ModelError(f"the model's outputs do not sum to 1: they are off by up to {off:.3g}")
