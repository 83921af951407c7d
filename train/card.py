"""A model's card: what it is, what it was made from, and how right it is. JSON beside the model."""

import json
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray

from batch_predict.evaluate.reliability import wilson
from batch_predict.manifest.versions import versions
from batch_predict.records import CLASSES
from batch_predict.runtimes.keras_runtime import LoadedNetwork
from batch_predict.runtimes.model_file import card_path, find_alone
from batch_predict.storage.file_hash import file_sha256
from batch_predict.storage.staging import staging

from .calibrate import review_threshold
from .cost import multiply_adds
from .data import Dataset
from .predict import predict

Card = dict[str, Any]
#: the fields that an evaluation on the test set writes
OF_TEST: Final = frozenset(
    "accuracy calibration cost_ratio review looked profile calibrated_to_drift ink_sha256"
    " normalizer".split()
)


def write_card(model_path: str, card: Card) -> None:
    """The card of the model at `model_path`, whole or not at all."""
    with staging() as staged:
        with open(staged.add(card_path(model_path)), "w", encoding="utf-8") as file:
            json.dump(card, file, indent=2)
            file.write("\n")
        staged.commit()


def read_card(model_path: str) -> Card:
    """The card beside `model_path`; empty where there is none."""
    return find_alone(model_path).card or {}


def identity(model_path: str, model: keras.Model) -> Card:
    """What is known of a model from its file alone."""
    return {
        "sha256": file_sha256(model_path),  # a card that lies there may be of the file before
        "parameters": model.count_params(),
        "multiply_adds": multiply_adds(model),
    }


def new_card(
    output: str, loaded: LoadedNetwork, network: str, data: Dataset, training: Card
) -> Card:
    """What is known of a model that was trained on `data` and saved at `output`, not judged."""
    model, scale = loaded
    return {
        "network": network,
        **identity(output, model),
        "scale": scale.to_json(),
        "data": {"sha256": data.sha256(), "licence": data.licence, "split": data.sizes()},
        "training": training,
        "review_below": review_threshold(predict(model, data.validation, scale)),
        "versions": versions(),
    }


def accuracy(probabilities: NDArray[np.float32], labels: NDArray[np.uint8]) -> Card:
    """Right answers of (n, 10) against (n,): see `accuracy_of`."""
    return accuracy_of(probabilities.argmax(axis=1) == labels, labels)


def accuracy_of(right: NDArray[np.bool_], labels: NDArray[np.uint8]) -> Card:
    """How many answers to pictures of `labels` (n,) are `right` (n,): the share, its 95% interval,
    and each digit's."""
    interval = wilson(int(right.sum()), len(right)) or (0.0, 1.0)
    return {
        "n": len(right),
        "right": int(right.sum()),
        "value": round(float(right.mean()), 6),
        "interval_95": [round(bound, 6) for bound in interval],
        "per_digit": {
            str(digit): round(float(right[labels == digit].mean()), 6)
            for digit in range(CLASSES)
            if (labels == digit).any()
        },
    }


def say_accuracy(result: Card) -> str:
    """One line for a person."""
    low, high = result["interval_95"]
    return f"test accuracy {result['value']:.2%} (n={result['n']}, 95% {low:.2%} to {high:.2%})"
