"""What a classifier is to answer: its labels', and what teachers answer where those are right."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from batch_predict.records import CLASSES, PIXEL_MAX
from batch_predict.runtimes.keras_runtime import LoadedNetwork

# By label, of which 10 is no digit: all answers are to be alike.
_TOLD: Final = np.vstack([np.eye(CLASSES), np.full(CLASSES, 1 / CLASSES)]).astype(np.float32)


class Teachers:
    """Networks whose mean answer teaches another (after Hinton et al. 2015); without
    any, the labels alone do."""

    def __init__(self, networks: Sequence[LoadedNetwork] = ()) -> None:
        self._networks = networks

    def targets(
        self,
        pixels: NDArray[np.uint8],
        labels: NDArray[np.integer[Any]],
        taught: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """Probabilities (n, 10) that are to be answered to `pixels` (n, 28, 28).

        `labels` (n,) are 0 to 9, or 10 for no digit; `taught` (n,) in 0..1 is the weight of the
        teachers' mean answer where it names the label. The label has the rest.
        """
        told: NDArray[np.float32] = _TOLD[labels]
        if not self._networks:
            return told
        shown = (pixels[..., None] / np.float32(PIXEL_MAX)).astype(np.float32)
        answers = [
            np.asarray(network.predict_on_batch(scale.values(shown)), np.float32)
            for network, scale in self._networks
        ]
        mean = np.mean(answers, axis=0)
        weight = (taught * (mean.argmax(axis=1) == labels))[:, None]
        mixed: NDArray[np.float32] = weight * mean + (1 - weight) * told
        return mixed
