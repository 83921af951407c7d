"""`python -m train --init MODEL`: go on training a model on one's own pictures."""

import os
from typing import Any, Final

import keras
import numpy as np

from batch_predict.errors import OutputError
from batch_predict.runtimes.keras_runtime import LoadedNetwork, load_network
from batch_predict.runtimes.model_file import find_model
from train.augment import augment
from train.card import accuracy, new_card, write_card
from train.data import Dataset, Pictures, load
from train.export import save
from train.predict import PREDICT_BATCH, predict

EPOCHS: Final = 30  # at most
PATIENCE: Final = 5  # epochs without a better validation loss
RATE: Final = 1e-4
BATCH: Final = 32
COPIES: Final = 10  # augmented ones of each picture and epoch
HARD_SHARE: Final = 0.2  # of them are degraded


def tune(init: str, source: str, output: str, seed: int, *, force: bool) -> None:
    """Fine-tune `init` on `source`, compare on its held-out test part, write `output` and its card.

    Raises:
        ModelError: `init` can't be read, is none that the job takes, or its scale can't be told.
        OutputError: `output` exists and is better on the test part; `force` replaces it.
    """
    keras.utils.set_random_seed(seed)
    path = find_model(init).path
    data = load(source, seed)
    loaded = _load(path)
    before = _test(loaded, data)
    _fit(loaded, data, seed)
    after = _test(loaded, data)
    print(_table(before, after))
    if not force and os.path.exists(output) and _right(output, data) > after["right"]:
        raise OutputError(f"{output} is better on the held-out pictures; --force replaces it")
    save(loaded.network, output)
    network = f"{os.path.basename(path)}, fine-tuned"
    training = {"seed": seed, "optimizer": "AdamW", "rate": RATE, "at_most_epochs": EPOCHS}
    card = new_card(output, loaded, network, data, training)
    write_card(output, card | {"accuracy_before": before, "accuracy": after})


def _load(path: str) -> LoadedNetwork:
    return load_network(find_model(path), PREDICT_BATCH)


def _test(loaded: LoadedNetwork, data: Dataset) -> dict[str, Any]:
    return accuracy(predict(loaded.network, data.test, loaded.scale), data.test.labels)


def _right(path: str, data: Dataset) -> int:
    return int(_test(_load(path), data)["right"])


def _fit(loaded: LoadedNetwork, data: Dataset, seed: int) -> None:
    model, scale = loaded
    rng = np.random.default_rng(seed)
    many = np.tile(np.arange(len(data.train.labels)), COPIES)
    pictures = Pictures(augment(rng, data.train.pixels[many], HARD_SHARE), data.train.labels[many])
    model.compile(
        keras.optimizers.AdamW(RATE), loss="categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(
        pictures.inputs(scale),
        pictures.one_hot(),
        batch_size=BATCH,
        epochs=EPOCHS,
        validation_data=(data.validation.inputs(scale), data.validation.one_hot()),
        validation_batch_size=PREDICT_BATCH,
        callbacks=[keras.callbacks.EarlyStopping(patience=PATIENCE, restore_best_weights=True)],
        verbose=2,
    )


def _table(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Accuracy on the held-out pictures, in all and by digit."""
    digits = [
        (digit, before["per_digit"][digit], after["per_digit"][digit])
        for digit in before["per_digit"]
    ]
    rows = [("all", before["value"], after["value"]), *digits]
    lines = [f"{name:>6} {old:8.2%} {new:8.2%}" for name, old, new in rows]
    return "\n".join([f"held out: {before['n']} pictures", " digit   before    after", *lines])
