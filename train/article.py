"""The article's training: Adam, cross-entropy, batches of 64, five epochs; judged at once."""

import os
import time
from typing import Any, Final

import keras

from batch_predict.runtimes.keras_runtime import LoadedNetwork
from batch_predict.runtimes.scale import UNIT

from .card import accuracy, new_card, say_accuracy, write_card
from .data import Dataset, load
from .export import save
from .figures import draw_curve
from .history import work_folder
from .predict import predict
from .registry import build

EPOCHS: Final = 5
BATCH: Final = 64


def train_article(network: str, source: str, output: str, seed: int, epochs: int | None) -> None:
    """Train one of the article's networks, save it, write its card and print its test accuracy.

    A killed training goes on from its last epoch.
    """
    data = load(source, seed)
    folder = work_folder(output)
    model, training = _fit(network, data, seed, epochs or EPOCHS, folder)
    draw_curve(folder)
    save(model, output)
    result = accuracy(predict(model, data.test), data.test.labels)
    card = new_card(output, LoadedNetwork(model, UNIT), network, data, training)
    write_card(output, card | {"accuracy": result})
    print(say_accuracy(result))


def _fit(
    network: str, data: Dataset, seed: int, epochs: int, folder: str
) -> tuple[keras.Model, dict[str, Any]]:
    """The model, watched on `data.validation`, and how it came about."""
    keras.utils.set_random_seed(seed)
    model = build(network)
    model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
    model.summary(line_length=80)
    start = time.monotonic()
    model.fit(
        data.train.inputs(),
        data.train.one_hot(),
        batch_size=BATCH,
        epochs=epochs,
        validation_data=(data.validation.inputs(), data.validation.one_hot()),
        callbacks=[
            keras.callbacks.BackupAndRestore(os.path.join(folder, "backup")),
            keras.callbacks.CSVLogger(os.path.join(folder, "history.csv"), append=True),
        ],
        verbose=2,
    )
    return model, {
        "seed": seed,
        "epochs": epochs,
        "batch_size": BATCH,
        "optimizer": "Adam",
        "loss": "categorical cross-entropy",
        "seconds": round(time.monotonic() - start),
    }
