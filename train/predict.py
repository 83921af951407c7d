"""What a model answers to pictures."""

from typing import Final

import keras
import numpy as np
from numpy.typing import NDArray

from batch_predict.runtimes.scale import UNIT, Scale
from train.data import Pictures

PREDICT_BATCH: Final = 1024  # pictures


def predict(model: keras.Model, pictures: Pictures, scale: Scale = UNIT) -> NDArray[np.float32]:
    """The outputs (n, 10) float32 of a model that takes pixels on `scale`."""
    inputs = pictures.inputs(scale)
    return np.asarray(model.predict(inputs, batch_size=PREDICT_BATCH, verbose=0), np.float32)
