"""A network that reads digits: pixels in MNIST's form -> ten probabilities."""

from dataclasses import dataclass

import numpy as np

from batch_predict.errors import ModelError
from batch_predict.records import CLASSES, SIDE
from batch_predict.runtimes.exported import Exported
from batch_predict.runtimes.model_file import ModelFile
from batch_predict.runtimes.network import Floats, Network
from batch_predict.runtimes.scale import UNIT, Scale
from batch_predict.runtimes.scale_probe import Told, find_scale
from batch_predict.runtimes.sliced import SLICE


@dataclass(frozen=True)
class Classifier:
    """A network of one output, probabilities, that takes pixels on `scale`."""

    network: Network  # values (n, 28, 28, 1) on `scale` -> probabilities (n, 10)
    scale: Scale = UNIT

    def __call__(self, pixels: Floats) -> Floats:
        """Pixels (n, 28, 28, 1) float32 in [0, 1] -> probabilities (n, 10) float32.

        Where the scale is 0 to 1, the pixels are passed on as they are.
        """
        values = pixels if self.scale == UNIT else self.scale.values(pixels)
        (probabilities,) = self.network(values)
        return probabilities


def tried(network: Network, path: str, errors: tuple[type[Exception], ...]) -> Network:
    """`network`, after one slice of empty pictures: the file at `path` may hold any.

    `errors` are what its library raises, and ValueError for more inputs or outputs than one.

    Raises:
        ModelError: it does not take pictures of 28x28, or gives no ten numbers for each.
    """
    try:
        (answers,) = network(np.zeros((SLICE, SIDE, SIDE, 1), np.float32))
    except errors as error:
        raise ModelError(
            f"can't run the model {path}: it does not take pictures of {SIDE}x{SIDE}, grey, and"
            f" give {CLASSES} numbers for each"
        ) from error
    if answers.shape != (SLICE, CLASSES):
        raise ModelError(
            f"the model {path} gives {answers.shape} for {SLICE} pictures, not {CLASSES} numbers"
            " for each"
        )
    return network


def exported_classifier(
    network: Network, model: ModelFile, exported: Exported, batch_size: int
) -> Classifier:
    """`network` on the scale that the card of `model` gives, else that of its `.onnx` file.

    Raises:
        ModelError: neither says, and it can't be told.
    """
    told = Told() if exported.scale is None else Told((exported.scale,), exported.scale)
    return Classifier(network, find_scale(network, model, told, batch_size))
