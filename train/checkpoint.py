"""What a killed training goes on from."""

import json
import os
from dataclasses import asdict, dataclass
from typing import Final

import keras
import numpy as np

from batch_predict.errors import UsageError

from .averaged import Averaged

NAME: Final = "checkpoint.npz"


@dataclass
class Progress:
    """How far a training is, over all its runs."""

    seconds: float = 0.0
    steps: int = 0
    pictures: int = 0  # seen, repetitions included
    rendered: int = 0  # distinct ones
    chunks: int = 0  # of rendered pictures, begun


def save_checkpoint(folder: str, lesson: Averaged, progress: Progress) -> None:
    """Weights, optimizer and progress in `folder`, whole or not at all."""
    path = os.path.join(folder, NAME)
    arrays = {
        str(place): keras.ops.convert_to_numpy(variable)
        for place, variable in enumerate(_state(lesson))
    }
    with open(f"{path}.part", "wb") as file:
        np.savez(file, progress=json.dumps(asdict(progress)), **arrays)
    os.replace(f"{path}.part", path)


def load_checkpoint(folder: str, lesson: Averaged) -> Progress | None:
    """Put `lesson` where the checkpoint in `folder` was; None where there is none.

    Raises:
        UsageError: it is of another network.
    """
    path = os.path.join(folder, NAME)
    if not os.path.exists(path):
        return None
    variables = _state(lesson)
    with np.load(path) as saved:
        arrays = [saved[str(place)] for place in range(len(saved.files) - 1)]
        if [array.shape for array in arrays] != [tuple(v.shape) for v in variables]:
            raise UsageError(f"{path} is of another network; remove it to start anew")
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)
        return Progress(**json.loads(str(saved["progress"])))


def _state(lesson: Averaged) -> list[keras.Variable]:
    return [*lesson.state(), *lesson.optimizer.variables]
