"""`python -m train digits MODEL`: what the model learned from, for runs to know its pictures."""

import os
from typing import Final

import numpy as np

from batch_predict.errors import UsageError
from batch_predict.pixel_hash import pixel_hashes
from batch_predict.runtimes.model_file import model_path
from batch_predict.runtimes.training_digits import FIELD
from batch_predict.storage.file_hash import file_sha256
from batch_predict.storage.staging import staging

from .card import read_card, write_card
from .data import load

_SUFFIX: Final = ".training.npz"


def write_training_digits(model: str, source: str) -> str:
    """Hash the pictures of `source` that `model` learned from or was chosen by, and name the file
    in its card; returns the file's path.

    Raises:
        UsageError: it learned from others, or has no card that says.
    """
    path = model_path(model)
    card = read_card(path)
    if "data" not in card:
        raise UsageError(f"{path} has no card that says from what it learned")
    split = card["data"]["split"]
    held_out = (split["train"] + split["validation"]) // split["validation"]
    data = load(source, card["training"]["seed"], held_out)
    if data.sha256() != card["data"]["sha256"]:
        raise UsageError(f"{path} did not learn from {source}: its card names other pictures")
    hashes = pixel_hashes(np.concatenate([data.train.pixels, data.validation.pixels]))
    target = f"{os.path.splitext(path)[0]}{_SUFFIX}"
    with staging() as staged:
        with open(staged.add(target), "wb") as file:
            np.savez(file, pixel_hashes=np.unique(hashes))
        staged.commit()
    write_card(
        path, card | {FIELD: {"file": os.path.basename(target), "sha256": file_sha256(target)}}
    )
    return target
