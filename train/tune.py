"""`python -m train --init MODEL`: go on training a model on one's own pictures."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import keras
import numpy as np

from batch_predict.errors import OutputError
from batch_predict.manifest.ownership import check_kept
from batch_predict.runtimes.keras_runtime import LoadedNetwork, load_network
from batch_predict.runtimes.model_file import ModelFile, card_path, find_alone, find_model

from .augment import augment
from .card import Card, accuracy, new_card, write_card
from .data import Dataset, Pictures, kept_mnist, load
from .export import save
from .forgetting import Forgotten, kinds_of, right_of, say, warn
from .judging import Heard, fit_looks
from .predict import PREDICT_BATCH, mean_answer, predict
from .readings import Readings
from .validation import load_validation

EPOCHS: Final = 30  # at most
PATIENCE: Final = 5  # epochs without a better validation loss
RATE: Final = 1e-4
BATCH: Final = 32
COPIES: Final = 10  # augmented ones of each picture and epoch
HARD_SHARE: Final = 0.2  # of them are degraded
LEAST: Final = 1e-7  # probability, so that its logarithm is finite


@dataclass(frozen=True)
class Recipe:
    """What a fine-tuning can be asked for."""

    init: str  # the model that it begins with; where that has judges, the best of them
    output: str
    seed: int
    force: bool = False  # replace a better output, too
    mnist: str | None = None  # source of MNIST, to say what is lost there; None: Keras's copy
    rendered: str = ""  # folder of readings that validate, to say what is lost there, and fit looks


def tune(recipe: Recipe, source: str) -> None:
    """Fine-tune on `source`, compare on its held-out test part, write the model and its card.

    Raises:
        UsageError: the output is a judge of the model that it begins with.
        InputError: a source or folder holds no usable pictures.
        ModelError: the model can't be read, is none that the job takes, or its scale can't be told.
        OutputError: the output exists and is better on the test part; `force` replaces it.
    """
    model, output = begin(recipe), recipe.output
    data = load(source, recipe.seed)
    held = load_validation(recipe.rendered) if recipe.rendered else {}
    path, loaded = start(model, data.validation)
    before = _test(loaded, data)
    forgotten = fit(recipe, loaded, data, held)
    after = _test(loaded, data)
    print(table(before, after), say(forgotten), sep="\n")
    if not recipe.force and os.path.exists(output) and _right(output, data) > after["right"]:
        raise OutputError(f"{output} is better on the held-out pictures; --force replaces it")
    save(loaded.network, output)
    network = f"{os.path.basename(path)}, fine-tuned"
    training = {"seed": recipe.seed, "optimizer": "AdamW", "rate": RATE, "at_most_epochs": EPOCHS}
    card = new_card(output, loaded, network, data, training)
    card |= {"accuracy_before": before, "accuracy": after, **looks_of(model, loaded, held)}
    card["forgotten"] = {name: each.to_json() for name, each in forgotten.items()}
    write_card(output, card)
    warn(forgotten)


def begin(recipe: Recipe) -> ModelFile:
    """The model that `recipe` begins with, before anything is drawn.

    Raises:
        UsageError: the output is one of its judges.
        ModelError: it can't be read.
    """
    keras.utils.set_random_seed(recipe.seed)
    model, output = find_model(recipe.init), recipe.output
    judges = {f"the judge {os.path.basename(judge.path)}": judge.path for judge in model.judges}
    check_kept((output, card_path(output)), judges)
    return model


def start(model: ModelFile, validation: Pictures) -> tuple[str, LoadedNetwork]:
    """The network to begin with and its path: `model`, or of its judges the one that reads best."""
    loaded = [(each.path, load_network(each, PREDICT_BATCH)) for each in model.judges or (model,)]
    return max(loaded, key=lambda each: _how_well(each[1], validation))


def _how_well(loaded: LoadedNetwork, pictures: Pictures) -> tuple[int, float]:
    """How many of `pictures` it reads right; among equals, how likely it calls the right digit."""
    answers = predict(loaded.network, pictures, loaded.scale)
    likely = np.log(answers[np.arange(len(answers)), pictures.labels] + LEAST)
    return int((answers.argmax(axis=1) == pictures.labels).sum()), float(likely.mean())


def looks_of(model: ModelFile, tuned: LoadedNetwork, held: Mapping[str, Readings]) -> Card:
    """The looks of the tuned model, its own judge: fitted, or as they were."""
    if held:
        return fit_looks(Heard.of(held, partial(mean_answer, [tuned]), None), {}).to_json()
    if model.looks is None:
        return {}
    looks: Card = {"looks": model.looks.of_judges().to_json()}
    return looks if model.review_below is None else looks | {"review_below": model.review_below}


def _load(path: str) -> LoadedNetwork:
    return load_network(find_alone(path), PREDICT_BATCH)


def _test(loaded: LoadedNetwork, data: Dataset) -> dict[str, Any]:
    return accuracy(predict(loaded.network, data.test, loaded.scale), data.test.labels)


def _right(path: str, data: Dataset) -> int:
    return int(_test(_load(path), data)["right"])


def fit(
    recipe: Recipe, loaded: LoadedNetwork, data: Dataset, held: Mapping[str, Readings]
) -> dict[str, Forgotten]:
    """Train the network on `data`; what it reads otherwise since of MNIST and of `held`, by kind.

    It keeps the weights of its best epoch in validation.
    """
    kinds = kinds_of(recipe.mnist or kept_mnist(), held)
    before = right_of(loaded, kinds)
    _fit(loaded, data, recipe.seed)
    after = right_of(loaded, kinds)
    return {
        name: Forgotten(len(each.labels), before[name], after[name]) for name, each in kinds.items()
    }


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


def table(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Accuracy on the held-out pictures, in all and by digit."""
    digits = [
        (digit, before["per_digit"][digit], after["per_digit"][digit])
        for digit in before["per_digit"]
    ]
    rows = [("all", before["value"], after["value"]), *digits]
    lines = [f"{name:>6} {old:8.2%} {new:8.2%}" for name, old, new in rows]
    return "\n".join([f"held out: {before['n']} pictures", " digit   before    after", *lines])
