"""One training as the article does it: Adam, cross-entropy, batches of 64, five epochs."""

import time
from typing import Final, NamedTuple

import keras
import numpy as np

from train.data import Dataset, Pictures
from train.networks import NETWORKS

ARTICLE_BATCH: Final = 64


class Fitted(NamedTuple):
    """A trained model and how it came about."""

    model: keras.Model
    history: dict[str, list[float]]  # one value per epoch
    seconds: float


def fit_article(network: str, data: Dataset, seed: int, epochs: int) -> Fitted:
    """Train `network` on `data.train`, watched on `data.validation`."""
    keras.utils.set_random_seed(seed)
    model = NETWORKS[network]()
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    model.summary(line_length=80)
    start = time.monotonic()
    history = model.fit(
        data.train.inputs(),
        data.train.one_hot(),
        batch_size=ARTICLE_BATCH,
        epochs=epochs,
        validation_data=(data.validation.inputs(), data.validation.one_hot()),
        verbose=2,
    )
    return Fitted(model, history.history, time.monotonic() - start)


def predict(model: keras.Model, pictures: Pictures) -> np.ndarray:
    """Probabilities (n, 10) float32."""
    return np.asarray(model.predict(pictures.inputs(), batch_size=1024, verbose=0))
