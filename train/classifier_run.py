"""From a command line to a classifier that has learned from readings, and its card."""

import os
from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, Final

import numpy as np

from batch_predict.runtimes.keras_runtime import LoadedNetwork
from batch_predict.runtimes.scale import UNIT
from batch_predict.storage.file_hash import file_sha256

from .averaged import AVERAGED_OVER
from .calibrate import best_temperature
from .card import Card, accuracy, new_card, read_card, write_card
from .classifier_batches import BATCH, ODDS, shares_of, sources
from .classifier_training import (
    DECAY,
    FittedClassifier,
    Recipe,
    fit_classifier,
)
from .data import HELD_OUT_OF_RENDERED, Dataset, load
from .export import fold, save
from .history import work_folder
from .judging import Heard, fit_looks
from .machine import machine
from .predict import mean_answer, predict
from .readings import Readings
from .rendered import GROUPS, read_rendered
from .validation import VALIDATION, digits_of, part_of, read_validation

TINY: Final = 1e-30  # keeps a logarithm finite
# The seed of what is rendered, whatever the training's: so that trainings compare and share it.
POOL_SEED: Final = 11


def train_classifier(recipe: Recipe, source: str, output: str) -> None:
    """Train a classifier: validated and calibrated, not judged.

    `python -m train evaluate` judges it, once. A killed training goes on where it was; a finished
    one is exported anew.
    """
    data = load(source, recipe.seed, HELD_OUT_OF_RENDERED)
    folder = work_folder(output)
    pool = recipe.pool or folder
    readings = read_rendered(
        os.path.join(pool, "readings"),
        data.train,
        recipe.ink,
        POOL_SEED,
        {name: part_of(group.pictures, recipe.readings) for name, group in GROUPS.items()},
        recipe.workers,
    )
    held = read_validation(
        os.path.join(pool, VALIDATION),
        data.validation,
        recipe.ink,
        recipe.readings,
        recipe.workers,
    )
    validation = {**digits_of(held), "mnist": data.validation}
    fitted = fit_classifier(recipe, sources(data.train, readings), validation, folder)
    finish(fitted, recipe, data, held, output)


def finish(
    fitted: FittedClassifier,
    recipe: Recipe,
    data: Dataset,
    held: Mapping[str, Readings],
    output: str,
) -> None:
    """Fold, calibrate and save a trained classifier, and begin its card."""
    plain = predict(fold(fitted.network), data.validation)
    temperature = best_temperature(np.log(plain + TINY), data.validation.labels)
    model = fold(fitted.network, temperature)
    save(model, output)
    result = accuracy(predict(model, data.validation), data.validation.labels)
    loaded = LoadedNetwork(model, UNIT)
    card = new_card(output, loaded, recipe.network, data, _training(recipe, fitted))
    card |= {
        "temperature": round(temperature, 4),
        "validation_accuracy": result,
        "validation_readings": {
            name: accuracy(predict(model, pictures), pictures.labels)
            for name, pictures in digits_of(held).items()
        },
        **fit_looks(Heard.of(held, partial(mean_answer, [loaded]), None), {}).to_json(),
    }
    write_card(output, card)
    print(f"validation accuracy {result['value']:.2%}")


def _training(recipe: Recipe, fitted: FittedClassifier) -> dict[str, Any]:
    """How it came about."""
    asked = {name: v for name, v in asdict(recipe).items() if name not in ("pool", "workers")}
    return {
        **asked,
        "ink": file_sha256(recipe.ink),
        "start": _ancestor(recipe.start) if recipe.start else None,
        "teachers": [_ancestor(path) for path in recipe.teachers],
        "done": asdict(fitted.progress),
        "batch_size": BATCH,
        "optimizer": "AdamW, cosine schedule, averaged weights",
        "rate": recipe.rate,
        "decay": DECAY,
        "averaged_over": AVERAGED_OVER,
        "loss": "categorical cross-entropy",
        "odds": {kind.value: odds for kind, odds in ODDS.items()},
        "shares": {name: share._asdict() for name, share in shares_of(recipe.network).items()},
        "machine": machine(),
    }


def _ancestor(path: str) -> Card:
    """What the card of a model says about another that it learned from."""
    card = read_card(path)
    return {key: card.get(key) for key in ("network", "sha256", "parameters", "training")}
