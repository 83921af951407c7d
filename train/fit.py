"""One training as the article does it: Adam, cross-entropy, batches of 64, five epochs."""

import os
import time
from typing import Any, Final, NamedTuple

import keras
import numpy as np

from batch_predict.runtimes.scale import UNIT, Scale
from train.data import Dataset, Pictures
from train.registry import build

ARTICLE_EPOCHS: Final = 5
ARTICLE_BATCH: Final = 64
PREDICT_BATCH: Final = 1024


class Fitted(NamedTuple):
    """A trained model and how it came about."""

    model: keras.Model
    training: dict[str, Any]  # for the card


def fit_article(network: str, data: Dataset, seed: int, epochs: int, folder: str) -> Fitted:
    """Train `network` on `data.train`, watched on `data.validation`."""
    keras.utils.set_random_seed(seed)
    model = build(network)
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    model.summary(line_length=80)
    start = time.monotonic()
    model.fit(
        data.train.inputs(),
        data.train.one_hot(),
        batch_size=ARTICLE_BATCH,
        epochs=epochs,
        validation_data=(data.validation.inputs(), data.validation.one_hot()),
        callbacks=memory(folder),
        verbose=2,
    )
    training = {
        "seed": seed,
        "epochs": epochs,
        "batch_size": ARTICLE_BATCH,
        "optimizer": "Adam",
        "loss": "categorical cross-entropy",
        "seconds": round(time.monotonic() - start),
    }
    return Fitted(model, training)


def work_folder(output: str) -> str:
    """`my.keras` -> `my.training`, which holds the history, and what a killed training needs."""
    folder = os.path.splitext(output)[0] + ".training"
    os.makedirs(folder, exist_ok=True)
    return folder


def memory(folder: str) -> list[keras.callbacks.Callback]:
    """What lets a killed training go on from its last epoch, and its history in `folder`."""
    return [
        keras.callbacks.BackupAndRestore(os.path.join(folder, "backup")),
        keras.callbacks.CSVLogger(os.path.join(folder, "history.csv"), append=True),
    ]


def predict(model: keras.Model, pictures: Pictures, scale: Scale = UNIT) -> np.ndarray:
    """Probabilities (n, 10) float32 of a model that takes pixels on `scale`."""
    inputs = pictures.inputs(scale)
    return np.asarray(model.predict(inputs, batch_size=PREDICT_BATCH, verbose=0))
