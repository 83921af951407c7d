"""From a command line to the ink network, its ONNX file, its card and a sheet of its answers."""

import json
import os
from dataclasses import asdict
from typing import Final

import keras
import numpy as np

from batch_predict.manifest.versions import versions
from batch_predict.normalize.letterbox import LARGE, SMALL
from batch_predict.runtimes.scale import BYTE
from batch_predict.storage.file_hash import file_sha256
from batch_predict.storage.staging import staging

from .averaged import AVERAGED_OVER
from .calibrate import best_temperature
from .card import Card, write_card
from .cost import multiply_adds
from .data import HELD_OUT_OF_RENDERED, Dataset, load
from .export_onnx import save_exported
from .history import work_folder
from .ink_judge import Answers, answers, draw_sheet, figures
from .ink_lesson import CLASSES_WEIGHT, COVERED, DICE, MAP_WEIGHTS
from .ink_network import fold, ink
from .ink_pool import SIDES
from .ink_training import (
    DECAY,
    RATE,
    SETTLED,
    SMALL_A_LARGE,
    FittedInk,
    Recipe,
    fit_ink,
)
from .machine import machine
from .onnx_writer import to_onnx

DRAWN: Final = {LARGE: 48, SMALL: 96}  # pictures on the sheets


def train_ink(recipe: Recipe, source: str, output: str) -> None:
    """Train the ink network and save it with its ONNX file, card and sheets.

    A killed training goes on where it was; a finished one is exported anew.
    """
    data = load(source, recipe.seed, HELD_OUT_OF_RENDERED)
    folder = work_folder(output)
    fitted = fit_ink(recipe, data, folder)
    said = {side: answers(fitted.network, held) for side, held in fitted.held.items()}
    temperature = _temperature(said, fitted)
    model = fold(fitted.network, temperature)
    model.save(output)
    _save_onnx(model, output)
    judged = {
        "temperature": round(temperature, 4),
        "validation": {
            str(side): {"n": len(held.labels), **figures(said[side], held)}
            for side, held in fitted.held.items()
        },
    }
    write_card(output, {**_card(model, output, data), **_history(recipe, fitted), **judged})
    for side in SIDES:
        path = os.path.join(folder, f"sheet{side}.png")
        draw_sheet(path, said[side], fitted.held[side], DRAWN[side])
    print(json.dumps(judged["validation"], indent=2))


def _temperature(said: dict[int, Answers], fitted: FittedInk) -> float:
    logits = np.concatenate([said[side].classes for side in SIDES])
    labels = np.concatenate([fitted.held[side].labels for side in SIDES])
    return best_temperature(logits, labels)


def _save_onnx(model: keras.Model, output: str) -> None:
    """Write the ONNX file of `model`, which is saved at `output`, beside it."""
    with staging() as staged:
        path = staged.add(f"{os.path.splitext(output)[0]}.onnx")
        save_exported(to_onnx(model), path, file_sha256(output), BYTE)
        staged.commit()


def _card(model: keras.Model, output: str, data: Dataset) -> Card:
    """What is known of `model`, which is saved at `output`, and of its data."""
    return {
        "network": "ink",
        "sha256": file_sha256(output),
        "parameters": model.count_params(),
        "multiply_adds": {str(side): multiply_adds(ink(side)) for side in SIDES},
        "scale": BYTE.to_json(),
        "data": {"sha256": data.sha256(), "licence": data.licence, "split": data.sizes()},
        "versions": versions(),
    }


def _history(recipe: Recipe, fitted: FittedInk) -> Card:
    """How it came about."""
    return {
        "training": {
            **asdict(recipe),
            "done": asdict(fitted.progress),
            "optimizer": "AdamW, cosine schedule, averaged weights",
            "rate": RATE,
            "decay": DECAY,
            "averaged_over": AVERAGED_OVER,
            "settled_after": SETTLED,
            "small_pictures_a_large": SMALL_A_LARGE,
            "loss": {
                "maps": MAP_WEIGHTS,
                "covered": COVERED,
                "dice": DICE,
                "classes": CLASSES_WEIGHT,
            },
            "machine": machine(),
        }
    }
