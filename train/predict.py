"""What a model answers to pictures."""

from collections.abc import Sequence
from typing import Final

import keras
import numpy as np
from numpy.typing import NDArray

from batch_predict.runtimes.keras_runtime import LoadedNetwork
from batch_predict.runtimes.scale import UNIT, Scale

from .data import Pictures

PREDICT_BATCH: Final = 1024  # pictures


def predict(model: keras.Model, pictures: Pictures, scale: Scale = UNIT) -> NDArray[np.float32]:
    """The outputs (n, 10) float32 of a model that takes pixels on `scale`."""
    inputs = pictures.inputs(scale)
    return np.asarray(model.predict(inputs, batch_size=PREDICT_BATCH, verbose=0), np.float32)


def mean_answer(
    networks: Sequence[LoadedNetwork], pixels: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """The mean of the outputs of `networks` (n, 10) for pictures (n, 28, 28) uint8."""
    pictures = Pictures(pixels, np.zeros(len(pixels), np.uint8))
    answers = [predict(each.network, pictures, each.scale) for each in networks]
    mean: NDArray[np.float32] = np.mean(answers, axis=0, dtype=np.float32)
    return mean
