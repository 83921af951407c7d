"""From a command line to a model and its card."""

import os
from dataclasses import asdict
from typing import Final

import numpy as np

from train.calibrate import best_temperature, review_threshold
from train.card import (
    accuracy,
    identity,
    provenance,
    read_card,
    say_accuracy,
    versions,
    write_card,
)
from train.compact import AUGMENTATION, Recipe, fit_compact
from train.curve import draw_curve
from train.data import load
from train.export import fold, save
from train.fit import ARTICLE_EPOCHS, fit_article, predict
from train.material import saved_material

COMPACT_EPOCHS: Final = {"compact": 100, "teacher": 16}
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
    card = {
        "network": network,
        **identity(output, fitted.model),
        "data": provenance(data),
        "training": fitted.training,
        "review_below": review_threshold(predict(fitted.model, data.validation)),
        "accuracy": result,
        "versions": versions(),
    }
    write_card(output, card)
    print(say_accuracy(result))


def train_compact(
    network: str, source: str, output: str, seed: int, epochs: int | None, teacher: str | None
) -> None:
    """Train the shipped network or its teacher: validated and calibrated, not judged.

    `python -m train evaluate` judges it, once.
    """
    data = load(source, seed, COMPACT_HELD_OUT)
    folder = work_folder(output)
    material = saved_material(os.path.join(folder, "material.npz"), data.train, seed)
    recipe = Recipe(network, seed, epochs or COMPACT_EPOCHS[network])
    fitted = fit_compact(recipe, data, material, folder, teacher)
    draw_curve(folder)
    plain = predict(fold(fitted.model), data.validation)
    temperature = best_temperature(np.log(plain + TINY), data.validation.labels)
    model = fold(fitted.model, temperature)
    save(model, output)
    probabilities = predict(model, data.validation)
    card = {
        "network": network,
        **identity(output, model),
        "data": provenance(data),
        "training": fitted.training | asdict(recipe) | {"augmentation": AUGMENTATION},
        "teacher": read_card(teacher) if teacher else None,
        "temperature": round(temperature, 4),
        "review_below": review_threshold(probabilities),
        "validation_accuracy": accuracy(probabilities, data.validation.labels),
        "versions": versions(),
    }
    write_card(output, card)
    print(f"validation accuracy {card['validation_accuracy']['value']:.2%}")


def work_folder(output: str) -> str:
    """`my.keras` -> `my.training`, which holds the history, and what a killed training needs."""
    folder = os.path.splitext(output)[0] + ".training"
    os.makedirs(folder, exist_ok=True)
    return folder
