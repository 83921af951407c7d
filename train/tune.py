"""`python -m train --init MODEL`: go on training a model on one's own pictures."""

import os
from typing import Any, Final

import keras
import numpy as np

from batch_predict.errors import OutputError
from batch_predict.runtimes.model_file import find_model
from train.augment import augment
from train.card import accuracy, new_card, write_card
from train.data import Dataset, Pictures, load
from train.export import save
from train.fit import PREDICT_BATCH, predict

EPOCHS: Final = 30  # at most
PATIENCE: Final = 5  # epochs without a better validation loss
RATE: Final = 1e-4
BATCH: Final = 32
COPIES: Final = 10  # augmented ones of each picture and epoch
HARD_SHARE: Final = 0.2  # of them are spoilt


def tune(init: str, source: str, output: str, seed: int, *, force: bool) -> None:
    """Fine-tune `init` on `source`, compare on its held-out test part, write `output` and its card.

    Raises:
        OutputError: `output` exists and is better on the test part; `force` replaces it.
    """
    keras.utils.set_random_seed(seed)
    data = load(source, seed)
    path = find_model(init).path
    before = _test(path, data)
    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    _fit(model, data, seed)
    after = accuracy(predict(model, data.test), data.test.labels)
    print(_table(before, after))
    if not force and os.path.exists(output) and _test(output, data)["right"] > after["right"]:
        raise OutputError(f"{output} is better on the held-out pictures; --force replaces it")
    save(model, output)
    network = f"{os.path.basename(path)}, fine-tuned"
    training = {"seed": seed, "optimizer": "AdamW", "rate": RATE, "at_most_epochs": EPOCHS}
    card = new_card(output, model, network, data, training)
    write_card(output, card | {"accuracy_before": before, "accuracy": after})


def _test(path: str, data: Dataset) -> dict[str, Any]:
    model = keras.saving.load_model(path, compile=False, safe_mode=True)
    return accuracy(predict(model, data.test), data.test.labels)


def _fit(model: keras.Model, data: Dataset, seed: int) -> None:
    rng = np.random.default_rng(seed)
    many = np.tile(np.arange(len(data.train.labels)), COPIES)
    pictures = Pictures(augment(rng, data.train.pixels[many], HARD_SHARE), data.train.labels[many])
    model.compile(
        keras.optimizers.AdamW(RATE), loss="categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(
        pictures.inputs(),
        pictures.one_hot(),
        batch_size=BATCH,
        epochs=EPOCHS,
        validation_data=(data.validation.inputs(), data.validation.one_hot()),
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
