"""How what the ink network takes a picture for is joined to what the classifier does."""

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch_predict.records import CLASSES

_TINY: Final = 1e-12  # keeps a logarithm finite


class JointRule(NamedTuple):
    """A mean of both, with its confidence calibrated; a model's card has it under `joined`.

    The classifier reads what was made of the map, the class head of the ink network the picture
    itself: where they are at odds neither is sure. Averaging is the sum rule of Kittler et al. 1998
    ("On combining classifiers"), the power a temperature (Guo et al. 2017).
    """

    classifier_weight: float  # from 0 to 1; the class head has the rest
    temperature: float  # above 0: of the mean's logarithm

    @classmethod
    def read(cls, value: Any) -> "JointRule":
        """What a card holds; raises ValueError for anything else."""
        if not isinstance(value, dict):
            raise ValueError("it is no object")
        weight, temperature = (_number(value.get(name)) for name in cls._fields)
        if not (0 <= weight <= 1 and 0 < temperature < math.inf):
            raise ValueError("the weight is from 0 to 1, the temperature finite and above 0")
        return cls(weight, temperature)

    def join(
        self, probabilities: NDArray[np.float32], classes: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """`probabilities` (n, 10) of the classifier, joined to those of the class head.

        `classes` (n, 12) are its ten digits, empty and something else; a row of zeros, where there
        was no need of the ink network, leaves a picture's probabilities as they are.
        """
        marked = classes.any(axis=1)
        if not marked.any():
            return probabilities
        seen = classes[marked].astype(np.float64)
        # What is no digit may be any: so was the classifier trained.
        digits = seen[:, :CLASSES] + seen[:, CLASSES:].sum(axis=1, keepdims=True) / CLASSES
        weight = self.classifier_weight
        mean = weight * probabilities[marked] + (1 - weight) * digits
        sharp = np.exp(np.log(mean + _TINY) / self.temperature)
        joined = probabilities.copy()
        joined[marked] = sharp / sharp.sum(axis=1, keepdims=True)
        return joined


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError("it is not a weight and a temperature")
    try:
        return float(value)
    except OverflowError as error:  # a whole number too large for a float
        raise ValueError("its weight or temperature is out of range") from error
