"""From a trained model to the file that the job loads."""

from typing import Final

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from batch_predict.errors import UsageError
from batch_predict.records import SIDE

from .batch_norm import BatchNorm

SETTLED_STEPS: Final = 1000  # so many make moving statistics move slowly


def save(model: keras.Model, path: str) -> None:
    """Write layers and weights to a .keras or .h5 file; the optimizer would triple its size."""
    bare = model.__class__.from_config(model.get_config())
    bare.set_weights(model.get_weights())
    bare.save(path)


def fold(model: keras.Model, temperature: float = 1.0) -> keras.Model:
    """`model` (logits, batch-normalized) as a plain float32 network with softmax at its end.

    Each normalization goes into the convolution before it, and `temperature` into the last layer.
    No label changes. After Jacob et al. 2018 (folding) and Guo et al. 2017 (temperature).
    """
    folded, weights = [layers.Input((SIDE, SIDE, 1))], []
    for layer, following in zip(model.layers, [*model.layers[1:], None], strict=True):
        if isinstance(layer, layers.Conv2D):
            folded.append(_bare(layer, activation="relu", use_bias=True))
            weights += _normalized(layer, following)
        elif isinstance(layer, layers.Dense):
            folded.append(_bare(layer, activation="softmax"))
            weights += [w / np.float32(temperature) for w in layer.get_weights()]
        elif isinstance(layer, layers.MaxPooling2D | layers.Flatten):
            folded.append(_bare(layer))
    plain = keras.Sequential(folded)
    plain.set_weights(weights)
    return plain


def unfold(plain: keras.Model, network: keras.Model, pixels: NDArray[np.float32]) -> None:
    """Give `network`, which `fold` would make a model such as `plain` of, the weights of `plain`.

    Each normalization gets the statistics that `pixels` (n, 28, 28, 1) have there, and the scale
    and shift that undo it: until it is trained, `network` answers as `plain` does.

    Raises:
        UsageError: `plain` is of another network.
    """
    bodies = [
        [layer for layer in model.layers if layer.weights and not isinstance(layer, BatchNorm)]
        for model in (plain, network)
    ]
    norms = iter([layer for layer in network.layers if isinstance(layer, BatchNorm)])
    if [layer.kernel.shape for layer in bodies[0]] != [layer.kernel.shape for layer in bodies[1]]:
        raise UsageError("the model to begin with is of another network")
    for old, new in zip(*bodies, strict=True):
        kernel, bias = old.get_weights()
        if isinstance(old, layers.Dense):
            new.set_weights([kernel, bias])
            continue
        new.set_weights([kernel])
        seen = keras.Model(network.inputs, new.output).predict(pixels, verbose=0)
        mean, variance = (f(seen, axis=(0, 1, 2), dtype=np.float64) for f in (np.mean, np.var))
        norm = next(norms)
        norm.gamma.assign(np.sqrt(variance + norm.epsilon))
        norm.beta.assign(bias + mean)
        norm.moving_mean.assign(mean)
        norm.moving_variance.assign(variance)
        norm.steps.assign(SETTLED_STEPS)


def _bare(layer: keras.Layer, **changes: object) -> keras.Layer:
    return layer.__class__.from_config({**layer.get_config(), "dtype": "float32", **changes})


def _normalized(layer: layers.Conv2D, norm: BatchNorm) -> list[np.ndarray]:
    """Kernel and bias of a convolution that does its normalization's work too."""
    gamma, beta, mean, variance = (
        np.asarray(w, np.float64)
        for w in (norm.gamma, norm.beta, norm.moving_mean, norm.moving_variance)
    )
    scale = gamma / np.sqrt(variance + norm.epsilon)
    kernel = layer.get_weights()[0] * scale
    return [kernel.astype(np.float32), (beta - mean * scale).astype(np.float32)]
