"""Begin with the weights of a trained model that has the same layers, or more of them."""

import keras
import numpy as np
from keras import layers

from train.layers import FusedBatchNorm


def warm_start(model: keras.Model, folded: keras.Model, inputs: np.ndarray) -> None:
    """Give `model` (batch-normalized) the weights of `folded` (exported), as far as it has room.

    Convolutions are matched in order by shape; what `model` lacks is passed over. Each
    normalization is set to give the mean and variance that `folded` has there on `inputs`
    (n, 28, 28, 1), so that a missing layer does not upset those behind it (Jordan et al. 2023,
    REPAIR).
    """
    convolutions = iter(_convolutions(folded, inputs))
    for layer, following in zip(model.layers, [*model.layers[1:], None], strict=True):
        if isinstance(layer, layers.Conv2D):
            kernel, mean, variance, bias = next(
                found for found in convolutions if found[0].shape == tuple(layer.kernel.shape)
            )
            layer.set_weights([kernel])
            _set(following, mean, variance, bias)
        elif isinstance(layer, layers.Dense):
            layer.set_weights(folded.layers[-1].get_weights())


def _convolutions(folded: keras.Model, inputs: np.ndarray) -> list[tuple[np.ndarray, ...]]:
    """Kernel, mean and variance of its output before the bias, and bias, in order."""
    found: list[tuple[np.ndarray, ...]] = []
    signal = inputs
    for layer in folded.layers:
        if isinstance(layer, layers.Conv2D):
            kernel, bias = layer.get_weights()
            linear = keras.ops.conv(signal, kernel, layer.strides, layer.padding)
            output = keras.ops.convert_to_numpy(linear)
            found.append((kernel, output.mean((0, 1, 2)), output.var((0, 1, 2)), bias))
        signal = layer(signal)
    return found


def _set(norm: FusedBatchNorm, mean: np.ndarray, variance: np.ndarray, bias: np.ndarray) -> None:
    norm.gamma.assign(np.sqrt(variance + norm.epsilon))
    norm.beta.assign(mean + bias)
    norm.moving_mean.assign(mean)
    norm.moving_variance.assign(variance)
