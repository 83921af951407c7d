"""From a command line to a model and its card."""

import os
from dataclasses import asdict
from typing import Final

import numpy as np

from batch_predict.runtimes.keras_runtime import LoadedNetwork
from batch_predict.runtimes.scale import UNIT
from train.calibrate import best_temperature
from train.card import Card, accuracy, new_card, read_card, say_accuracy, write_card
from train.compact import AUGMENTATION, Recipe, fit_compact
from train.data import Dataset, load
from train.export import fold, save
from train.figures import draw_curve
from train.fit import ARTICLE_EPOCHS, Fitted, fit_article, predict, work_folder
from train.material import saved_material

COMPACT_EPOCHS: Final = {"compact": 160, "compact-deep": 120, "teacher": 14}
TINY: Final = 1e-30  # keeps a logarithm finite
COMPACT_HELD_OUT: Final = 12  # one picture in twelve validates: the first 5,000 of 60,000


def train_article(network: str, source: str, output: str, seed: int, epochs: int | None) -> None:
    """Train one of the article's networks, save it, write its card and print its test accuracy."""
    data = load(source, seed)
    folder = work_folder(output)
    fitted = fit_article(network, data, seed, epochs or ARTICLE_EPOCHS, folder)
    draw_curve(folder)
    save(fitted.model, output)
    result = accuracy(predict(fitted.model, data.test), data.test.labels)
    card = new_card(output, LoadedNetwork(fitted.model, UNIT), network, data, fitted.training)
    write_card(output, card | {"accuracy": result})
    print(say_accuracy(result))


def train_compact(recipe: Recipe, source: str, output: str) -> None:
    """Train the shipped network or what it learns from: validated and calibrated, not judged.

    `python -m train evaluate` judges it, once.
    """
    data = load(source, recipe.seed, COMPACT_HELD_OUT)
    folder = work_folder(output)
    path = os.path.join(folder, "material.npz")
    material = saved_material(path, data.train, recipe.seed)
    fitted = fit_compact(recipe, data, material, folder)
    draw_curve(folder)
    finish(fitted, recipe, data, output)


def finish(fitted: Fitted, recipe: Recipe, data: Dataset, output: str) -> None:
    """Fold, calibrate and save a long training's model, and begin its card."""
    plain = predict(fold(fitted.model), data.validation)
    temperature = best_temperature(np.log(plain + TINY), data.validation.labels)
    model = fold(fitted.model, temperature)
    save(model, output)
    training = {
        **fitted.training,
        **asdict(recipe),
        "augmentation": AUGMENTATION,
        "teachers": [_ancestor(path) for path in recipe.teachers],
    }
    result = accuracy(predict(model, data.validation), data.validation.labels)
    card = new_card(output, LoadedNetwork(model, UNIT), recipe.network, data, training)
    card |= {"temperature": round(temperature, 4), "validation_accuracy": result}
    write_card(output, card)
    print(f"validation accuracy {result['value']:.2%}")


def _ancestor(path: str) -> Card:
    """What the card of a model says about another that it learned from."""
    card = read_card(path)
    return {key: card.get(key) for key in ("network", "sha256", "parameters", "training")}
