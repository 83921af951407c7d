"""A model's card: what it is, what it was made from, and how right it is. JSON beside the model."""

import hashlib
import json
import os
import platform
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from batch_predict import __version__
from batch_predict.records import CLASSES
from train.networks import multiply_adds

Z_95: Final = 1.959964  # two-sided 95% of the normal distribution


def card_path(model_path: str) -> str:
    """`digits.keras` -> `digits.json`."""
    return os.path.splitext(model_path)[0] + ".json"


def write_card(model_path: str, fields: dict[str, Any]) -> None:
    """The card of the model at `model_path`, whole or not at all."""
    path = card_path(model_path)
    with open(path + ".part", "w", encoding="utf-8") as file:
        json.dump(fields, file, indent=2)
        file.write("\n")
    os.replace(path + ".part", path)


def read_card(model_path: str) -> dict[str, Any]:
    """The fields of the card beside `model_path`."""
    with open(card_path(model_path), encoding="utf-8") as file:
        fields: dict[str, Any] = json.load(file)
    return fields


def identity(model_path: str, model: keras.Model) -> dict[str, Any]:
    """What is known of a model from its file alone."""
    return {
        "sha256": file_sha256(model_path),
        "parameters": model.count_params(),
        "multiply_adds": multiply_adds(model),
    }


def file_sha256(path: str) -> str:
    """Of the bytes of the file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def versions() -> dict[str, str]:
    """What the figures were made with."""
    return {
        "batch_predict": __version__,
        "python": platform.python_version(),
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
    }


def accuracy(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> dict[str, Any]:
    """Right answers of (n, 10) against (n,): their share, its 95% interval, and each digit's."""
    right = probabilities.argmax(axis=1) == labels
    low, high = wilson(int(right.sum()), len(right))
    return {
        "n": len(right),
        "right": int(right.sum()),
        "value": round(float(right.mean()), 6),
        "interval_95": [round(low, 6), round(high, 6)],
        "per_digit": {
            str(digit): round(float(right[labels == digit].mean()), 6)
            for digit in range(CLASSES)
            if (labels == digit).any()
        },
    }


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95% score interval of a share (Wilson, JASA 22, 1927)."""
    share, z2 = right / n, Z_95**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * (share * (1 - share) / n + z2 / (4 * n * n)) ** 0.5
    return centre - half, centre + half
